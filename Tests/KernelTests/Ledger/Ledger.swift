import Cryptography
import Kernel
import LedgerDouble

/// A `LedgerState` with a `MemoryBook` behind it: loads what a command needs, decides, keeps the rows.
struct Ledger {
    var state = LedgerState(book: People.book, head: .genesis, nextAccountID: 1)
    var nowMs = People.noonMs
    /// What was written, all batches together.
    var entries: [EntryRow] = []
    var postings: [PostingRow] = []
    var outcomes: [OutcomeRow] = []
    var settlements: [SettlementRow] = []
    var keys: [Int64: AccountKey] = [:]
    var gasRules: [GasKey: GasRule] = [:]

    /// What was not made here does not exist; what was made is still in the state, but for settlements.
    mutating func load(_ commands: [Command]) {
        var asked = Requirements()
        for command in commands { state.missing(for: command, into: &asked) }
        var facts = LoadedFacts()
        for key in asked.gas { facts.gasRules[key] = gasRules[key] }
        for row in settlements where asked.settlements.contains(row.order.settlementID) {
            facts.refundedTotals[row.order.settlementID] = 0
        }
        state.absorb(facts, asked: asked)
    }

    /// Decides one command as a batch of its own, with all that was decided before still loaded.
    @discardableResult
    mutating func run(_ command: Command) -> Outcome { decide(command).outcome }

    mutating func decide(_ command: Command) -> Decision {
        load([command])
        let decision = state.decide(command, nowMs: nowMs)
        take()
        return decision
    }

    mutating func runAtomically(_ commands: [Command]) -> [Decision] {
        load(commands)
        let decisions = state.decideAtomically(commands, nowMs: nowMs)
        take()
        return decisions
    }

    /// Takes the batch's rows.
    mutating func take() {
        let writes = state.takeWrites()
        entries += writes.entries
        postings += writes.postings
        outcomes += writes.outcomes
        settlements += writes.settlements
        for opening in writes.accounts { keys[opening.accountID] = opening.key }
    }

    /// An account's counters after its last posting.
    func counters(_ key: AccountKey) -> Counters {
        let ids = Set(keys.filter { $0.value == key }.keys)
        return postings.last { ids.contains($0.accountID) }?.counters ?? Counters()
    }

    /// An account's balance on its normal side.
    func balance(_ key: AccountKey) -> Int64 { counters(key).balance(key.kind.accountClass) }

    func cash(_ did: DID) -> Int64 { balance(.cash(did)) }
    func credit(_ did: DID) -> Int64 { balance(.credit(did)) }
    func owed(_ did: DID) -> Int64 { balance(.receivable(did)) }
    func fees(_ kind: FeeLine.Kind) -> Int64 {
        balance(AccountKey(kind: .fees, detail: kind.rawValue, currency: Commands.usd))
    }

    /// Debits less credits over the whole book, posted and pending: both are zero.
    var sums: (posted: Int128, pending: Int128) {
        var sums: (posted: Int128, pending: Int128) = (0, 0)
        for posting in postings {
            let signed = posting.side.isDebit ? Int128(posting.amountMinor) : -Int128(posting.amountMinor)
            if posting.side.isPending { sums.pending += signed } else { sums.posted += signed }
        }
        return sums
    }

    /// Postings of the last entry, by account.
    var lastEntry: [AccountKey: [PostingSide: Int64]] {
        var lines: [AccountKey: [PostingSide: Int64]] = [:]
        for posting in postings where posting.seq == entries.last?.seq {
            if let key = keys[posting.accountID] { lines[key, default: [:]][posting.side] = posting.amountMinor }
        }
        return lines
    }
}

extension Outcome {
    var text: String { String(decoding: body, as: UTF8.self) }
}
