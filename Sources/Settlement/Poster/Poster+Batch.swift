import Kernel

extension Poster {
    mutating func takeBatch() -> [Submission] {
        var commands = 0
        var postings = 0
        var count = 0
        for submission in queue {
            let own = submission.commands.reduce(0) { $0 + $1.postingsEstimate }
            let fits =
                commands + submission.commands.count <= limits.commandsMax && postings + own <= limits.postingsMax
            guard count == 0 || (fits && isolated == 0) else { break }
            commands += submission.commands.count
            postings += own
            count += 1
        }
        let batch = Array(queue.prefix(count))
        queue.removeFirst(count)
        return batch
    }

    mutating func begin(_ batch: [Submission], nowMs: Int64) -> [PosterEffect] {
        guard let state else { preconditionFailure("a batch needs the book") }
        var requirements = Requirements()
        for submission in batch {
            for command in submission.commands { state.missing(for: command, into: &requirements) }
        }
        guard !requirements.isEmpty else { return decide(batch, nowMs: nowMs) }
        phase = .loading(batch, requirements)
        return [.load(requirements)]
    }

    mutating func decide(_ batch: [Submission], nowMs: Int64) -> [PosterEffect] {
        guard let lease, let before = state?.head.seq else { preconditionFailure("a batch needs the book") }
        var decisions: [[Decision]] = []
        decisions.reserveCapacity(batch.count)
        var intentAnswers = owedAnswers
        var isTimeless = true
        for submission in batch {
            let raw = decide(submission, nowMs: nowMs)
            isTimeless = isTimeless && raw.allSatisfy(LedgerState.isTimeless)
            let own = submission.mayBeCommitted ? raw.map { .decided($0.outcome) } : raw
            decisions.append(own)
            if let intentID = submission.intentID {
                intentAnswers.append(IntentAnswer(intentID: intentID, decisions: own))
            }
        }
        let writes = state?.takeWrites() ?? BatchWrites()
        // What was decided on this process's belief alone needs the commit as its fence, even when it writes nothing.
        guard let state, !isTimeless || !intentAnswers.isEmpty else {
            phase = .idle
            isolated = max(0, isolated - 1)
            self.state?.trim()
            return answers(batch, decisions) + next(nowMs: nowMs)
        }
        phase = .committing(batch, decisions)
        return [
            .commit(
                PosterCommit(
                    writes: writes, epoch: lease.epoch, seqBefore: before, head: state.head,
                    nextAccountID: state.nextAccountID, intentAnswers: intentAnswers))
        ]
    }

    private mutating func decide(_ submission: Submission, nowMs: Int64) -> [Decision] {
        if submission.isAtomic { return state?.decideAtomically(submission.commands, nowMs: nowMs) ?? [] }
        return submission.commands.map { command in
            guard let decision = state?.decide(command, nowMs: nowMs) else {
                preconditionFailure("a batch needs the book")
            }
            return decision
        }
    }

    func answers(_ batch: [Submission], _ decisions: [[Decision]]) -> [PosterEffect] {
        zip(batch, decisions).compactMap { submission, own in
            submission.intentID != nil ? nil : .answer(ticket: submission.ticket, own)
        }
    }

    mutating func failed(_ failure: StoreFailure, nowMs: Int64) -> [PosterEffect] {
        var batch: [Submission] = []
        var wasCommitting = false
        switch phase {
        case .idle: preconditionFailure("an answer to nothing that was asked")
        case .acquiring, .renewing: break
        case .loading(let loading, _): batch = loading
        case .committing(let committing, _):
            batch = committing
            wasCommitting = true
        }
        let wasAcquiring = if case .acquiring = phase { true } else { false }
        phase = .idle
        lease = nil
        state = nil
        var effects: [PosterEffect] = []
        switch failure {
        case .fenced: break
        case .outcomeUnknown(let why), .unavailable(let why):
            if case .outcomeUnknown = failure, wasCommitting {
                for index in batch.indices { batch[index].mayBeCommitted = true }
            }
            if wasAcquiring {
                batch = queue
                queue.removeAll()
            }
            effects = countAttempt(&batch, .databaseUnavailable(why))
        case .rejected(let why):
            if batch.count > 1 {
                isolated = batch.count
            } else if batch.count == 1 {
                isolated = max(0, isolated - 1)
                effects = batch.filter { $0.intentID == nil }.map { .fail(ticket: $0.ticket, .rejected(why)) }
                owedAnswers += batch.compactMap { submission in
                    submission.intentID.map { IntentAnswer(intentID: $0, decisions: []) }
                }
                for submission in batch { submission.intentID.map { _ = heldIntents.remove($0) } }
                batch.removeAll()
            } else {
                batch = queue
                queue.removeAll()
                effects = countAttempt(&batch, .databaseUnavailable(why))
            }
        }
        queue.insert(contentsOf: batch, at: 0)
        return effects + next(nowMs: nowMs)
    }

    /// Gives up on those that were tried too often; forwarded ones stay in the database and come again.
    private mutating func countAttempt(_ batch: inout [Submission], _ failure: LedgerFailure) -> [PosterEffect] {
        for index in batch.indices { batch[index].attempts += 1 }
        let over = batch.filter { $0.attempts >= limits.attemptsMax }
        batch.removeAll { $0.attempts >= limits.attemptsMax }
        for submission in over { submission.intentID.map { _ = heldIntents.remove($0) } }
        return over.filter { $0.intentID == nil }.map { .fail(ticket: $0.ticket, failure) }
    }
}

extension Command {
    /// Roughly how many postings it makes.
    var postingsEstimate: Int {
        switch action {
        case .settle(let order): order.parts.count + order.fees.count + 2
        case .refund(let order): order.sources.count + 2
        default: 4
        }
    }
}
