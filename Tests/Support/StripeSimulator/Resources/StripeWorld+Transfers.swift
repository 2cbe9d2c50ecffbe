/// `/v1/transfers`.
extension StripeWorld {
    mutating func transfers(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "POST /v1/transfers": return try createTransfer(call)
        case "GET /v1/transfers":
            return try list("transfer", call) { transfer in
                ["destination", "transfer_group"].allSatisfy { name in
                    call.string(name).map { transfer.string(name) == $0 } ?? true
                }
            }
        case "GET /v1/transfers/{transfer}":
            return .object(try find("transfer", call.id, owner: call.owner).fields)
        case "POST /v1/transfers/{transfer}":
            _ = try find("transfer", call.id, owner: call.owner)
            try mergeMetadata(of: call.id, call)
            if let text = call.parameters["description"] { change(call.id, ["description": text]) }
            emit("transfer.updated", id: call.id, nowMs: call.nowMs)
            return show(call.id)
        case "POST /v1/transfers/{id}/reversals": return try createReversal(call)
        case "GET /v1/transfers/{id}/reversals":
            _ = try find("transfer", call.id, owner: call.owner)
            return try list("transfer_reversal", call) { $0.string("transfer") == call.id }
        case "GET /v1/transfers/{transfer}/reversals/{id}":
            let reversal = try find("transfer_reversal", call.ids.last ?? "", owner: call.owner)
            guard reversal.string("transfer") == call.id else { throw .missing("transfer_reversal", reversal.id) }
            return .object(reversal.fields)
        default: return nil
        }
    }

    private mutating func createTransfer(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        let currency = (call.string("currency") ?? "").lowercased()
        guard let amountMinor = call.int("amount") else {
            throw .refused("Missing required param: amount", code: "parameter_missing", param: "amount")
        }
        try Self.check(amountMinor: amountMinor, currency)
        let destination = try destination(call)
        var availableMs: Int64?
        var group = call.string("transfer_group")
        if let id = call.string("source_transaction") {
            let charge = try source(id, call, amountMinor: amountMinor, currency: currency)
            availableMs = self.availableMs(ofTransaction: charge.string("balance_transaction"))
            // The charge's own group, or one that is named after it and that the charge then has too.
            if group == nil { group = charge.string("transfer_group") ?? "group_\(id)" }
            if charge.string("transfer_group") == nil { change(id, ["transfer_group": .optional(group)]) }
        } else {
            try requireAvailable(amountMinor, currency, owner: call.owner)
        }
        let id = newID("tr")
        let payment = newID("py")
        let description = call.string("description")
        let taken = book(
            Movement(
                type: "transfer", category: "transfer", amountMinor: -amountMinor, currency: currency, source: id,
                description: description, availableMs: availableMs),
            owner: call.owner, nowMs: call.nowMs)
        let given = book(
            Movement(
                type: "payment", category: "charge", amountMinor: amountMinor, currency: currency, source: payment,
                description: description, availableMs: availableMs),
            owner: destination.id, nowMs: call.nowMs)
        create(
            "charge", id: payment, owner: destination.id, nowMs: call.nowMs,
            [
                "amount": .int(amountMinor), "amount_captured": .int(amountMinor), "amount_refunded": 0,
                "billing_details": [:], "captured": true, "currency": .string(currency), "disputed": false,
                "paid": true, "refunded": false, "status": "succeeded", "source_transfer": .string(id),
                "balance_transaction": .string(given),
            ])
        create(
            "transfer", id: id, owner: call.owner, nowMs: call.nowMs,
            [
                "amount": .int(amountMinor), "amount_reversed": 0, "reversed": false, "currency": .string(currency),
                "balance_transaction": .string(taken), "destination": .string(destination.id),
                "destination_payment": .string(payment), "description": .optional(description),
                "metadata": try Self.metadata(call.parameters["metadata"]), "transfer_group": .optional(group),
                "source_transaction": call.parameters["source_transaction"] ?? .null,
                "source_type": call.parameters["source_type"] ?? "card",
                "reversals": [
                    "object": "list", "data": [], "has_more": false,
                    "url": .string("/v1/transfers/\(id)/reversals"),
                ],
            ])
        emit("transfer.created", id: id, nowMs: call.nowMs)
        return show(id)
    }

    /// The account that is paid: one that exists and whose `transfers` capability is active.
    private func destination(_ call: StripeCall) throws(StripeFailure) -> StripeRecord {
        let id = call.string("destination") ?? ""
        guard call.owner == configuration.platform, let account = try? account(id, param: "destination"),
            account.hidden["deauthorized"] == nil
        else { throw .missing("destination", id, param: "destination") }
        let capabilities = account.fields["capabilities"]
        guard capabilities?["transfers"] == "active" || capabilities?["legacy_payments"] == "active" else {
            throw .refused(
                "The destination account needs the transfers capability, active",
                code: "insufficient_capabilities_for_transfer", param: "destination")
        }
        return account
    }

    /// The charge that pays for a transfer. All its transfers together, less what was reversed, are at most what was
    /// charged, and are in the currency in which it was settled.
    private func source(_ id: String, _ call: StripeCall, amountMinor: Int64, currency: String)
        throws(StripeFailure) -> StripeRecord
    {
        let charge = try find("charge", id, owner: call.owner, param: "source_transaction")
        guard charge.status == "succeeded", charge.bool("captured"),
            charge.string("balance_transaction") != nil
        else {
            throw .refused("The source charge has no balance transaction yet", param: "source_transaction")
        }
        let settled = settle(charge.int("amount_captured"), charge.currency)
        guard currency == settled.currency else {
            throw .refused(
                "The currency of the source's balance transaction is \(settled.currency)", param: "currency")
        }
        let earlier = (idsByKind["transfer"] ?? []).reduce(Int64(0)) { sum, transfer in
            guard let transfer = objects[transfer], transfer.string("source_transaction") == id else { return sum }
            return sum + transfer.amount - transfer.int("amount_reversed")
        }
        guard amountMinor <= settled.amountMinor - earlier else {
            throw .refused(
                "Transfers of \(earlier) are made from the source of \(settled.amountMinor) already", param: "amount")
        }
        return charge
    }
}
