/// `/v1/checkout/sessions`.
extension StripeWorld {
    /// A session is open for half an hour to a day; a day unless it says otherwise.
    private static let openSeconds: ClosedRange<Int64> = 1_800...86_400

    mutating func checkout(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "POST /v1/checkout/sessions": return try createSession(call)
        case "GET /v1/checkout/sessions":
            return try list("checkout.session", call) { session in
                ["payment_intent", "status"].allSatisfy { name in
                    call.string(name).map { session.string(name) == $0 } ?? true
                }
            }
        case "GET /v1/checkout/sessions/{session}":
            return .object(try find("checkout.session", call.id, owner: call.owner).fields)
        case "POST /v1/checkout/sessions/{session}":
            _ = try find("checkout.session", call.id, owner: call.owner)
            try mergeMetadata(of: call.id, call)
            return show(call.id)
        case "POST /v1/checkout/sessions/{session}/expire":
            let session = try find("checkout.session", call.id, owner: call.owner)
            guard session.status == "open" else { throw .refused("The session is \(session.status), not open") }
            expire(call.id, nowMs: call.nowMs)
            return show(call.id)
        case "GET /v1/checkout/sessions/{session}/line_items":
            let session = try find("checkout.session", call.id, owner: call.owner)
            return [
                "object": "list", "has_more": false, "url": .string(call.path),
                "data": session.hidden["line_items"] ?? [],
            ]
        default: return nil
        }
    }

    private mutating func createSession(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        guard call.string("mode") ?? "payment" == "payment" else { throw .notSimulated("mode") }
        guard call.string("success_url") != nil || call.string("ui_mode").map({ $0 != "hosted_page" }) ?? false else {
            throw .refused("A hosted page needs a success_url", code: "parameter_missing", param: "success_url")
        }
        let (items, total, currency) = try lineItems(call)
        try checkCharge(amountMinor: total, currency)
        let inner = call.fields("payment_intent_data") ?? [:]
        for name in ["application_fee_amount", "transfer_data", "shipping"] where inner[name] != nil {
            throw .notSimulated("payment_intent_data[\(name)]")
        }
        let seconds = call.nowMs / 1000
        let expiresAt = call.int("expires_at") ?? seconds + Self.openSeconds.upperBound
        guard Self.openSeconds.contains(expiresAt - seconds) else {
            throw .refused("A session is open for 30 minutes to 24 hours", param: "expires_at")
        }
        var intentFields = inner
        intentFields["metadata"] = try Self.metadata(inner["metadata"])
        intentFields["amount"] = .int(total)
        intentFields["currency"] = .string(currency)
        intentFields["customer"] = call.parameters["customer"]
        let id = "cs_test_" + random.letters(40)
        create(
            "checkout.session", id: id, owner: call.owner, nowMs: call.nowMs,
            [
                "amount_subtotal": .int(total), "amount_total": .int(total), "currency": .string(currency),
                "automatic_tax": ["enabled": false, "liability": nil, "status": nil, "provider": nil],
                "cancel_url": call.parameters["cancel_url"] ?? .null,
                "client_reference_id": call.parameters["client_reference_id"] ?? .null,
                "customer": call.parameters["customer"] ?? .null,
                "customer_email": call.parameters["customer_email"] ?? .null, "custom_fields": [],
                "custom_text": ["after_submit": nil, "shipping_address": nil, "submit": nil],
                "expires_at": .int(expiresAt), "metadata": try Self.metadata(call.parameters["metadata"]),
                "mode": "payment", "payment_method_types": ["card"], "payment_status": "unpaid",
                "shipping_options": [], "status": "open", "success_url": call.parameters["success_url"] ?? .null,
                "return_url": call.parameters["return_url"] ?? .null,
                "ui_mode": call.parameters["ui_mode"] ?? "hosted_page",
                "url": .string("https://checkout.stripe.com/c/pay/\(id)"),
                "total_details": ["amount_discount": 0, "amount_shipping": 0, "amount_tax": 0],
            ], hidden: ["payment_intent_data": .object(intentFields), "line_items": .array(items)])
        scheduled.append(ScheduledWork(atMs: expiresAt * 1000, kind: .expiry(session: id)))
        return show(id)
    }

    private mutating func lineItems(_ call: StripeCall) throws(StripeFailure) -> ([StripeValue], Int64, String) {
        var items: [StripeValue] = []
        var total: Int64 = 0
        var currency: String?
        for (index, item) in (call.parameters["line_items"]?.items ?? []).enumerated() {
            let at = "line_items[\(index)]"
            guard let price = item["price_data"], item["price"] == nil, price["recurring"] == nil else {
                throw .notSimulated("\(at)[price]")
            }
            guard let unit = price["unit_amount"]?.int, unit >= 0, unit <= configuration.chargeMaximum else {
                throw .refused("Invalid amount", param: "\(at)[price_data][unit_amount]")
            }
            guard price["product_data"]?["name"]?.string?.isEmpty == false || price["product"] != nil else {
                throw .refused(
                    "A price needs a product", code: "parameter_missing", param: "\(at)[price_data][product_data][name]"
                )
            }
            let quantity = item["quantity"]?.int ?? 1
            guard (1...999_999).contains(quantity) else { throw .refused("Invalid quantity", param: "\(at)[quantity]") }
            let own = (price["currency"]?.string ?? "").lowercased()
            guard currency ?? own == own else { throw .refused("All prices have one currency", param: at) }
            currency = own
            total += unit * quantity
            items.append([
                "id": .string(newID("li")), "object": "item", "amount_discount": 0, "amount_tax": 0,
                "amount_subtotal": .int(unit * quantity), "amount_total": .int(unit * quantity),
                "currency": .string(own), "quantity": .int(quantity),
                "description": price["product_data"]?["name"] ?? .null, "price": nil,
            ])
        }
        guard !items.isEmpty else {
            throw .refused("A payment needs line items", code: "parameter_missing", param: "line_items")
        }
        return (items, total, currency ?? "")
    }

    /// Expires a session that is open.
    mutating func expire(_ session: String, nowMs: Int64) {
        guard objects[session]?.status == "open" else { return }
        change(session, ["status": "expired", "url": nil])
        emit("checkout.session.expired", id: session, nowMs: nowMs)
    }

    /// The customer finishes a Checkout Session. With `.processing` it is complete and unpaid until
    /// ``settle(paymentIntent:succeeds:nowMs:)``. `.declined` leaves the session open.
    public mutating func completeCheckout(_ session: String, payment: StripePayment = .paid, nowMs: Int64)
        throws(StripeHookError)
    {
        let nowMs = pass(toMs: nowMs)
        let record = try require("checkout.session", session)
        guard record.status == "open" else { throw StripeHookError("\(session) is \(record.status)") }
        let intent: String
        if let earlier = record.hidden["payment_intent"]?.string {
            intent = earlier
        } else {
            let fields = record.hidden["payment_intent_data"]?.fields ?? [:]
            intent = makeIntent(fields, owner: record.owner, nowMs: nowMs)
            hide(session, ["payment_intent": .string(intent)])
            hide(intent, ["session": .string(session)])
        }
        guard attempt(intent, payment, nowMs: nowMs) == nil else { return }
        let isPaid = objects[intent]?.status == "succeeded"
        change(
            session,
            [
                "status": "complete", "url": nil, "payment_intent": .string(intent),
                "payment_status": isPaid ? "paid" : "unpaid",
            ])
        emit("checkout.session.completed", id: session, nowMs: nowMs)
    }
}
