/// How a payment goes: from an intent to a charge to money on the balance.
extension StripeWorld {
    /// The customer tries to pay an intent; answers the card error of a decline.
    mutating func attempt(_ intent: String, _ payment: StripePayment, nowMs: Int64) -> StripeFailure? {
        let charge = makeCharge(of: intent, nowMs: nowMs)
        switch payment {
        case .paid:
            let isCaptured = objects[intent]?.string("capture_method") != "manual"
            complete(charge, intent, isCaptured: isCaptured, nowMs: nowMs)
            return nil
        case .processing:
            hide(charge, ["type": "payment"])
            change(charge, ["status": "pending"])
            change(intent, ["status": "processing"])
            emit("charge.pending", id: charge, nowMs: nowMs)
            emit("payment_intent.processing", id: intent, nowMs: nowMs)
            return nil
        case .declined(let code):
            return fail(charge, intent, code, nowMs: nowMs)
        }
    }

    private mutating func makeCharge(of intent: String, nowMs: Int64) -> String {
        guard let record = objects[intent] else { return "" }
        var fields: StripeFields = [
            "amount_captured": 0, "amount_refunded": 0, "billing_details": [:], "captured": false, "disputed": false,
            "paid": false, "refunded": false, "status": "failed", "payment_intent": .string(intent),
        ]
        let shared = [
            "amount", "currency", "customer", "description", "metadata", "on_behalf_of", "payment_method",
            "receipt_email", "transfer_group",
        ]
        for name in shared { fields[name] = record.fields[name] }
        let charge = create("charge", id: newID("ch"), owner: record.owner, nowMs: nowMs, fields)
        change(intent, ["latest_charge": .string(charge)])
        return charge
    }

    private mutating func complete(_ charge: String, _ intent: String, isCaptured: Bool, nowMs: Int64) {
        let amount = StripeValue.int(objects[charge]?.amount ?? 0)
        change(
            charge,
            [
                "status": "succeeded", "paid": true, "captured": .bool(isCaptured),
                "amount_captured": isCaptured ? amount : 0,
                "outcome": ["network_status": "approved_by_network", "type": "authorized"],
            ])
        if isCaptured { bookCharge(charge, nowMs: nowMs) }
        emit("charge.succeeded", id: charge, nowMs: nowMs)
        if isCaptured {
            succeed(intent, nowMs: nowMs)
        } else {
            change(intent, ["status": "requires_capture", "amount_capturable": amount])
            emit("payment_intent.amount_capturable_updated", id: intent, nowMs: nowMs)
        }
    }

    /// The intent's charge is captured.
    mutating func succeed(_ intent: String, nowMs: Int64) {
        let charge = objects[intent]?.string("latest_charge") ?? ""
        change(
            intent,
            [
                "status": "succeeded", "amount_capturable": 0, "next_action": nil, "last_payment_error": nil,
                "amount_received": objects[charge]?.fields["amount_captured"] ?? 0,
            ])
        emit("payment_intent.succeeded", id: intent, nowMs: nowMs)
    }

    private mutating func fail(_ charge: String, _ intent: String, _ code: String, nowMs: Int64) -> StripeFailure {
        // A few codes stand on their own; the others are reasons of `card_declined`.
        let isOwn = ["expired_card", "incorrect_cvc", "processing_error"].contains(code)
        var failure = StripeFailure(402, "The payment was declined", code: isOwn ? code : "card_declined")
        failure.type = "card_error"
        failure.more["charge"] = .string(charge)
        if !isOwn { failure.more["decline_code"] = .string(code) }
        change(
            charge,
            [
                "status": "failed", "paid": false, "failure_code": .optional(failure.code),
                "failure_message": .string(failure.message),
            ])
        change(
            intent,
            [
                "status": "requires_payment_method", "payment_method": nil,
                "last_payment_error": failure.body["error"] ?? .null,
            ])
        failure.more["payment_intent"] = show(intent)
        emit("charge.failed", id: charge, nowMs: nowMs)
        emit("payment_intent.payment_failed", id: intent, nowMs: nowMs)
        return failure
    }

    /// A captured charge comes onto the balance: at once, or when its balance transaction is due.
    mutating func bookCharge(_ charge: String, nowMs: Int64) {
        hide(charge, ["paid_ms": .int(nowMs)])
        if let delayMs = configuration.balanceTransactionDelayMs {
            scheduled.append(ScheduledWork(atMs: nowMs + delayMs, kind: .balanceTransaction(charge: charge)))
        } else {
            bookTransaction(ofCharge: charge, nowMs: nowMs)
        }
    }

    /// The late balance transaction of a charge arrives.
    mutating func bringBalanceTransaction(ofCharge charge: String, nowMs: Int64) {
        bookTransaction(ofCharge: charge, nowMs: nowMs)
        emit("charge.updated", id: charge, nowMs: nowMs, previous: ["balance_transaction": nil])
    }

    private mutating func bookTransaction(ofCharge charge: String, nowMs: Int64) {
        guard let record = objects[charge] else { return }
        let settled = settle(record.int("amount_captured"), record.currency)
        let paidMs = record.hidden["paid_ms"]?.int ?? nowMs
        let transaction = book(
            Movement(
                type: record.hidden["type"]?.string ?? "charge", category: "charge", amountMinor: settled.amountMinor,
                feeMinor: fee(settled.amountMinor), currency: settled.currency, source: charge,
                description: record.string("description"), availableMs: paidMs + configuration.settlementDelayMs,
                exchangeRate: settled.rate),
            owner: record.owner, nowMs: nowMs)
        change(charge, ["balance_transaction": .string(transaction)])
    }

    // MARK: - Hooks

    /// The customer confirms a PaymentIntent in the browser.
    public mutating func pay(paymentIntent: String, payment: StripePayment = .paid, nowMs: Int64)
        throws(StripeHookError)
    {
        let nowMs = pass(toMs: nowMs)
        let intent = try require("payment_intent", paymentIntent)
        guard ["requires_payment_method", "requires_confirmation", "requires_action"].contains(intent.status) else {
            throw StripeHookError("\(paymentIntent) is \(intent.status)")
        }
        _ = attempt(paymentIntent, payment, nowMs: nowMs)
    }

    /// A payment in processing succeeds or fails; for a session `checkout.session.async_payment_…` follows.
    public mutating func settle(paymentIntent: String, succeeds: Bool, nowMs: Int64) throws(StripeHookError) {
        let nowMs = pass(toMs: nowMs)
        let intent = try require("payment_intent", paymentIntent)
        guard intent.status == "processing", let charge = intent.string("latest_charge") else {
            throw StripeHookError("\(paymentIntent) is \(intent.status)")
        }
        if succeeds {
            complete(charge, paymentIntent, isCaptured: true, nowMs: nowMs)
        } else {
            _ = fail(charge, paymentIntent, "debit_not_authorized", nowMs: nowMs)
        }
        guard let session = intent.hidden["session"]?.string else { return }
        if succeeds { change(session, ["payment_status": "paid"]) }
        emit("checkout.session.async_payment_\(succeeds ? "succeeded" : "failed")", id: session, nowMs: nowMs)
    }
}

/// How a customer pays.
public enum StripePayment: Hashable, Sendable {
    /// At once.
    case paid
    /// Later: a bank debit in processing, until ``StripeWorld/settle(paymentIntent:succeeds:nowMs:)``.
    case processing
    /// Not: declined with this code, such as `insufficient_funds`.
    case declined(code: String)
}
