/// `/v1/disputes`.
extension StripeWorld {
    mutating func disputes(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "GET /v1/disputes":
            return try list("dispute", call) { dispute in
                ["charge", "payment_intent"].allSatisfy { name in
                    call.string(name).map { dispute.string(name) == $0 } ?? true
                }
            }
        case "GET /v1/disputes/{dispute}": return .object(try find("dispute", call.id, owner: call.owner).fields)
        case "POST /v1/disputes/{dispute}": return try updateDispute(call)
        case "POST /v1/disputes/{dispute}/close":
            let dispute = try find("dispute", call.id, owner: call.owner)
            guard ["needs_response", "warning_needs_response"].contains(dispute.status) else {
                throw .refused("The dispute is \(dispute.status) and cannot be closed")
            }
            close(dispute, status: "lost", nowMs: call.nowMs)
            return show(call.id)
        default: return nil
        }
    }

    private mutating func updateDispute(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        let dispute = try find("dispute", call.id, owner: call.owner)
        try mergeMetadata(of: call.id, call)
        if let evidence = call.fields("evidence") {
            let old = dispute.fields["evidence"]?.fields ?? [:]
            change(call.id, ["evidence": .object(old.merging(evidence) { $1 })])
        }
        // Evidence is submitted at once unless the call says not to.
        if call.fields("evidence") != nil, call.parameters["submit"] != false {
            guard dispute.status.hasSuffix("needs_response") else {
                throw .refused("The dispute is \(dispute.status) and takes no evidence")
            }
            let isWarning = dispute.status.hasPrefix("warning")
            change(call.id, ["status": isWarning ? "warning_under_review" : "under_review"])
        }
        emit("charge.dispute.updated", id: call.id, nowMs: call.nowMs)
        return show(call.id)
    }

    /// Opens a dispute over a charge that succeeded; answers its id.
    mutating func dispute(_ charge: String, amountMinor: Int64?, reason: String, withdrawing: Bool, nowMs: Int64)
        -> String
    {
        guard let record = objects[charge] else { return "" }
        let amountMinor = amountMinor ?? record.int("amount_captured")
        let id = newID("dp")
        create(
            "dispute", id: id, owner: record.owner, nowMs: nowMs,
            [
                "amount": .int(amountMinor), "currency": .string(record.currency), "charge": .string(charge),
                "payment_intent": record.fields["payment_intent"] ?? .null, "reason": .string(reason),
                "status": withdrawing ? "needs_response" : "warning_needs_response", "balance_transactions": [],
                "enhanced_eligibility_types": [], "evidence": [:], "is_charge_refundable": .bool(!withdrawing),
                "evidence_details": [
                    "due_by": .int(nowMs / 1000 + 7 * 86_400), "has_evidence": false, "past_due": false,
                    "submission_count": 0, "enhanced_eligibility": [:],
                ],
            ])
        change(charge, ["disputed": true])
        emit("charge.dispute.created", id: id, nowMs: nowMs)
        if withdrawing { withdraw(id, nowMs: nowMs) }
        return id
    }

    private mutating func withdraw(_ id: String, nowMs: Int64) {
        guard let dispute = objects[id], let charge = dispute.string("charge") else { return }
        hide(charge, ["dispute": .string(id)])
        book(dispute, category: "dispute", sign: -1, feeMinor: configuration.disputeFeeMinor, nowMs: nowMs)
        emit("charge.dispute.funds_withdrawn", id: id, nowMs: nowMs)
    }

    private mutating func book(
        _ dispute: StripeRecord, category: String, sign: Int64, feeMinor: Int64, nowMs: Int64
    ) {
        let settled = settle(dispute.amount, dispute.currency)
        let transaction = book(
            Movement(
                type: "adjustment", category: category, amountMinor: sign * settled.amountMinor, feeMinor: feeMinor,
                feeDescription: "Dispute fee", currency: settled.currency, source: dispute.id),
            owner: dispute.owner, nowMs: nowMs)
        let earlier = dispute.fields["balance_transactions"]?.items ?? []
        change(dispute.id, ["balance_transactions": .array(earlier + [show(transaction)])])
    }

    private mutating func close(_ dispute: StripeRecord, status: String, nowMs: Int64) {
        change(dispute.id, ["status": .string(status), "is_charge_refundable": .bool(status == "won")])
        if status == "won" {
            hideDispute(of: dispute)
            if dispute.fields["balance_transactions"]?.items?.isEmpty == false {
                book(dispute, category: "dispute_reversal", sign: 1, feeMinor: 0, nowMs: nowMs)
                emit("charge.dispute.funds_reinstated", id: dispute.id, nowMs: nowMs)
            }
        }
        emit("charge.dispute.closed", id: dispute.id, nowMs: nowMs)
    }

    private mutating func hideDispute(of dispute: StripeRecord) {
        guard let charge = dispute.string("charge") else { return }
        objects[charge]?.hidden["dispute"] = nil
    }

    // MARK: - Hooks

    /// The customer disputes a charge, whole or in part; the money and the fee are withdrawn at once, unless
    /// `withdrawing` is false (an inquiry, which ``escalate(_:nowMs:)`` turns into a dispute). Answers the id.
    public mutating func openDispute(
        charge: String, amountMinor: Int64? = nil, reason: String = "fraudulent", withdrawing: Bool = true,
        nowMs: Int64
    ) throws(StripeHookError) -> String {
        let nowMs = pass(toMs: nowMs)
        let record = try require("charge", charge)
        guard record.owner == configuration.platform, record.status == "succeeded", record.bool("captured"),
            record.hidden["dispute"] == nil,
            (1...record.int("amount_captured")).contains(amountMinor ?? record.int("amount_captured"))
        else { throw StripeHookError("\(charge) cannot be disputed so") }
        return dispute(charge, amountMinor: amountMinor, reason: reason, withdrawing: withdrawing, nowMs: nowMs)
    }

    /// An inquiry becomes a dispute: the money is withdrawn.
    public mutating func escalate(_ dispute: String, nowMs: Int64) throws(StripeHookError) {
        let nowMs = pass(toMs: nowMs)
        let record = try require("dispute", dispute)
        guard record.status.hasPrefix("warning_"), record.status != "warning_closed" else {
            throw StripeHookError("\(dispute) is \(record.status)")
        }
        change(dispute, ["status": "needs_response", "is_charge_refundable": false])
        withdraw(dispute, nowMs: nowMs)
    }

    /// The bank decides a dispute: won brings the money back (the fee stays), lost changes nothing more. An inquiry
    /// that is won ends as `warning_closed`.
    public mutating func closeDispute(_ dispute: String, won: Bool, nowMs: Int64) throws(StripeHookError) {
        let nowMs = pass(toMs: nowMs)
        let record = try require("dispute", dispute)
        guard !["won", "lost", "warning_closed"].contains(record.status) else {
            throw StripeHookError("\(dispute) is \(record.status)")
        }
        let isInquiry = record.status.hasPrefix("warning_")
        close(record, status: isInquiry ? "warning_closed" : won ? "won" : "lost", nowMs: nowMs)
    }
}
