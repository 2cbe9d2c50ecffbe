import Kernel

extension Poster {
    /// Takes submissions for the open batch and decides them, or asks for what they need first.
    mutating func take(nowMs: Int64) -> PosterEffect? {
        while mayTake {
            if state?.isOverfull == true {
                guard isQuiet else { return nil }
                state?.trim()
            }
            let taken = takeFromQueue()
            guard !taken.isEmpty else { return nil }
            let asked = missing(for: taken)
            guard asked.isEmpty else {
                loadNumber += 1
                loading = Loading(number: loadNumber, submissions: taken, asked: asked)
                return .load(loadNumber, asked)
            }
            decide(taken, after: loadNumber, nowMs: nowMs)
        }
        return nil
    }

    private func missing(for submissions: [Submission]) -> Requirements {
        var asked = Requirements()
        for submission in submissions {
            for command in submission.commands { state?.missing(for: command, into: &asked) }
        }
        return asked
    }

    private var mayTake: Bool {
        guard loading == nil, !isStopping, !queue.isEmpty else { return false }
        // One that the database refuses is looked for alone.
        if isolated > 0 { return open == nil && committing == nil }
        guard committing != nil else { return true }
        guard !holdsLoads else { return false }
        var waiting = 0
        for submission in queue {
            waiting += submission.commands.count
            if waiting >= limits.overlapMin { return true }
        }
        return false
    }

    /// What fits into the open batch and does not need facts that are on their way into the database.
    private mutating func takeFromQueue() -> [Submission] {
        var commands = open?.commandsCount ?? 0
        var postings = open?.postingsEstimate ?? 0
        var count = 0
        for submission in queue {
            let own = submission.postingsEstimate
            let fits =
                commands + submission.commands.count <= limits.commandsMax && postings + own <= limits.postingsMax
            guard (count == 0 && open == nil) || (fits && isolated == 0) else { break }
            guard open?.touches(submission) != true, committing?.touches(submission) != true else { break }
            commands += submission.commands.count
            postings += own
            count += 1
        }
        let taken = Array(queue.prefix(count))
        queue.removeFirst(count)
        return taken
    }

    mutating func decide(_ submissions: [Submission], after load: UInt64, nowMs: Int64) {
        guard var state else { preconditionFailure("a batch needs the book") }
        self.state = nil  // One owner: its tables are not copied.
        var batch = open ?? DecidedBatch(seqBefore: state.head.seq)
        open = nil
        for submission in submissions {
            let raw =
                submission.isAtomic
                ? state.decideAtomically(submission.commands, nowMs: nowMs)
                : submission.commands.map { state.decide($0, nowMs: nowMs) }
            batch.isTimeless = batch.isTimeless && raw.allSatisfy(LedgerState.isTimeless)
            // What is found of a commit that nobody knew of is our own first answer.
            let own = submission.mayBeCommitted ? raw.map { .decided($0.outcome) } : raw
            batch.append(
                DecidedSubmission(submission: submission, decisions: own, decidedAtMs: nowMs, loadNumber: load))
        }
        state.forgetTransient()
        open = batch
        self.state = state
    }

    /// Sends the open batch once the one before it is durable.
    mutating func send() -> [PosterEffect] {
        guard committing == nil, open != nil || !owedAnswers.isEmpty else { return [] }
        guard let lease, let head = state?.head else { preconditionFailure("a batch needs the book") }
        let batch = open ?? DecidedBatch(seqBefore: head.seq)
        open = nil
        let writes = state?.takeWrites() ?? BatchWrites()
        let intentAnswers = owedAnswers + batch.intentAnswers
        // What was decided on this process's belief alone needs the commit as its fence, even when it writes nothing.
        guard !batch.isTimeless || !intentAnswers.isEmpty else {
            isolated = max(0, isolated - 1)
            return answers(batch)
        }
        committing = batch
        return [
            .commit(
                PosterCommit(
                    writes: writes, epoch: lease.epoch, seqBefore: batch.seqBefore, head: head,
                    nextAccountID: state?.nextAccountID ?? 0, intentAnswers: intentAnswers))
        ]
    }

    mutating func committed(nowMs: Int64) -> [PosterEffect] {
        guard let batch = committing else { preconditionFailure("an answer to nothing that was asked") }
        committing = nil
        isolated = max(0, isolated - 1)
        holdsLoads = false
        owedAnswers.removeAll()
        for item in batch.items { item.submission.intentID.map { _ = heldIntents.remove($0) } }
        return answers(batch) + next(nowMs: nowMs)
    }

    private func answers(_ batch: DecidedBatch) -> [PosterEffect] {
        batch.items.compactMap { item in
            item.submission.intentID != nil ? nil : .answer(ticket: item.submission.ticket, item.decisions)
        }
    }
}
