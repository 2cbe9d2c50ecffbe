import Kernel
import LedgerDouble
import Settlement

extension Simulation {
    /// Compares what a batch wrote with what the model says must come of it, in the order of the commits.
    func check(_ commit: PosterCommit, _ batch: [DecidedItem]) {
        let writes = commit.writes
        var outcomes = writes.outcomes[...]
        var entries = writes.entries[...]
        for item in batch {
            let (submission, now) = (item.submission, item.now)
            let predictions = model.decide(submission, now)
            for (command, prediction) in zip(submission.commands, predictions) {
                if !prediction.isStored, prediction.replay == nil, !prediction.allowed.isEmpty {
                    let request = Request(identity: command.identity, hash: command.requestHash)
                    allowed[request, default: []].formUnion(prediction.allowed)
                }
                // Nothing is done of a group that ends in a refusal.
                let isUndone = submission.isAtomic && !predictions.allSatisfy(\.isDone)
                if prediction.isStored, !(isUndone && prediction.isDone) {
                    guard check(outcomes.popFirst(), command, prediction, now) else { return }
                }
                if let movement = prediction.movement {
                    guard check(entries.popFirst(), movement, writes, now) else { return }
                }
            }
        }
        if let row = outcomes.first { fail("an answer too many: \(row.identity) \(row.outcome)") }
        if let entry = entries.first { fail("an entry too many: \(entry.causeKind) \(entry.causeID)") }
        if let why = journal.take(commit, book: book, model: model) { fail(why) }
        checkIntents(commit, batch)
    }

    private func check(
        _ row: OutcomeRow?, _ command: Command, _ prediction: Model.Prediction, _ now: Model.Circumstances
    ) -> Bool {
        guard let row, row.identity == command.identity, row.requestHash == command.requestHash else {
            fail("\(command.identity) must be answered \(prediction.allowed), and the row is \(row.debug)")
            return false
        }
        let answer = Model.Answer(status: row.outcome.status, code: row.outcome.code)
        guard prediction.allowed.contains(answer) else {
            fail("\(command.identity) must be answered \(prediction.allowed), and is answered \(answer)")
            return false
        }
        guard row.timeMs == now.nowMs else {
            fail("\(command.identity) is answered at \(row.timeMs), and it was \(now.nowMs)")
            return false
        }
        count(answer.code ?? "done \(command.action.brief)")
        model.stored[command.identity]?.allowed = [answer]
        model.stored[command.identity]?.outcome = row.outcome
        return true
    }

    private func check(
        _ entry: EntryRow?, _ movement: Model.Movement, _ writes: BatchWrites, _ now: Model.Circumstances
    ) -> Bool {
        guard let entry, entry.causeKind == movement.kind, entry.causeID == movement.id else {
            fail("there must be an entry for \(movement.kind) \(movement.id), and it is \(entry?.causeID ?? "missing")")
            return false
        }
        let timeMs = max(journal.timeMs, now.nowMs)
        journal.timeMs = timeMs
        guard entry.timeMs == timeMs else {
            fail("entry \(entry.seq) is of \(entry.timeMs), and must be of \(timeMs)")
            return false
        }
        var growth: [AccountKey: Model.Sums] = [:]
        for posting in journal.postings(of: entry.seq, in: writes) {
            guard let key = book.accounts[posting.accountID]?.key else {
                fail("entry \(entry.seq) moves account \(posting.accountID), which does not exist")
                return false
            }
            growth[key, default: Model.Sums()].add(posting.side, Int128(posting.amountMinor))
        }
        guard growth == movement.growth else {
            fail("entry \(entry.seq) \(movement.kind) \(movement.id) moves \(growth), and must move \(movement.growth)")
            return false
        }
        return true
    }

    /// An intent is answered as often as it has commands, or not at all when the database did not take it.
    private func checkIntents(_ commit: PosterCommit, _ batch: [DecidedItem]) {
        for submission in batch.map(\.submission) {
            guard let id = submission.intentID else { continue }
            let answers = commit.intentAnswers.filter { $0.intentID == id }
            if !answers.contains(where: { $0.decisions.count == submission.commands.count }) {
                fail("intent \(id) was carried out and not answered")
            }
        }
    }
}

extension Model.Sums {
    mutating func add(_ side: PostingSide, _ amount: Int128) {
        switch side {
        case .debit: debit += amount
        case .credit: credit += amount
        case .pendingDebit: heldDebit += amount
        case .pendingCredit: heldCredit += amount
        }
    }
}

extension OutcomeRow? {
    var debug: String { map { "\($0.identity) \($0.outcome.status) \($0.outcome.code ?? "done")" } ?? "missing" }
}

extension Action {
    var brief: String {
        switch self {
        case .settle: "settle"
        case .refund: "refund"
        case .hold: "hold"
        case .resolveHold: "resolve"
        case .fund: "fund"
        case .chargeGas: "gas"
        case .allow: "allow"
        case .restrict: "restrict"
        case .recordManifests: "record"
        case .transfer: "transfer"
        case .advance: "advance"
        case .refuse: "refuse"
        }
    }
}
