/// `POST /v1/transfers/{id}/reversals`.
extension StripeWorld {
    mutating func createReversal(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        let transfer = try find("transfer", call.id, owner: call.owner)
        try call.refuse("refund_application_fee")
        let left = transfer.amount - transfer.int("amount_reversed")
        guard left > 0 else { throw .refused("The transfer is reversed already") }
        let amountMinor = call.int("amount") ?? left
        try Self.check(amountMinor: amountMinor, transfer.currency)
        guard amountMinor <= left else {
            throw .refused("\(amountMinor) is more than what is left of the transfer, \(left)", param: "amount")
        }
        let destination = transfer.string("destination") ?? ""
        let payment = transfer.string("destination_payment") ?? ""
        let availableMs = availableMs(ofTransaction: objects[payment]?.string("balance_transaction"))
            .flatMap { $0 > call.nowMs ? $0 : nil }
        let held = ledger.balance(of: destination, transfer.currency)
        // Money that is still on its way to the account is taken back from what is on its way.
        guard amountMinor <= (availableMs == nil ? held.availableMinor : held.pendingMinor) else {
            throw .refused("The destination's balance does not cover the reversal", code: "balance_insufficient")
        }
        let id = newID("trr")
        let refund = newID("pyr")
        let back = book(
            Movement(
                type: "transfer_refund", category: "transfer_reversal", amountMinor: amountMinor,
                currency: transfer.currency, source: id, description: "REFUND FOR TRANSFER", availableMs: availableMs),
            owner: call.owner, nowMs: call.nowMs)
        let taken = book(
            Movement(
                type: "payment_refund", category: "refund", amountMinor: -amountMinor, currency: transfer.currency,
                source: refund, description: "REFUND FOR PAYMENT", availableMs: availableMs),
            owner: destination, nowMs: call.nowMs)
        let reversed = transfer.int("amount_reversed") + amountMinor
        create(
            "refund", id: refund, owner: destination, nowMs: call.nowMs,
            [
                "amount": .int(amountMinor), "currency": .string(transfer.currency), "charge": .string(payment),
                "balance_transaction": .string(taken), "source_transfer_reversal": .string(id), "status": "succeeded",
                "metadata": [:],
            ])
        change(
            payment, ["amount_refunded": .int(reversed), "refunded": .bool(reversed == transfer.amount)])
        create(
            "transfer_reversal", id: id, owner: call.owner, nowMs: call.nowMs,
            [
                "amount": .int(amountMinor), "currency": .string(transfer.currency),
                "balance_transaction": .string(back), "transfer": .string(call.id),
                "destination_payment_refund": .string(refund),
                "metadata": try Self.metadata(call.parameters["metadata"]),
            ])
        var reversals = transfer.fields["reversals"]?.fields ?? [:]
        // Within a transfer, the ten latest; the others are listed.
        let latest = [show(id)] + (reversals["data"]?.items ?? [])
        reversals["data"] = .array(Array(latest.prefix(10)))
        reversals["has_more"] = .bool(latest.count > 10 || reversals["has_more"] == true)
        change(
            call.id,
            [
                "amount_reversed": .int(reversed), "reversed": .bool(reversed == transfer.amount),
                "reversals": .object(reversals),
            ])
        emit(
            "transfer.reversed", id: call.id, nowMs: call.nowMs,
            previous: ["amount_reversed": transfer.fields["amount_reversed"] ?? 0])
        return show(id)
    }
}
