public import Kernel

/// The book's single writer, as a pure machine: events in, effects out. It has no clock, no thread and no connection,
/// so that the simulator can run it through every fault.
///
/// It takes whatever has queued while the last commit was in flight, loads what is missing, decides one command after
/// the other, writes everything in one transaction, and answers after the commit. When a commit fails or nobody knows,
/// it forgets everything, takes the lease anew (which waits for the book's row) and decides the same commands again:
/// what had been committed is then found as a stored reply.
public struct Poster: Sendable {
    /// Bounds of a batch.
    public struct Limits: Hashable, Sendable {
        /// Commands per transaction. Past 1024 the gain is small and the wait grows (measured 256 → 1024: +15 %).
        public var commandsMax: Int
        /// Postings per transaction, so that settlements of a thousand contributors do not make a batch of a million
        /// rows.
        public var postingsMax: Int
        /// How often a batch is tried before those who wait are told that the database does not answer.
        public var attemptsMax: Int

        /// Bounds.
        public init(commandsMax: Int = 1024, postingsMax: Int = 40_000, attemptsMax: Int = 5) {
            self.commandsMax = commandsMax
            self.postingsMax = postingsMax
            self.attemptsMax = attemptsMax
        }
    }

    enum Phase {
        /// Nothing is out.
        case idle
        /// `acquireLease` is out.
        case acquiring
        /// `renewLease` is out.
        case renewing
        /// `load` is out for this batch.
        case loading([Submission], Requirements)
        /// `commit` is out for this batch, with these answers.
        case committing([Submission], [[Decision]])
    }

    let book: BookIdentity
    let limits: Limits
    var phase = Phase.idle
    var queue: [Submission] = []
    var lease: Lease?
    var state: LedgerState?
    /// Another process was seen to hold the lease: work is handed over.
    var isFollower = false
    var isStopping = false
    /// Intents that wait here or are out, so that handing one over again costs nothing.
    var heldIntents: Set<String> = []
    /// Answers to intents that the database refused, to go out with the next commit.
    var owedAnswers: [IntentAnswer] = []
    /// Batches are cut to one submission until these many are through, to find the one that the database refuses.
    var isolated = 0

    /// A poster that has not asked for the lease yet.
    public init(book: BookIdentity, limits: Limits = Limits()) {
        self.book = book
        self.limits = limits
    }

    /// Whether this process writes the book.
    public var isLeader: Bool { lease != nil }
    /// Commands that wait.
    public var queuedCount: Int { queue.count }
    /// The submissions whose batch is out.
    package var batch: [Submission] {
        switch phase {
        case .loading(let batch, _), .committing(let batch, _): batch
        case .idle, .acquiring, .renewing: []
        }
    }
    /// Whether nothing is out and nothing waits.
    public var isIdle: Bool {
        if case .idle = phase { return queue.isEmpty }
        return false
    }

    /// Takes one event and says what to do next.
    public mutating func handle(_ event: PosterEvent, nowMs: Int64) -> [PosterEffect] {
        switch (event, phase) {
        case (.submitted(let submissions), _):
            for submission in submissions {
                if let id = submission.intentID, !heldIntents.insert(id).inserted { continue }
                queue.append(submission)
            }
            return next(nowMs: nowMs)
        case (.tick, .idle): return tick(nowMs: nowMs)
        case (.tick, _): return []
        case (.stop, _):
            isStopping = true
            return next(nowMs: nowMs)
        case (.leaseGranted(let granted), .acquiring):
            lease = granted
            isFollower = false
            state = LedgerState(book: book, head: granted.head, nextAccountID: granted.nextAccountID)
            phase = .idle
            return next(nowMs: nowMs)
        case (.leaseDenied, .acquiring):
            lease = nil
            isFollower = true
            phase = .idle
            return next(nowMs: nowMs)
        case (.loaded(let facts), .loading(let batch, let asked)):
            state?.absorb(facts, asked: asked)
            return decide(batch, nowMs: nowMs)
        case (.committed, .renewing):
            phase = .idle
            return next(nowMs: nowMs)
        case (.committed, .committing(let batch, let decisions)):
            phase = .idle
            isolated = max(0, isolated - 1)
            owedAnswers.removeAll()
            state?.trim()
            for submission in batch { submission.intentID.map { _ = heldIntents.remove($0) } }
            return answers(batch, decisions) + next(nowMs: nowMs)
        case (.failed(let failure), _): return failed(failure, nowMs: nowMs)
        default: preconditionFailure("an answer to nothing that was asked")
        }
    }

    private mutating func tick(nowMs: Int64) -> [PosterEffect] {
        guard !isStopping else { return next(nowMs: nowMs) }
        if let lease {
            guard queue.isEmpty else { return next(nowMs: nowMs) }
            phase = .renewing
            return [.renewLease(epoch: lease.epoch)]
        }
        phase = .acquiring
        return [.acquireLease]
    }

    /// Starts what can be started.
    mutating func next(nowMs: Int64) -> [PosterEffect] {
        guard case .idle = phase else { return [] }
        if isStopping { return stop() }
        guard !queue.isEmpty || !owedAnswers.isEmpty else { return [] }
        if isFollower {
            // The intents lie in the database still, for whoever leads now.
            owedAnswers.removeAll()
            heldIntents.removeAll()
            let own = queue.filter { $0.intentID == nil }
            queue.removeAll()
            return own.isEmpty ? [] : [.forward(own)]
        }
        guard state != nil else {
            phase = .acquiring
            return [.acquireLease]
        }
        return begin(takeBatch(), nowMs: nowMs)
    }

    private mutating func stop() -> [PosterEffect] {
        let refused = queue.filter { $0.intentID == nil }.map { PosterEffect.fail(ticket: $0.ticket, .stopping) }
        queue.removeAll()
        guard let lease else { return refused }
        self.lease = nil
        state = nil
        return refused + [.releaseLease(epoch: lease.epoch)]
    }
}
