/// `/v1/refunds`.
extension StripeWorld {
    mutating func refunds(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "POST /v1/refunds": return try createRefund(call)
        case "GET /v1/refunds":
            return try list("refund", call) { refund in
                ["charge", "payment_intent"].allSatisfy { name in
                    call.string(name).map { refund.string(name) == $0 } ?? true
                }
            }
        case "GET /v1/refunds/{refund}": return .object(try find("refund", call.id, owner: call.owner).fields)
        case "POST /v1/refunds/{refund}":
            _ = try find("refund", call.id, owner: call.owner)
            try mergeMetadata(of: call.id, call)
            emit("refund.updated", id: call.id, nowMs: call.nowMs)
            return show(call.id)
        default: return nil
        }
    }

    private mutating func createRefund(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        try call.refuse("origin", "instructions_email", "customer", "currency")
        let charge = try refundedCharge(call)
        guard !call.bool("reverse_transfer"), !call.bool("refund_application_fee") else {
            throw .refused("The charge has no transfer of its own to reverse", param: "reverse_transfer")
        }
        guard charge.status == "succeeded", charge.bool("captured") else {
            throw .refused("The charge is not captured", code: "charge_not_refundable", param: "charge")
        }
        guard !charge.bool("refunded") else {
            throw .refused("The charge is refunded already", code: "charge_already_refunded", param: "charge")
        }
        guard charge.hidden["dispute"] == nil else {
            throw .refused("The charge is disputed", code: "charge_disputed", param: "charge")
        }
        let left = charge.int("amount_captured") - charge.int("amount_refunded")
        let amountMinor = call.int("amount") ?? left
        try Self.check(amountMinor: amountMinor, charge.currency)
        guard amountMinor <= left else {
            throw .refused("\(amountMinor) is more than what is left of the charge, \(left)", param: "amount")
        }
        let id = newID("re")
        create(
            "refund", id: id, owner: call.owner, nowMs: call.nowMs,
            [
                "amount": .int(amountMinor), "currency": .string(charge.currency), "charge": .string(charge.id),
                "payment_intent": charge.fields["payment_intent"] ?? .null,
                "reason": call.parameters["reason"] ?? .null, "status": "pending",
                "metadata": try Self.metadata(call.parameters["metadata"]),
            ])
        let refunded = charge.int("amount_refunded") + amountMinor
        change(
            charge.id,
            [
                "amount_refunded": .int(refunded), "refunded": .bool(refunded == charge.int("amount_captured")),
            ])
        if isCovered(id) {
            pay(refund: id, nowMs: call.nowMs)
        } else {
            change(id, ["pending_reason": "insufficient_funds"])
        }
        emit("refund.created", id: id, nowMs: call.nowMs)
        emit(
            "charge.refunded", id: charge.id, nowMs: call.nowMs,
            previous: ["amount_refunded": charge.fields["amount_refunded"] ?? 0])
        return show(id)
    }

    private func refundedCharge(_ call: StripeCall) throws(StripeFailure) -> StripeRecord {
        switch (call.string("charge"), call.string("payment_intent")) {
        case (let charge?, nil): return try find("charge", charge, owner: call.owner, param: "charge")
        case (nil, let id?):
            let intent = try find("payment_intent", id, owner: call.owner, param: "payment_intent")
            guard let charge = intent.string("latest_charge").flatMap({ objects[$0] }), charge.status == "succeeded"
            else {
                throw .refused("The PaymentIntent has no successful charge", param: "payment_intent")
            }
            return charge
        default:
            throw .refused("One of charge and payment_intent is needed", code: "parameter_missing", param: "charge")
        }
    }

    /// What a refund takes from the balance: of each of the charge's refunds up to this one, the part of the whole sum,
    /// so that parts of a converted charge never add up to more than it.
    private func settledAmount(ofRefund id: String) -> (amountMinor: Int64, currency: String) {
        guard let refund = objects[id], let charge = refund.string("charge") else { return (0, "") }
        let counted = objects[charge]?.hidden["refund_paid"]?.int ?? 0
        let before = settle(counted, refund.currency)
        let after = settle(counted + refund.amount, refund.currency)
        return (after.amountMinor - before.amountMinor, after.currency)
    }

    private func isCovered(_ refund: String) -> Bool {
        guard configuration.refundsWhenShort == .pending, let owner = objects[refund]?.owner else { return true }
        let settled = settledAmount(ofRefund: refund)
        return ledger.balance(of: owner, settled.currency).availableMinor >= settled.amountMinor
    }

    private mutating func pay(refund id: String, nowMs: Int64) {
        guard let refund = objects[id], let charge = refund.string("charge") else { return }
        let settled = settledAmount(ofRefund: id)
        // The refund of money that is still to come is taken from what is still to come.
        let charged = objects[charge]?.string("balance_transaction")
        let availableMs = configuration.refundsWhenShort == .pending ? nil : availableMs(ofTransaction: charged)
        let transaction = book(
            Movement(
                type: "refund", category: "refund", amountMinor: -settled.amountMinor, currency: settled.currency,
                source: id, description: "REFUND FOR CHARGE", availableMs: availableMs),
            owner: refund.owner, nowMs: nowMs)
        let paid = (objects[charge]?.hidden["refund_paid"]?.int ?? 0) + refund.amount
        hide(charge, ["refund_paid": .int(paid)])
        hide(id, ["settled": .int(settled.amountMinor)])
        change(id, ["status": "succeeded", "pending_reason": nil, "balance_transaction": .string(transaction)])
    }

    /// Pays refunds that waited for money, oldest first.
    mutating func retryPendingRefunds(nowMs: Int64) {
        guard configuration.refundsWhenShort == .pending else { return }
        for id in idsByKind["refund"] ?? [] where objects[id]?.status == "pending" && isCovered(id) {
            pay(refund: id, nowMs: nowMs)
            emit("refund.updated", id: id, nowMs: nowMs)
        }
    }

    /// A refund that succeeded fails at the customer's bank: the money comes back (`refund.failed`).
    public mutating func failRefund(_ refund: String, reason: String = "lost_or_stolen_card", nowMs: Int64)
        throws(StripeHookError)
    {
        let nowMs = pass(toMs: nowMs)
        let record = try require("refund", refund)
        guard record.status == "succeeded", let charge = record.string("charge").flatMap({ objects[$0] }) else {
            throw StripeHookError("\(refund) is \(record.status)")
        }
        let transaction = book(
            Movement(
                type: "refund_failure", category: "refund_failure", amountMinor: record.hidden["settled"]?.int ?? 0,
                currency: settle(0, record.currency).currency, source: refund, description: "REFUND FAILURE"),
            owner: record.owner, nowMs: nowMs)
        change(
            refund,
            [
                "status": "failed", "failure_reason": .string(reason),
                "failure_balance_transaction": .string(transaction),
            ])
        let left = charge.int("amount_refunded") - record.amount
        change(charge.id, ["amount_refunded": .int(left), "refunded": false])
        hide(charge.id, ["refund_paid": .int((charge.hidden["refund_paid"]?.int ?? 0) - record.amount)])
        emit("refund.updated", id: refund, nowMs: nowMs, previous: ["status": "succeeded"])
        emit("refund.failed", id: refund, nowMs: nowMs)
    }
}
