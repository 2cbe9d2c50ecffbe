import Cryptography
import StripeSimulator
import Testing

/// `Idempotency-Key`, as Stripe documents it.
@Suite struct IdempotencyTests {
    private let form = "amount=500&currency=cad"

    @Test("a request sent again is answered as at first, and done once")
    func replay() throws {
        var shop = Shop()
        let first = try shop.post("/v1/payment_intents", form, key: "k")
        shop.nowMs += Shop.dayMs - 1
        let again = try shop.post("/v1/payment_intents", form, key: "k")
        #expect(first.raw.body == again.raw.body)
        #expect(first.raw.header("Idempotent-Replayed") == nil)
        #expect(again.raw.header("idempotent-replayed") == "true")
        #expect(again.raw.header("Original-Request") == first.raw.header("Request-Id"))
        #expect(again.raw.header("Request-Id") != first.raw.header("Request-Id"))
        #expect(shop.world.ids(of: "payment_intent").count == 1)
        shop.isSound()
    }

    @Test("after a day the key is forgotten: the request is done again")
    func pruned() throws {
        var shop = Shop()
        let first = try shop.post("/v1/payment_intents", form, key: "k")
        shop.nowMs += Shop.dayMs
        #expect(try shop.post("/v1/payment_intents", form, key: "k").id != first.id)
        #expect(shop.world.ids(of: "payment_intent").count == 2)
    }

    @Test("a key with other parameters or another endpoint is an idempotency error, and noted")
    func mismatch() throws {
        var shop = Shop()
        _ = try shop.post("/v1/payment_intents", form, key: "k")
        for (path, form) in [("/v1/payment_intents", form + "&description=x"), ("/v1/refunds", "charge=ch_1")] {
            let answer = try shop.post(path, form, key: "k")
            #expect(answer.status == 400)
            #expect(answer.type == "idempotency_error")
        }
        #expect(shop.world.violations.count == 2)
        #expect(shop.world.ids(of: "payment_intent").count == 1)
    }

    @Test("a refused form is not saved under the key; a refusal of what was executed is")
    func savedOnceExecuted() throws {
        var shop = Shop()
        #expect(try shop.post("/v1/payment_intents", "amount=x&currency=cad", key: "k").status == 400)
        #expect(try shop.post("/v1/payment_intents", form, key: "k").status == 200)
        let seller = try shop.seller()
        let transfer = "amount=100&currency=cad&destination=\(seller)"
        #expect(try shop.post("/v1/transfers", transfer, key: "t").code == "balance_insufficient")
        shop.world.topUp(amountMinor: 1000, currency: "cad", nowMs: shop.nowMs)
        let again = try shop.post("/v1/transfers", transfer, key: "t")
        #expect(again.code == "balance_insufficient")
        #expect(again.raw.header("Idempotent-Replayed") == "true")
        #expect(try shop.post("/v1/transfers", transfer, key: "t2").status == 200)
    }

    @Test("a key is the account's own")
    func scope() throws {
        var shop = Shop()
        let seller = try shop.seller()
        shop.world.topUp(amountMinor: 1000, currency: "cad", nowMs: shop.nowMs)
        _ = try shop.post("/v1/transfers", "amount=500&currency=cad&destination=\(seller)")
        let payout = "amount=100&currency=cad"
        let own = try shop.post("/v1/payouts", payout, key: "k")
        let sellers = try shop.post("/v1/payouts", payout, key: "k", account: seller)
        #expect(own.status == 200 && sellers.status == 200 && own.id != sellers.id)
    }

    @Test("while the first is in progress a second is answered 409 with the advice to try again")
    func concurrent() throws {
        var shop = Shop()
        shop.world.faults.script("POST", "/v1/payment_intents", .slow(delayMs: 3000))
        let request = Shop.request("POST", "/v1/payment_intents", form, key: "k")
        let first = shop.world.exchange(request, nowMs: shop.nowMs)
        #expect(first.replyDelayMs == 3000)
        let second = try Shop.Answer(shop.world.handle(request, nowMs: shop.nowMs + 2999))
        #expect(second.status == 409)
        #expect(second.code == "idempotency_key_in_use")
        #expect(second.raw.header("Stripe-Should-Retry") == "true")
        let third = shop.world.handle(request, nowMs: shop.nowMs + 3000)
        #expect(third.body == first.outcome.answer?.body)
        shop.isSound()
    }

    @Test("a key longer than 255 characters is refused")
    func length() throws {
        var shop = Shop()
        #expect(try shop.post("/v1/payment_intents", form, key: String(repeating: "k", count: 256)).status == 400)
        #expect(try shop.post("/v1/payment_intents", form, key: String(repeating: "k", count: 255)).status == 200)
    }
}
