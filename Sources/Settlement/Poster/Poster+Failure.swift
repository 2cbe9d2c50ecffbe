import Kernel

extension Poster {
    mutating func failed(_ call: PosterCall, _ failure: StoreFailure, nowMs: Int64) -> [PosterEffect] {
        switch call {
        case .lease: leaseFailed(failure) + next(nowMs: nowMs)
        case .commit: commitFailed(failure) + next(nowMs: nowMs)
        case .load(let number): loadFailed(number, failure) + next(nowMs: nowMs)
        }
    }

    private mutating func leaseFailed(_ failure: StoreFailure) -> [PosterEffect] {
        guard let call = leaseCall else { preconditionFailure("an answer to nothing that was asked") }
        leaseCall = nil
        forgetBook()
        guard failure != .fenced, call == .acquiring else { return [] }
        var waiting = queue
        let effects = countAttempt(&waiting, .databaseUnavailable(failure.reason))
        queue = waiting
        return effects
    }

    private mutating func commitFailed(_ failure: StoreFailure) -> [PosterEffect] {
        guard let batch = committing else { preconditionFailure("an answer to nothing that was asked") }
        var submissions = batch.submissions
        // All that was decided on top of it is decided again behind it.
        let behind = (open?.submissions ?? []) + (loading?.submissions ?? [])
        committing = nil
        open = nil
        loading = nil
        holdsLoads = false
        forgetBook()
        if case .outcomeUnknown = failure {
            for index in submissions.indices { submissions[index].mayBeCommitted = true }
        }
        let effects = putBack(&submissions, failure)
        queue.insert(contentsOf: submissions + behind, at: 0)
        return effects
    }

    /// A load that failed changed nothing. Beside a commit it is tried again when that is answered; without one the
    /// lease is asked for again, which finds out whether the database answers.
    private mutating func loadFailed(_ number: UInt64, _ failure: StoreFailure) -> [PosterEffect] {
        guard let failed = loading, failed.number == number else { return [] }
        loading = nil
        var submissions = failed.submissions
        if committing == nil { forgetBook() } else { holdsLoads = true }
        let effects = putBack(&submissions, failure)
        queue.insert(contentsOf: submissions, at: 0)
        return effects
    }

    private mutating func forgetBook() {
        precondition(loading == nil && open == nil, "a batch is still open")
        lease = nil
        state = nil
    }

    /// What becomes of the submissions of a call that failed: those that are tried again stay.
    private mutating func putBack(_ submissions: inout [Submission], _ failure: StoreFailure) -> [PosterEffect] {
        switch failure {
        case .fenced: return []
        case .outcomeUnknown(let why), .unavailable(let why):
            return countAttempt(&submissions, .databaseUnavailable(why))
        case .rejected(let why):
            guard submissions.count <= 1 else {
                // The batches that are still out count down too.
                isolated = submissions.count + (committing == nil ? 0 : 1) + (open == nil ? 0 : 1)
                return []
            }
            isolated = max(0, isolated - 1)
            guard let submission = submissions.first else {
                // Only owed answers to intents were in it.
                var waiting = queue
                let effects = countAttempt(&waiting, .databaseUnavailable(why))
                queue = waiting
                return effects
            }
            submissions.removeAll()
            guard let id = submission.intentID else { return [.fail(ticket: submission.ticket, .rejected(why))] }
            owedAnswers.append(IntentAnswer(intentID: id, decisions: []))
            heldIntents.remove(id)
            return []
        }
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

extension StoreFailure {
    fileprivate var reason: String {
        switch self {
        case .unavailable(let why), .outcomeUnknown(let why), .rejected(let why): why
        case .fenced: "another process holds the lease"
        }
    }
}
