/// `/v1/payment_intents`.
extension StripeWorld {
    mutating func paymentIntents(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "POST /v1/payment_intents":
            let id = try createIntent(call)
            if call.bool("confirm") { try confirm(id, call) }
            return show(id)
        case "GET /v1/payment_intents":
            return try list("payment_intent", call) { intent in
                call.string("customer").map { intent.string("customer") == $0 } ?? true
            }
        case "GET /v1/payment_intents/search": return try search("payment_intent", call)
        case "GET /v1/payment_intents/{intent}": return .object(try intent(call).fields)
        case "POST /v1/payment_intents/{intent}":
            try updateIntent(call)
            return show(call.id)
        case "POST /v1/payment_intents/{intent}/confirm":
            _ = try intent(call)
            try confirm(call.id, call)
            return show(call.id)
        case "POST /v1/payment_intents/{intent}/capture":
            try capture(call)
            return show(call.id)
        case "POST /v1/payment_intents/{intent}/cancel":
            try cancel(call)
            return show(call.id)
        default: return nil
        }
    }

    private func intent(_ call: StripeCall) throws(StripeFailure) -> StripeRecord {
        try find("payment_intent", call.id, owner: call.owner)
    }

    /// Refuses an amount that cannot be charged.
    func checkCharge(amountMinor: Int64, _ currency: String) throws(StripeFailure) {
        try Self.check(amountMinor: amountMinor, currency)
        guard amountMinor >= configuration.chargeMinimums[currency] ?? 50 else {
            throw .refused("The amount is below the minimum charge", code: "amount_too_small", param: "amount")
        }
        guard amountMinor <= configuration.chargeMaximum else {
            throw .refused("The amount is above the maximum charge", code: "amount_too_large", param: "amount")
        }
    }

    private mutating func createIntent(_ call: StripeCall) throws(StripeFailure) -> String {
        try call.refuse("application_fee_amount", "transfer_data", "hooks", "confirmation_token", "mandate")
        let currency = (call.string("currency") ?? "").lowercased()
        try checkCharge(amountMinor: call.int("amount") ?? 0, currency)
        var fields = call.parameters
        for name in ["confirm", "expand", "return_url", "off_session", "error_on_requires_action"] {
            fields[name] = nil
        }
        fields["currency"] = .string(currency)
        fields["metadata"] = try Self.metadata(call.parameters["metadata"])
        return makeIntent(fields, owner: call.owner, nowMs: call.nowMs)
    }

    /// Makes an intent of checked members and tells of it.
    mutating func makeIntent(_ given: StripeFields, owner: String, nowMs: Int64) -> String {
        let id = newID("pi")
        var fields = given
        fields["amount_capturable"] = 0
        fields["amount_received"] = 0
        fields["capture_method"] = given["capture_method"] ?? "automatic_async"
        fields["confirmation_method"] = given["confirmation_method"] ?? "automatic"
        fields["payment_method_types"] = ["card"]
        fields["client_secret"] = .string("\(id)_secret_\(random.letters(24))")
        fields["status"] = given["payment_method"] == nil ? "requires_payment_method" : "requires_confirmation"
        create("payment_intent", id: id, owner: owner, nowMs: nowMs, fields)
        emit("payment_intent.created", id: id, nowMs: nowMs)
        return id
    }

    private mutating func updateIntent(_ call: StripeCall) throws(StripeFailure) {
        let intent = try intent(call)
        try call.refuse("application_fee_amount", "transfer_data", "hooks")
        var changed: StripeFields = [:]
        for name in ["amount", "currency", "description", "transfer_group", "receipt_email", "payment_method"] {
            if let value = call.parameters[name] { changed[name] = value }
        }
        if changed["amount"] != nil || changed["currency"] != nil || changed["payment_method"] != nil {
            try require(intent, ["requires_payment_method", "requires_confirmation", "requires_action"])
            try checkCharge(
                amountMinor: call.int("amount") ?? intent.amount, call.string("currency") ?? intent.currency)
        }
        if changed["payment_method"] != nil { changed["status"] = "requires_confirmation" }
        try mergeMetadata(of: call.id, call)
        change(call.id, changed)
    }

    /// Refuses an intent in another state than these.
    private func require(_ intent: StripeRecord, _ statuses: [String]) throws(StripeFailure) {
        guard !statuses.contains(intent.status) else { return }
        var failure = StripeFailure(
            400, "The PaymentIntent's status is \(intent.status), it must be \(statuses.joined(separator: ", "))",
            code: "payment_intent_unexpected_state")
        failure.more["payment_intent"] = .object(intent.fields)
        throw failure
    }

    private mutating func confirm(_ id: String, _ call: StripeCall) throws(StripeFailure) {
        guard let intent = objects[id] else { throw .missing("payment_intent", id) }
        try require(intent, ["requires_payment_method", "requires_confirmation", "requires_action"])
        guard let method = call.string("payment_method") ?? intent.string("payment_method") else {
            throw .refused(
                "The PaymentIntent has no payment method", code: "parameter_missing", param: "payment_method")
        }
        change(id, ["payment_method": .string(method)])
        if method.contains("authenticationRequired") || method.contains("threeDSecure") {
            let action: StripeValue = [
                "type": "redirect_to_url",
                "redirect_to_url": ["url": "https://hooks.stripe.com/3d", "return_url": nil],
            ]
            change(id, ["status": "requires_action", "next_action": action])
            emit("payment_intent.requires_action", id: id, nowMs: call.nowMs)
            return
        }
        if let failure = attempt(id, Self.payment(of: method), nowMs: call.nowMs) { throw failure }
        if method.contains("createDispute"), let charge = objects[id]?.string("latest_charge") {
            _ = dispute(charge, amountMinor: nil, reason: "fraudulent", withdrawing: true, nowMs: call.nowMs)
        }
    }

    /// What Stripe's test payment methods do.
    private static func payment(of method: String) -> StripePayment {
        if method.contains("chargeDeclinedInsufficientFunds") { return .declined(code: "insufficient_funds") }
        if method.contains("chargeDeclinedExpiredCard") { return .declined(code: "expired_card") }
        if method.contains("chargeDeclined") { return .declined(code: "generic_decline") }
        return method.contains("BankAccount") || method.contains("Debit") ? .processing : .paid
    }

    private mutating func capture(_ call: StripeCall) throws(StripeFailure) {
        let intent = try intent(call)
        try require(intent, ["requires_capture"])
        try call.refuse("application_fee_amount", "transfer_data", "hooks")
        let amountMinor = call.int("amount_to_capture") ?? intent.amount
        guard amountMinor > 0, amountMinor <= intent.int("amount_capturable") else {
            throw .refused("More than the capturable amount", code: "amount_too_large", param: "amount_to_capture")
        }
        guard let charge = intent.string("latest_charge") else { throw .missing("charge", "") }
        try mergeMetadata(of: call.id, call)
        change(charge, ["captured": true, "amount_captured": .int(amountMinor)])
        bookCharge(charge, nowMs: call.nowMs)
        emit("charge.captured", id: charge, nowMs: call.nowMs)
        succeed(call.id, nowMs: call.nowMs)
    }

    private mutating func cancel(_ call: StripeCall) throws(StripeFailure) {
        let intent = try intent(call)
        let open = ["requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"]
        try require(intent, open)
        if intent.status == "requires_capture", let charge = intent.string("latest_charge") {
            change(charge, ["refunded": true, "amount_refunded": .int(intent.amount)])
            emit("charge.refunded", id: charge, nowMs: call.nowMs)
        }
        change(
            call.id,
            [
                "status": "canceled", "canceled_at": .int(call.nowMs / 1000), "amount_capturable": 0,
                "cancellation_reason": call.parameters["cancellation_reason"] ?? .null,
            ])
        emit("payment_intent.canceled", id: call.id, nowMs: call.nowMs)
    }
}
