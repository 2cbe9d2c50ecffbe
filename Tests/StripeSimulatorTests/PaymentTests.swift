import Cryptography
import StripeSimulator
import Testing

/// Money in: intents, charges, sessions.
@Suite struct PaymentTests {
    @Test(
        "a charge comes onto the pending balance less 2.9 % + 30, and is available two days later",
        arguments: [(50, 31), (100, 33), (1000, 59), (1017, 59), (1018, 60), (99_999_999, 2_900_030)]
            as [(Int64, Int64)])
    func fee(amountMinor: Int64, feeMinor: Int64) throws {
        var shop = Shop()
        let sale = try shop.sale(amountMinor)
        #expect(shop.pending() == amountMinor - feeMinor)
        #expect(shop.available() == 0)
        let charge = try shop.get("/v1/charges/\(sale.charge)", "expand[0]=balance_transaction")
        let transaction = try #require(charge["balance_transaction"])
        #expect(transaction["fee"]?.int64 == feeMinor)
        #expect(transaction["net"]?.int64 == amountMinor - feeMinor)
        #expect(transaction["reporting_category"]?.string == "charge")
        #expect(transaction["status"]?.string == "pending")
        shop.nowMs += 2 * Shop.dayMs - 1
        #expect(shop.world.balance(currency: "cad").availableMinor == 0)
        shop.world.advance(nowMs: shop.nowMs)
        #expect(shop.available() == 0)
        shop.nowMs += 1
        shop.world.advance(nowMs: shop.nowMs)
        #expect(shop.available() == amountMinor - feeMinor)
        #expect(shop.pending() == 0)
        #expect(try shop.get("/v1/balance_transactions").rows.map { $0["status"]?.string } == ["available"])
        shop.isSound()
    }

    @Test(
        "an amount that the currency does not have is refused",
        arguments: [
            (49, "cad", "amount_too_small"), (50, "cad", nil), (100_000_000, "cad", "amount_too_large"),
            (0, "cad", "parameter_invalid_integer"), (-100, "cad", "parameter_invalid_integer"),
            (29, "gbp", "amount_too_small"), (30, "gbp", nil), (50, "jpy", nil),
            (5124, "kwd", "parameter_invalid_integer"), (5120, "kwd", nil),
            (5150, "ugx", "parameter_invalid_integer"), (5100, "ugx", nil),
        ] as [(Int64, String, String?)])
    func amounts(amountMinor: Int64, currency: String, code: String?) throws {
        var shop = Shop()
        let answer = try shop.post("/v1/payment_intents", "amount=\(amountMinor)&currency=\(currency)")
        #expect(answer.status == (code == nil ? 200 : 400))
        #expect(answer.code == code)
    }

    @Test("a charge in a currency that the platform does not hold is settled in its default one")
    func conversion() throws {
        var shop = Shop()
        _ = try shop.sale(1001, "eur")
        #expect(shop.pending(nil, "eur") == 0)
        let transaction = try #require(try shop.get("/v1/balance_transactions").rows.first)
        // 1001 × 3/2, rounded down; 2.9 % of it is 43.529.
        #expect(transaction["amount"]?.int64 == 1501)
        #expect(transaction["fee"]?.int64 == 74, "44 and the fixed 30")
        #expect(transaction["currency"]?.string == "cad")
        #expect(transaction["exchange_rate"]?.numberText == "1.500000")
        shop.isSound()
    }

    @Test("a manual capture holds the money until part of it is taken; a cancelled one takes none")
    func capture() throws {
        var shop = Shop()
        let held = try shop.sale(1000, "cad", "&capture_method=manual")
        #expect(shop.pending() == 0)
        #expect(try shop.get("/v1/payment_intents/\(held.intent)").string("status") == "requires_capture")
        #expect(try shop.post("/v1/refunds", "charge=\(held.charge)").code == "charge_not_refundable")
        let capture = "/v1/payment_intents/\(held.intent)/capture"
        #expect(try shop.post(capture, "amount_to_capture=1001").code == "amount_too_large")
        let taken = try shop.post(capture, "amount_to_capture=600")
        #expect(taken.string("status") == "succeeded")
        #expect(taken.int("amount_received") == 600)
        #expect(shop.pending() == 600 - 47)
        #expect(try shop.post(capture).code == "payment_intent_unexpected_state")

        let other = try shop.sale(1000, "cad", "&capture_method=manual")
        #expect(try shop.post("/v1/payment_intents/\(other.intent)/cancel").string("status") == "canceled")
        #expect(shop.pending() == 600 - 47)
        shop.isSound()
    }

    @Test("a declined card is a card error with its reason; the intent may be paid again")
    func declined() throws {
        var shop = Shop()
        let form = "amount=900&currency=cad&confirm=true&payment_method=pm_card_visa_chargeDeclinedInsufficientFunds"
        let answer = try shop.post("/v1/payment_intents", form)
        #expect(answer.status == 402)
        #expect(answer.type == "card_error")
        #expect(answer.code == "card_declined")
        #expect(answer["error"]?["decline_code"]?.string == "insufficient_funds")
        let intent = try #require(answer["error"]?["payment_intent"]?["id"]?.string)
        #expect(try shop.get("/v1/payment_intents/\(intent)").string("status") == "requires_payment_method")
        #expect(shop.delivered() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"])
        let paid = try shop.post("/v1/payment_intents/\(intent)/confirm", "payment_method=pm_card_visa")
        #expect(paid.string("status") == "succeeded")
        #expect(try shop.get("/v1/charges", "payment_intent=\(intent)").rows.count == 2)
        shop.isSound()
    }

