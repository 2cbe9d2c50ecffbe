import Cryptography
package import Kernel

/// Submissions that were decided together with what they write, which one transaction will make true.
///
/// Decisions of the next batch build on it before it is durable. So the facts that the poster does not keep in memory,
/// stored replies and counted messages, must not be loaded for another submission while this batch touches them: the
/// database does not have them yet.
struct DecidedBatch {
    /// The head that it was decided on.
    let seqBefore: Int64
    var items: [DecidedSubmission] = []
    var commandsCount = 0
    var postingsEstimate = 0
    /// Whether every decision holds whoever leads by now.
    var isTimeless = true
    private var identities: Set<CommandIdentity> = []
    private var messages: Set<GasKey> = []

    init(seqBefore: Int64) { self.seqBefore = seqBefore }

    var submissions: [Submission] { items.map(\.submission) }

    /// The answers that other processes wait for in the database.
    var intentAnswers: [IntentAnswer] {
        items.compactMap { item in
            item.submission.intentID.map { IntentAnswer(intentID: $0, decisions: item.decisions) }
        }
    }

    mutating func append(_ item: DecidedSubmission) {
        items.append(item)
        commandsCount += item.submission.commands.count
        postingsEstimate += item.submission.postingsEstimate
        for command in item.submission.commands {
            identities.insert(command.identity)
            if case .chargeGas(let order) = command.action { messages.formUnion(order.keys) }
        }
    }

    /// Whether a submission needs a fact that this batch may change and the poster does not keep.
    func touches(_ submission: Submission) -> Bool {
        submission.commands.contains { command in
            if identities.contains(command.identity) { return true }
            guard case .chargeGas(let order) = command.action else { return false }
            return !messages.isDisjoint(with: order.keys)
        }
    }
}

/// A submission with its decisions, not durable yet.
package struct DecidedSubmission: Sendable {
    /// What was asked.
    package let submission: Submission
    /// One decision per command.
    package let decisions: [Decision]
    /// The clock when it was decided.
    package let decidedAtMs: Int64
    /// The load that it was decided after.
    package let loadNumber: UInt64
}

extension Submission {
    /// Roughly how many postings it makes.
    var postingsEstimate: Int { commands.reduce(0) { $0 + $1.postingsEstimate } }
}

extension Command {
    /// Roughly how many postings it makes.
    fileprivate var postingsEstimate: Int {
        switch action {
        case .settle(let order): order.parts.count + order.fees.count + 2
        case .refund(let order): order.sources.count + 2
        default: 4
        }
    }
}

extension GasOrder {
    /// Whose messages it counts, the cluster's and the sender's.
    fileprivate var keys: [GasKey] {
        [cluster, sender].map { GasKey(cluster: $0.string, recipient: recipient.string) }
    }
}
