/// `GET /v1/balance` and `/v1/balance_transactions`.
extension StripeWorld {
    /// The balance of an account as the API shows it: every currency that it ever held, the default one first.
    func balance(of owner: String) -> StripeValue {
        var currencies = ledger.currencies(of: owner)
        if currencies.isEmpty {
            currencies = [objects[owner]?.string("default_currency") ?? configuration.defaultCurrency]
        }
        func row(_ amountMinor: Int64, _ currency: String) -> StripeValue {
            [
                "amount": .int(amountMinor), "currency": .string(currency),
                "source_types": ["card": .int(amountMinor)],
            ]
        }
        let rows = currencies.map { ($0, ledger.balance(of: owner, $0)) }
        return [
            "object": "balance", "livemode": false, "available": .array(rows.map { row($0.1.availableMinor, $0.0) }),
            "pending": .array(rows.map { row($0.1.pendingMinor, $0.0) }),
            "connect_reserved": .array(currencies.map { row(0, $0) }),
        ]
    }

    mutating func balanceTransactions(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "GET /v1/balance_transactions/{id}":
            return .object(try find("balance_transaction", call.id, owner: call.owner).fields)
        case "GET /v1/balance_transactions":
            if let id = call.string("payout") {
                // Only Stripe's own payouts know which transactions they pay out.
                guard try find("payout", id, owner: call.owner, param: "payout").bool("automatic") else {
                    throw .refused("Only automatic payouts have balance transactions", param: "payout")
                }
            }
            return try list("balance_transaction", call) { transaction in
                for name in ["source", "type", "currency"] {
                    if let wanted = call.string(name), transaction.string(name) != wanted { return false }
                }
                return call.string("payout").map { transaction.hidden["payout"] == .string($0) } ?? true
            }
        default: return nil
        }
    }

    /// Puts money onto the platform's available balance (a top-up).
    public mutating func topUp(amountMinor: Int64, currency: String, nowMs: Int64) {
        let nowMs = pass(toMs: nowMs)
        let source = newID("tu")
        _ = book(
            Movement(
                type: "topup", category: "topup", amountMinor: amountMinor, currency: currency, source: source),
            owner: configuration.platform, nowMs: nowMs)
    }

    /// Lets time pass: money becomes available, late balance transactions arrive, sessions expire. Every other call
    /// does so itself.
    public mutating func advance(nowMs: Int64) { _ = pass(toMs: nowMs) }
}