    @Test("a late balance transaction is null, until charge.updated brings it and the money with it")
    func lateTransaction() throws {
        var shop = Shop { $0.balanceTransactionDelayMs = 60_000 }
        let sale = try shop.sale(1000)
        #expect(try shop.get("/v1/charges/\(sale.charge)")["balance_transaction"]?.isNull == true)
        #expect(shop.pending() == 0)
        let seller = try shop.seller()
        let form = "amount=100&currency=cad&destination=\(seller)&source_transaction=\(sale.charge)"
        #expect(try shop.post("/v1/transfers", form).status == 400)
        _ = shop.delivered()
        shop.nowMs += 60_000
        #expect(shop.delivered() == ["charge.updated"])
        #expect(shop.pending() == 1000 - 59)
        #expect(try shop.get("/v1/charges/\(sale.charge)").string("balance_transaction").hasPrefix("txn_"))
        #expect(try shop.post("/v1/transfers", form).status == 200)
        shop.isSound()
    }

    private static let session =
        "mode=payment&success_url=https://shop.test/&line_items[0][quantity]=2&line_items[0][price_data][currency]=cad"
        + "&line_items[0][price_data][unit_amount]=750&line_items[0][price_data][product_data][name]=Shirt"
        + "&metadata[instruction]=i1&payment_intent_data[transfer_group]=g1"
        + "&payment_intent_data[metadata][instruction]=i1"

    @Test("a customer pays a session: its intent has what the session said of it")
    func checkout() throws {
        var shop = Shop()
        let session = try shop.post("/v1/checkout/sessions", Self.session)
        #expect(session.int("amount_total") == 1500)
        #expect(session.string("payment_status") == "unpaid")
        #expect(session["payment_intent"]?.isNull == true)
        try shop.world.completeCheckout(session.id, nowMs: shop.nowMs)
        let paid = try shop.get("/v1/checkout/sessions/\(session.id)", "expand[0]=payment_intent.latest_charge")
        #expect(paid.string("status") == "complete")
        #expect(paid.string("payment_status") == "paid")
        let intent = try #require(paid["payment_intent"])
        #expect(intent["metadata"]?["instruction"]?.string == "i1")
        #expect(intent["latest_charge"]?["transfer_group"]?.string == "g1")
        #expect(intent["latest_charge"]?["amount"]?.int64 == 1500)
        #expect(
            shop.delivered() == [
                "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
                "checkout.session.completed",
            ])
        #expect(try shop.post("/v1/checkout/sessions/\(session.id)/expire").status == 400)
        #expect(throws: StripeHookError.self) { try shop.world.completeCheckout(session.id, nowMs: shop.nowMs) }
        shop.isSound()
    }

    @Test("a bank debit completes the session unpaid; days later it succeeds or fails", arguments: [true, false])
    func asynchronous(succeeds: Bool) throws {
        var shop = Shop()
        let session = try shop.post("/v1/checkout/sessions", Self.session).id
        try shop.world.completeCheckout(session, payment: .processing, nowMs: shop.nowMs)
        let open = try shop.get("/v1/checkout/sessions/\(session)")
        #expect(open.string("status") == "complete" && open.string("payment_status") == "unpaid")
        #expect(shop.pending() == 0)
        _ = shop.delivered()
        shop.nowMs += Shop.dayMs
        try shop.world.settle(paymentIntent: open.string("payment_intent"), succeeds: succeeds, nowMs: shop.nowMs)
        let ending = succeeds ? "succeeded" : "failed"
        #expect(shop.delivered().last == "checkout.session.async_payment_\(ending)")
        #expect(shop.pending() == (succeeds ? 1500 - 74 : 0))
        let status = try shop.get("/v1/checkout/sessions/\(session)").string("payment_status")
        #expect(status == (succeeds ? "paid" : "unpaid"))
        shop.isSound()
    }

    @Test("a session that nobody pays expires by itself, or by request")
    func expiry() throws {
        var shop = Shop()
        let first = try shop.post("/v1/checkout/sessions", Self.session).id
        #expect(try shop.post("/v1/checkout/sessions/\(first)/expire").string("status") == "expired")
        let second = try shop.post("/v1/checkout/sessions", Self.session).id
        _ = shop.delivered()
        shop.nowMs += Shop.dayMs
        #expect(shop.delivered() == ["checkout.session.expired"])
        #expect(try shop.get("/v1/checkout/sessions/\(second)").string("status") == "expired")
        #expect(throws: StripeHookError.self) { try shop.world.completeCheckout(second, nowMs: shop.nowMs) }
    }

    @Test("search finds by metadata, after a minute")
    func search() throws {
        var shop = Shop()
        let form = "amount=500&currency=cad&metadata[instruction id]=i:1"
        let id = try shop.post("/v1/payment_intents", form).id
        _ = try shop.post("/v1/payment_intents", "amount=500&currency=cad&metadata[instruction id]=i2")
        let query = "query=metadata['instruction id']:'i:1' AND currency:'cad'"
            .replacing(" ", with: "+")
        #expect(try shop.get("/v1/payment_intents/search", query).rows.isEmpty)
        shop.nowMs += 60_000
        #expect(try shop.get("/v1/payment_intents/search", query).rows.map { $0["id"]?.string } == [id])
        shop.isSound()
    }
}
