import Kernel
import Settlement
import Synchronization

/// What a ledger remembers for a rail, in memory.
final class RailMemory: RailOpeningStore, RailPromiseStore {
    struct Row {
        let opening: RailOpening
        let cost: Int64
    }

    struct State {
        var rows: [Row] = []
        var promised: [String: Int64] = [:]
        var isOut = false
    }

    let state = Mutex(State())

    var openings: [RailOpening] { state.withLock { $0.rows.map(\.opening) } }

    private func answer<T>(_ body: (inout State) -> T) throws(LedgerFailure) -> T {
        let result: T? = state.withLock { $0.isOut ? nil : body(&$0) }
        guard let result else { throw LedgerFailure.databaseUnavailable("the ledger is out") }
        return result
    }

    func claimOpenings(
        at rail: RailName, owners: [String], bearers: [String], token: String, reference: String, prepared: [UInt8],
        cost: Int64, budget: Int64, sinceMs: Int64, nowMs: Int64
    ) async throws(LedgerFailure) -> OpeningClaim {
        try answer { state in
            let blocks = state.rows.contains { row in
                owners.contains(row.opening.owner) && row.opening.token == token
                    && (row.opening.standing == nil || row.opening.standing == .made)
            }
            guard !blocks else { return .triedBefore }
            let sum = state.rows.filter { $0.opening.standing != .lapsed }.reduce(0) { $0 + $1.cost }
            guard sum + cost * Int64(owners.count) <= budget else { return .overBudget }
            state.rows += zip(owners, bearers).map {
                Row(
                    opening: RailOpening(
                        owner: $0, token: token, reference: reference, prepared: prepared, standing: nil, bearer: $1),
                    cost: cost)
            }
            return .granted
        }
    }

    func openings(
        at rail: RailName, owners: [String], token: String
    ) async throws(LedgerFailure) -> [RailOpening] {
        try answer { state in
            state.rows.map(\.opening).filter { owners.contains($0.owner) && $0.token == token }
        }
    }

    func unfinishedOpenings(at rail: RailName, limit: Int) async throws(LedgerFailure) -> [RailOpening] {
        try answer { state in Array(state.rows.map(\.opening).filter { $0.standing == nil }.prefix(limit)) }
    }

    func finishOpening(
        at rail: RailName, reference: String, _ standing: RailOpening.Standing
    ) async throws(LedgerFailure) {
        try answer { state in
            state.rows = state.rows.map { row in
                guard row.opening.reference == reference else { return row }
                let old = row.opening
                return Row(
                    opening: RailOpening(
                        owner: old.owner, token: old.token, reference: reference, prepared: old.prepared,
                        standing: standing, bearer: old.bearer), cost: row.cost)
            }
        }
    }

    func promise(
        payout: String, _ amountMinor: Int64, _ currency: String, by rail: RailName, maxMinor: Int64, sinceMs: Int64,
        nowMs: Int64
    ) async throws(LedgerFailure) -> PayoutPromise {
        try answer { state in
            let others = state.promised.filter { $0.key != payout }.values.reduce(0, +)
            guard others + amountMinor <= maxMinor else { return .refused(sentMinor: others) }
            state.promised[payout] = amountMinor
            return .given
        }
    }
}
