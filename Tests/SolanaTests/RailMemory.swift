import Kernel
import Settlement
import Synchronization

/// What a ledger remembers for a rail, in memory.
final class RailMemory: RailOpeningStore, RailPromiseStore, RailNonceStore {
    struct State {
        var rows: [RailOpening] = []
        var promised: [String: Int64] = [:]
        var nonces: [String: (value: String, payout: String)] = [:]
        var isOut = false
    }

    let state = Mutex(State())

    var openings: [RailOpening] { state.withLock { $0.rows } }

    private func answer<T>(_ body: (inout State) -> T) throws(LedgerFailure) -> T {
        let result: T? = state.withLock { $0.isOut ? nil : body(&$0) }
        guard let result else { throw LedgerFailure.databaseUnavailable("the ledger is out") }
        return result
    }

    func claim(
        _ claim: RailOpeningClaim, at rail: RailName, budget: Int64, sinceMs: Int64, nowMs: Int64
    ) async throws(LedgerFailure) -> OpeningClaim {
        try answer { state in
            let blocks = state.rows.contains { row in
                claim.owners.contains(row.owner) && row.token == claim.token
                    && (row.standing == nil || row.standing == .made)
            }
            guard !blocks else { return .triedBefore }
            let sum = state.rows.filter { $0.standing != .lapsed && $0.claimedAtMs >= sinceMs }.reduce(0) {
                $0 + $1.cost
            }
            guard sum + claim.cost * Int64(claim.owners.count) <= budget else { return .overBudget }
            state.rows += zip(claim.owners, claim.bearers).map {
                RailOpening(
                    owner: $0, token: claim.token, reference: claim.reference, prepared: claim.prepared, standing: nil,
                    bearer: $1, cost: claim.cost, claimedAtMs: nowMs)
            }
            if let undo = claim.undo {
                let reference = RailOpeningClaim.undoReference(undo, of: claim.owners[0])
                state.rows.removeAll { $0.reference == reference }
                state.rows.append(
                    RailOpening(
                        owner: claim.owners[0], token: undo, reference: reference, prepared: [], standing: nil,
                        claimedAtMs: nowMs))
            }
            return .granted
        }
    }

    func openings(
        at rail: RailName, owners: [String], token: String
    ) async throws(LedgerFailure) -> [RailOpening] {
        try answer { state in
            state.rows.filter { owners.contains($0.owner) && $0.token == token }
        }
    }

    func unfinishedOpenings(
        at rail: RailName, after: String, limit: Int
    ) async throws(LedgerFailure) -> [RailOpening] {
        try answer { state in
            let unfinished = state.rows.filter { $0.standing == nil && $0.reference > after }
            return Array(unfinished.sorted { ($0.reference, $0.owner) < ($1.reference, $1.owner) }.prefix(limit))
        }
    }

    func finishOpening(
        at rail: RailName, reference: String, _ standing: RailOpening.Standing
    ) async throws(LedgerFailure) {
        try answer { state in
            state.rows = state.rows.map { old in
                guard old.reference == reference, old.standing == nil else { return old }
                return RailOpening(
                    owner: old.owner, token: old.token, reference: reference, prepared: old.prepared,
                    standing: standing, bearer: old.bearer, cost: old.cost, claimedAtMs: old.claimedAtMs)
            }
        }
    }

    func claimNonce(
        at rail: RailName, account: String, value: String, for payout: String, insteadOf former: String?, nowMs: Int64
    ) async throws(LedgerFailure) -> Bool {
        try answer { state in
            if let held = state.nonces[account], held.value == value, held.payout != payout, held.payout != former {
                return false
            }
            state.nonces[account] = (value, payout)
            return true
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
