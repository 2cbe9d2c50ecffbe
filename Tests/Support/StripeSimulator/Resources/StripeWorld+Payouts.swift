/// `/v1/payouts`, of the platform and of connected accounts.
extension StripeWorld {
    /// A standard payout arrives so much later, an instant one at once.
    private static let standardSeconds: Int64 = 2 * 86_400

    mutating func payouts(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "POST /v1/payouts": return try createPayout(call)
        case "GET /v1/payouts":
            return try list("payout", call) { payout in
                ["destination", "status"].allSatisfy { name in
                    call.string(name).map { payout.string(name) == $0 } ?? true
                }
            }
        case "GET /v1/payouts/{payout}": return .object(try find("payout", call.id, owner: call.owner).fields)
        case "POST /v1/payouts/{payout}":
            _ = try find("payout", call.id, owner: call.owner)
            try mergeMetadata(of: call.id, call)
            emit("payout.updated", id: call.id, nowMs: call.nowMs)
            return show(call.id)
        case "POST /v1/payouts/{payout}/cancel":
            let payout = try find("payout", call.id, owner: call.owner)
            guard payout.status == "pending", !payout.bool("automatic") else {
                throw .refused("Only a pending payout that was asked for can be canceled")
            }
            returnMoney(of: payout, type: "payout_cancel", nowMs: call.nowMs)
            change(call.id, ["status": "canceled"])
            emit("payout.canceled", id: call.id, nowMs: call.nowMs)
            return show(call.id)
        default: return nil
        }
    }

    private mutating func createPayout(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        try call.refuse("payout_method")
        let currency = (call.string("currency") ?? "").lowercased()
        let amountMinor = call.int("amount") ?? 0
        try Self.check(amountMinor: amountMinor, currency)
        if Currency.wholePayouts.contains(currency), amountMinor % 100 != 0 {
            throw .refused(
                "Payouts in \(currency) are of whole units", code: "parameter_invalid_integer", param: "amount")
        }
        if call.owner != configuration.platform {
            guard try account(call.owner).bool("payouts_enabled") else {
                throw .refused("The account cannot pay out", code: "payouts_not_allowed")
            }
        }
        try requireAvailable(amountMinor, currency, owner: call.owner)
        let metadata = try Self.metadata(call.parameters["metadata"])
        let isInstant = call.string("method") == "instant"
        let id = makePayout(
            owner: call.owner, amountMinor: amountMinor, currency: currency, nowMs: call.nowMs,
            [
                "automatic": false, "method": isInstant ? "instant" : "standard", "metadata": metadata,
                "description": call.parameters["description"] ?? .null,
                "statement_descriptor": call.parameters["statement_descriptor"] ?? .null,
                "arrival_date": .int(call.nowMs / 1000 + (isInstant ? 0 : Self.standardSeconds)),
                "reconciliation_status": "not_applicable",
            ])
        return show(id)
    }

    private mutating func makePayout(
        owner: String, amountMinor: Int64, currency: String, nowMs: Int64, _ fields: StripeFields
    ) -> String {
        let id = newID("po")
        let transaction = book(
            Movement(
                type: "payout", category: "payout", amountMinor: -amountMinor, currency: currency, source: id,
                description: "STRIPE PAYOUT"),
            owner: owner, nowMs: nowMs)
        let own: StripeFields = [
            "amount": .int(amountMinor), "currency": .string(currency), "balance_transaction": .string(transaction),
            "source_type": "card", "status": "pending", "type": "bank_account", "trace_id": nil,
        ]
        create("payout", id: id, owner: owner, nowMs: nowMs, fields.merging(own) { $1 })
        emit("payout.created", id: id, nowMs: nowMs)
        return id
    }

    private mutating func returnMoney(of payout: StripeRecord, type: String, nowMs: Int64) {
        let transaction = book(
            Movement(
                type: type, category: "payout_reversal", amountMinor: payout.amount, currency: payout.currency,
                source: payout.id),
            owner: payout.owner, nowMs: nowMs)
        change(payout.id, ["failure_balance_transaction": .string(transaction)])
    }

    // MARK: - Hooks

    /// A payout arrives, or fails also after it arrived: then the money comes back.
    public mutating func finishPayout(
        _ payout: String, paid: Bool, failureCode: String = "account_closed", nowMs: Int64
    ) throws(StripeHookError) {
        let nowMs = pass(toMs: nowMs)
        let record = try require("payout", payout)
        guard paid ? record.status == "pending" : ["pending", "paid"].contains(record.status) else {
            throw StripeHookError("\(payout) is \(record.status)")
        }
        if paid {
            change(payout, ["status": "paid"])
            emit("payout.paid", id: payout, nowMs: nowMs)
            guard record.bool("automatic") else { return }
            change(payout, ["reconciliation_status": "completed"])
            emit("payout.reconciliation_completed", id: payout, nowMs: nowMs)
        } else {
            returnMoney(of: record, type: "payout_failure", nowMs: nowMs)
            change(
                payout,
                [
                    "status": "failed", "failure_code": .string(failureCode),
                    "failure_message": "The bank returned the payout",
                ])
            emit("payout.failed", id: payout, nowMs: nowMs)
        }
    }

    /// Stripe pays out by itself all that is available. The transactions that it pays out are those available that no
    /// payout has yet; `payout.reconciliation_completed` follows when it is paid. Answers its id; nil when there is
    /// nothing to pay out.
    public mutating func payOutAutomatically(account: String? = nil, currency: String, nowMs: Int64) -> String? {
        let nowMs = pass(toMs: nowMs)
        let owner = account ?? configuration.platform
        let amountMinor = ledger.balance(of: owner, currency).availableMinor
        guard amountMinor > 0 else { return nil }
        let paidOut = (idsByKind["balance_transaction"] ?? []).filter { id in
            guard let transaction = objects[id], transaction.owner == owner else { return false }
            return transaction.currency == currency && transaction.status == "available"
                && transaction.hidden["payout"] == nil
        }
        let id = makePayout(
            owner: owner, amountMinor: amountMinor, currency: currency, nowMs: nowMs,
            [
                "automatic": true, "method": "standard", "metadata": [:],
                "arrival_date": .int(nowMs / 1000 + Self.standardSeconds), "reconciliation_status": "in_progress",
            ])
        let own = objects[id]?.string("balance_transaction") ?? ""
        for transaction in paidOut + [own] { hide(transaction, ["payout": .string(id)]) }
        return id
    }
}
