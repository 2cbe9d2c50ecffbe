import Cryptography
import StripeSimulator
import Testing

/// Events, webhooks and their signatures.
@Suite struct EventTests {
    @Test("the simulator signs as Stripe's library expects")
    func signatures() throws {
        let cases = Array(try #require(try StripeFixtures.read("signature_vectors.json")["cases"]).elements)
        var checked = 0
        for vector in cases {
            guard ["valid", "at 300s", "future timestamp 1h"].contains(vector["name"]?.string) else { continue }
            let header = try #require(vector["header"]?.string)
            let seconds = try #require(header.split(separator: ",").first.flatMap { Int64($0.dropFirst(2)) })
            let secret = try #require(vector["secret"]?.string)
            let body = try #require(vector["payload"]?.stringBytes)
            #expect(StripeWorld.sign(body, secrets: [secret], atSeconds: seconds) == header)
            checked += 1
        }
        #expect(checked == 3)
    }

    @Test("while a secret is replaced both sign")
    func rotation() throws {
        var shop = Shop()
        shop.world.setSecrets(["whsec_new", Shop.platformSecret], ofEndpoint: "we_platform")
        _ = try shop.sale(1000)
        let webhook = try #require(shop.world.takeWebhooks(nowMs: shop.nowMs).first)
        let seconds = shop.nowMs / 1000
        let old = StripeWorld.sign(webhook.body, secrets: [Shop.platformSecret], atSeconds: seconds)
        let new = StripeWorld.sign(webhook.body, secrets: ["whsec_new"], atSeconds: seconds)
        #expect(webhook.signature == new + "," + old.split(separator: ",")[1])
    }

    @Test("events of accounts go to the Connect endpoint, with the account; the platform's to its own")
    func endpoints() throws {
        var shop = Shop()
        let seller = try shop.seller()
        _ = try shop.sale(1000)
        for webhook in shop.world.takeWebhooks(nowMs: shop.nowMs) {
            let event = try JSONDocument(parsing: webhook.body).root
            let isConnect = webhook.endpoint == "we_connect"
            #expect(event["account"]?.string == (isConnect ? seller : nil), "\(webhook.type)")
            #expect(isConnect == ["account.updated", "capability.updated"].contains(webhook.type))
            #expect(event["api_version"]?.string == "2026-10-28.endive")
        }
        #expect(try shop.get("/v1/events", "type=account.updated").rows.isEmpty)
        #expect(try shop.get("/v1/events", "type=account.updated", account: seller).rows.count == 1)
    }

    @Test("an event shows the object as it was, and the request that made it")
    func snapshot() throws {
        var shop = Shop()
        let intent = try shop.post("/v1/payment_intents", "amount=500&currency=cad", key: "k7")
        _ = try shop.post("/v1/payment_intents/\(intent.id)", "description=changed")
        let event = try #require(try shop.get("/v1/events", "types[0]=payment_intent.created").rows.first)
        #expect(event["data"]?["object"]?["description"]?.isNull == true)
        #expect(event["request"]?["idempotency_key"]?.string == "k7")
        #expect(event["request"]?["id"]?.string == intent.raw.header("Request-Id"))
        let id = try #require(event["id"]?.string)
        #expect(try shop.get("/v1/events/\(id)").string("type") == "payment_intent.created")
    }

    @Test("a refused webhook comes again after ever longer waits, for three days")
    func retries() throws {
        var shop = Shop()
        _ = try shop.post("/v1/payment_intents", "amount=500&currency=cad")
        var waits: [Int64] = []
        while let dueMs = shop.world.nextWebhookAtMs {
            waits.append(dueMs - shop.nowMs)
            shop.nowMs = dueMs
            let webhooks = shop.world.takeWebhooks(nowMs: dueMs)
            #expect(webhooks.map(\.attempt) == [waits.count])
            for webhook in webhooks { shop.world.refuseWebhook(webhook, nowMs: dueMs) }
            try #require(waits.count < 100)
        }
        #expect(waits.first == 0 && waits[1] == 300_000 && waits.last == 12 * 3_600_000)
        #expect(shop.nowMs - Shop.startMs <= 3 * Shop.dayMs && shop.nowMs - Shop.startMs > 2 * Shop.dayMs)
        #expect(try shop.get("/v1/events", "delivery_success=false").rows.count == 1)
        #expect(try shop.get("/v1/events", "delivery_success=true").rows.isEmpty)
    }
}
