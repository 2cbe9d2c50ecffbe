/// Something that happens later by itself.
struct ScheduledWork: Sendable {
    enum Kind: Sendable {
        case balanceTransaction(charge: String)
        case expiry(session: String)
    }

    let atMs: Int64
    let kind: Kind
}

extension StripeWorld {
    /// Lets time pass to `nowMs`, never back; answers the time that it is.
    mutating func pass(toMs nowMs: Int64) -> Int64 {
        clockMs = max(clockMs, nowMs)
        while let index = scheduled.indices.min(by: { scheduled[$0].atMs < scheduled[$1].atMs }),
            scheduled[index].atMs <= clockMs
        {
            switch scheduled.remove(at: index).kind {
            case .balanceTransaction(let charge): bringBalanceTransaction(ofCharge: charge, nowMs: clockMs)
            case .expiry(let session): expire(session, nowMs: clockMs)
            }
        }
        var told: Set<String> = []
        for entry in ledger.mature(byMs: clockMs) {
            change(entry.transaction, ["status": "available"])
            told.insert(entry.owner)
        }
        for owner in told.sorted() { emit("balance.available", balance(of: owner), owner: owner, nowMs: clockMs) }
        if !told.isEmpty { retryPendingRefunds(nowMs: clockMs) }
        return clockMs
    }
}
