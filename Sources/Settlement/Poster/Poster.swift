public import Kernel

/// The book's single writer, as a pure machine: events in, effects out. It has no clock, no thread and no connection,
/// so that the simulator can run it through every fault.
///
/// It takes whatever has queued, loads what is missing, decides one command after the other, and sends what was decided
/// as one transaction. While that is on its way the next batch is loaded and decided already, on top of it; it is sent
/// when the one before is durable, and nobody is answered earlier. When a commit fails or nobody knows, the machine
/// forgets everything, takes the lease anew (which waits for the book's row) and decides the same commands again: what
/// had been committed is then found as a stored reply.
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
        /// Commands that must wait before the next batch is loaded beside a commit: a load costs as much as deciding
        /// some dozen commands, so a few wait for the commit instead.
        public var overlapMin: Int

        /// Bounds.
        public init(
            commandsMax: Int = 1024, postingsMax: Int = 40_000, attemptsMax: Int = 5, overlapMin: Int = 48
        ) {
            self.commandsMax = commandsMax
            self.postingsMax = postingsMax
            self.attemptsMax = attemptsMax
            self.overlapMin = overlapMin
        }
    }

    /// A call about the lease; nothing else is out then.
    enum LeaseCall { case acquiring, renewing }

    /// A load that is out, and for whom.
    struct Loading {
        let number: UInt64
        let submissions: [Submission]
        let asked: Requirements
    }

    let book: BookIdentity
    let limits: Limits
    var queue: [Submission] = []
    var lease: Lease?
    var state: LedgerState?
    var leaseCall: LeaseCall?
    var loading: Loading?
    var loadNumber: UInt64 = 0
    /// Decided on `state`, and not sent: `state.writes` is what it writes.
    var open: DecidedBatch?
    /// On its way to the database.
    var committing: DecidedBatch?
    /// Another process was seen to hold the lease: work is handed over.
    var isFollower = false
    var isStopping = false
    /// A load failed while a commit was out: the next one waits for what becomes of that.
    var holdsLoads = false
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
    /// Submissions that wait.
    public var queuedCount: Int { queue.count }
    /// What the commit that is out makes true.
    package var committingItems: [DecidedSubmission] { committing?.items ?? [] }
    /// Whether nothing is out and nothing waits.
    public var isIdle: Bool { isQuiet && leaseCall == nil && queue.isEmpty }
    /// Whether everything decided is durable, and nothing is being loaded.
    var isQuiet: Bool { loading == nil && open == nil && committing == nil }

    /// Takes one event and says what to do next.
    public mutating func handle(_ event: PosterEvent, nowMs: Int64) -> [PosterEffect] {
        switch event {
        case .submitted(let submissions):
            for submission in submissions {
                if let id = submission.intentID, !heldIntents.insert(id).inserted { continue }
                queue.append(submission)
            }
            return next(nowMs: nowMs)
        case .tick: return tick(nowMs: nowMs)
        case .stop:
            isStopping = true
            return next(nowMs: nowMs)
        case .leaseGranted(let granted):
            endLeaseCall(.acquiring)
            lease = granted
            isFollower = false
            state = LedgerState(book: book, head: granted.head, nextAccountID: granted.nextAccountID)
            return next(nowMs: nowMs)
        case .leaseDenied:
            endLeaseCall(.acquiring)
            lease = nil
            isFollower = true
            return next(nowMs: nowMs)
        case .leaseRenewed:
            endLeaseCall(.renewing)
            return next(nowMs: nowMs)
        case .loaded(let number, let facts):
            guard let loaded = loading, loaded.number == number else { return [] }
            loading = nil
            state?.absorb(facts, asked: loaded.asked)
            decide(loaded.submissions, after: number, nowMs: nowMs)
            return next(nowMs: nowMs)
        case .committed: return committed(nowMs: nowMs)
        case .failed(let call, let failure): return failed(call, failure, nowMs: nowMs)
        }
    }

    mutating func endLeaseCall(_ call: LeaseCall) {
        precondition(leaseCall == call, "an answer to nothing that was asked")
        leaseCall = nil
    }

    private mutating func tick(nowMs: Int64) -> [PosterEffect] {
        guard leaseCall == nil, isQuiet, !isStopping, queue.isEmpty || lease == nil else { return next(nowMs: nowMs) }
        leaseCall = lease == nil ? .acquiring : .renewing
        return lease.map { [.renewLease(epoch: $0.epoch)] } ?? [.acquireLease]
    }

    /// Starts what can be started.
    mutating func next(nowMs: Int64) -> [PosterEffect] {
        guard leaseCall == nil else { return [] }
        if isStopping, isQuiet { return stop() }
        guard state != nil else { return begin() }
        var effects: [PosterEffect] = []
        // What is decided goes first, so that what waits is not split between it and the next batch. A batch that needs
        // no commit ends at once and makes room for another.
        repeat {
            effects += send()
            if let load = take(nowMs: nowMs) { effects.append(load) }
        } while open != nil && committing == nil
        if isStopping, isQuiet { effects += stop() }
        return effects
    }

    /// Without the book: asks for it, or hands work to the process that has it.
    private mutating func begin() -> [PosterEffect] {
        guard !queue.isEmpty || !owedAnswers.isEmpty else { return [] }
        if isFollower {
            // The intents lie in the database still, for whoever leads now.
            owedAnswers.removeAll()
            heldIntents.removeAll()
            let own = queue.filter { $0.intentID == nil }
            queue.removeAll()
            return own.isEmpty ? [] : [.forward(own)]
        }
        leaseCall = .acquiring
        return [.acquireLease]
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
