import Cryptography
import StripeSimulator
import Testing

/// What the network loses and Stripe gets wrong.
@Suite struct FaultTests {
    private let form = "amount=500&currency=cad"

    private func exchange(_ fault: StripeFault, _ shop: inout Shop) -> StripeExchange {
        shop.world.faults.script("POST", "/v1/payment_intents", fault)
        return shop.world.exchange(
            Shop.request("POST", "/v1/payment_intents", form, key: "k"), nowMs: shop.nowMs)
    }

    @Test("a lost request does nothing; a lost reply hides what was done; the sender sees the same")
    func lost() throws {
        var shop = Shop()
        guard case .lost(wasTaken: false) = exchange(.requestLost, &shop).outcome else {
            Issue.record("the request arrived")
            return
        }
        #expect(shop.world.ids(of: "payment_intent").isEmpty)
        guard case .lost(wasTaken: true) = exchange(.replyLost, &shop).outcome else {
            Issue.record("the reply arrived")
            return
        }
        #expect(shop.world.ids(of: "payment_intent").count == 1)
        let again = try shop.post("/v1/payment_intents", form, key: "k")
        #expect(again.raw.header("Idempotent-Replayed") == "true")
        #expect(shop.world.ids(of: "payment_intent") == [again.id])
    }

    @Test(
        "an answer from before execution leaves nothing, and the key free",
        arguments: [
            (.keyInUse, 409, "true"), (.rateLimited(shouldRetry: nil), 429, nil),
            (.rateLimited(shouldRetry: false), 429, "false"), (.rateLimited(shouldRetry: true), 429, "true"),
            (.failedBeforeExecution, 500, nil),
        ] as [(StripeFault, Int, String?)])
    func before(fault: StripeFault, status: Int, shouldRetry: String?) throws {
        var shop = Shop()
        let answer = exchange(fault, &shop).outcome.answer
        #expect(answer?.status == status)
        #expect(answer?.header("Stripe-Should-Retry") == shouldRetry)
        #expect(shop.world.ids(of: "payment_intent").isEmpty)
        let again = try shop.post("/v1/payment_intents", form, key: "k")
        #expect(again.status == 200)
        #expect(again.raw.header("Idempotent-Replayed") == nil)
    }

    @Test("a 500 during execution is replayed, whether its effect stands or not", arguments: [true, false])
    func during(effectStands: Bool) throws {
        var shop = Shop()
        #expect(exchange(.failedDuringExecution(effectStands: effectStands), &shop).outcome.answer?.status == 500)
        #expect(shop.world.ids(of: "payment_intent").count == (effectStands ? 1 : 0))
        #expect(shop.world.ids(of: "event").count == (effectStands ? 1 : 0))
        let again = try shop.post("/v1/payment_intents", form, key: "k")
        #expect(again.status == 500)
        #expect(again.type == "api_error")
        #expect(again.raw.header("Idempotent-Replayed") == "true")
        shop.isSound()
    }

    @Test("an event may arrive before the reply to its request")
    func eventsFirst() throws {
        var shop = Shop()
        let exchange = exchange(.eventsFirst, &shop)
        #expect(exchange.webhooksBeforeReply.map(\.type) == ["payment_intent.created"])
        #expect(exchange.outcome.answer?.status == 200)
        #expect(shop.delivered().isEmpty)
    }

    @Test("events are dropped, delayed, doubled and overtaken as the script says")
    func events() throws {
        var shop = Shop()
        shop.world.faults.script(event: "charge.succeeded", .dropped)
        _ = try shop.sale(1000)
        #expect(shop.delivered() == ["payment_intent.created", "payment_intent.succeeded"])
        let missed = try shop.get("/v1/events", "delivery_success=false")
        #expect(missed.rows.map { $0["type"]?.string } == ["charge.succeeded"])

        shop.world.faults.script(event: "charge.succeeded", .delayed(delayMs: 500))
        _ = try shop.sale(1000)
        #expect(shop.delivered() == ["payment_intent.created", "payment_intent.succeeded"])
        #expect(shop.world.nextWebhookAtMs == shop.nowMs + 500)
        #expect(try shop.get("/v1/events", "delivery_success=false").rows.count == 2)
        shop.nowMs += 500
        #expect(shop.delivered() == ["charge.succeeded"])
        #expect(try shop.get("/v1/events", "delivery_success=false").rows.count == 1)

        shop.world.faults.script(event: "charge.succeeded", .overtaken)
        _ = try shop.sale(1000)
        #expect(shop.delivered() == ["payment_intent.created", "payment_intent.succeeded", "charge.succeeded"])

        shop.world.faults.script(event: "charge.succeeded", .delivered(twiceAfterMs: 0))
        _ = try shop.sale(1000)
        let twice = shop.world.takeWebhooks(nowMs: shop.nowMs).filter { $0.type == "charge.succeeded" }
        #expect(twice.count == 2 && Set(twice.map(\.event)).count == 1)

        shop.world.faults.script(event: "charge.succeeded", .twin)
        _ = try shop.sale(1000)
        let twins = shop.world.takeWebhooks(nowMs: shop.nowMs).filter { $0.type == "charge.succeeded" }
        #expect(twins.count == 2 && Set(twins.map(\.event)).count == 2)
    }

    @Test("a seed decides which requests go wrong, and each thing does go wrong")
    func seeded() throws {
        func run(_ seed: UInt64) -> [String] {
            var shop = Shop()
            shop.world.faults = StripeFaults(seed: seed, rates: .stormy)
            return (0..<2000).map { index in
                let request = Shop.request("POST", "/v1/payment_intents", form, key: "k\(index)")
                let exchange = shop.world.exchange(request, nowMs: shop.nowMs)
                switch exchange.outcome {
                case .lost(let wasTaken): return "lost \(wasTaken)"
                case .answered(let answer):
                    return exchange.webhooksBeforeReply.isEmpty ? "\(answer.status)" : "events first"
                }
            }
        }
        #expect(run(7) == run(7))
        #expect(run(7) != run(8))
        #expect(
            Set(run(7)) == ["200", "409", "429", "500", "events first", "lost false", "lost true"])
    }
}
