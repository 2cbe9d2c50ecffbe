import Kernel
import LedgerDouble
import Settlement

extension Simulation {
    /// What a database with the planted mistake would have loaded.
    func mistaken(_ facts: LoadedFacts) -> LoadedFacts {
        var facts = facts
        switch mistake {
        case .forgetsReplies: facts.outcomes = []
        case .forgetsHolds:
            facts.accounts = facts.accounts.map { account in
                var counters = account.counters
                counters.pendingDebits = 0
                return AccountState(accountID: account.accountID, key: account.key, counters: counters)
            }
        case .keepsOldRules:
            for (key, rule) in facts.gasRules where oldRules[key] == nil { oldRules[key] = rule }
            facts.gasRules = facts.gasRules.merging(oldRules) { _, old in old }
        case .forgetsRefunds: facts.refundedTotals = facts.refundedTotals.mapValues { _ in 0 }
        case .forgetsSpending:
            facts.allowances = facts.allowances.map { row in
                var row = row
                row.spentMinor = 0
                return row
            }
        case .forgetsAuthorizations: facts.authorizations = []
        case .changesReplies:
            facts.outcomes = facts.outcomes.map { row in
                let outcome = Outcome(
                    status: row.outcome.status, code: row.outcome.code, body: row.outcome.body + [0x20],
                    reference: row.outcome.reference)
                return OutcomeRow(
                    identity: row.identity, requestHash: row.requestHash, outcome: outcome, timeMs: row.timeMs)
            }
        default: break
        }
        return facts
    }

    /// What a database with the planted mistake writes instead; `nil`: it makes no mistake here.
    func mistaken(_ commit: PosterCommit) -> (writes: BatchWrites, answers: [IntentAnswer])? {
        var writes = commit.writes
        var answers = commit.intentAnswers
        switch mistake {
        case .commitsWithoutFence: break
        case .tearsCommits: _ = writes.postings.popLast()
        case .forgetsRefusals: writes.outcomes.removeAll { !$0.outcome.isDone }
        case .losesIntentAnswers: answers = []
        default: return nil
        }
        let isFenced = book.lease.epoch != commit.epoch || book.head.seq != commit.seqBefore
        if isFenced, mistake != .commitsWithoutFence { return nil }
        return (writes, answers)
    }
}
