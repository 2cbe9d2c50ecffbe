import Cryptography
import Foundation
import Service
import StripeSimulator
import Testing

extension EndToEnd {
    /// Money by card from the checkout to the seller's account, against a Stripe that keeps its own books.
    @Suite("Stripe, from the checkout to the payout")
    struct StripeTests {
        /// A node and a Stripe that know each other.
        struct Shop {
            let home: Home
            let node: Node
            let stripe: StripeServer

            static let key = "sk_test_simulator"
            static let secret = "whsec_endtoend0123456789abcdef"

            /// - Parameter through: where the node finds Stripe's API.
            static func open(through: (StripeServer) throws -> String = { $0.url }) async throws -> Shop {
                let offset = try Node.freeOffset()
                var configuration = StripeConfiguration()
                configuration.secretKeys = [key]
                configuration.settlementDelayMs = 0
                configuration.endpoints = [
                    StripeEndpoint(
                        id: "we_1", url: "http://127.0.0.1:\(Node.payPort + offset)/api/webhook/stripe",
                        secrets: [secret])
                ]
                let stripe = try await StripeServer.start(
                    world: StripeWorld(seed: 7, configuration: configuration, faults: StripeFaults()),
                    clock: { Int64(Date().timeIntervalSince1970 * 1000) })
                let home = try Home()
                let node = try Node(
                    in: home, offset: offset,
                    [
                        "MJN_STRIPE_SECRET_KEY": key, "MJN_STRIPE_WEBHOOK_SECRET": secret,
                        "MJN_STRIPE_API_BASE": try through(stripe), "MJN_PAYEE_CHANGE_HOURS": "0",
                    ])
                return Shop(home: home, node: node, stripe: stripe)
            }

            /// Sends, and expects a status.
            func send(
                _ request: Request, _ status: Int, _ location: SourceLocation = #_sourceLocation
            ) throws -> JSONValue {
                let answer = try node.send(request)
                try #require(answer.status == status, "\(answer.text)", sourceLocation: location)
                return try #require(answer.json, sourceLocation: location)
            }

            /// Delivers webhooks until a lifecycle stands so.
            func wait(
                for path: String, _ status: String, _ location: SourceLocation = #_sourceLocation
            ) async throws {
                let deadline = Date().addingTimeInterval(Patience.seconds)
                while true {
                    await stripe.pump()
                    let answer = try node.send(.get(path, by: node.service))
                    if answer.json?["status"]?.string == status { return }
                    try #require(Date() < deadline, "\(answer.text)", sourceLocation: location)
                    try await Task.sleep(for: .milliseconds(20))
                }
            }

            /// A seller with an account at Stripe, to whom payouts go at once.
            func seller() throws -> (person: Person, account: String) {
                let person = Person()
                let urls = #""refresh_url":"http://localhost/again","return_url":"http://localhost/done""#
                let link = try send(
                    .post("/api/connect/onboard", #"{"did":"\#(person.did)","country":"CA",\#(urls)}"#, by: person), 200
                )
                let account = try #require(link["account"]?.string)
                try stripe.withWorld { try $0.onboard(account, nowMs: stripe.nowMs) }
                let policy =
                    #"{"destinations":[{"rail":"stripe","currency":"CAD","address":"\#(account)"}],"#
                    + #""schedule":"manual"}"#
                _ = try send(
                    Request.post("/api/payees/\(person.did)", policy, by: person).with { $0.method = .put }, 200)
                return (person, account)
            }

            func cash(_ did: String) throws -> Int64 {
                let balance = try send(.get("/api/balance/\(did)", by: node.service), 200)
                let cad = balance["balances"]?.elements.first { $0["currency"]?.stringEquals("CAD") == true }
                return cad?["cash"]?.int64 ?? 0
            }

            /// The book's own accounts of a kind, in CAD.
            func account(_ kind: String) throws -> Int64 {
                let listed = try home.mjn(["ledger", "balances", "--format", "json"])
                let accounts = try JSONDocument(parsing: Array(listed.out.utf8)).root.elements
                let found = accounts.first {
                    $0["kind"]?.stringEquals(kind) == true && $0["currency"]?.stringEquals("CAD") == true
                }
                return found?["balance"]?.int64 ?? 0
            }

            /// Delivers webhooks until something holds.
            func pump(until what: String, _ condition: () throws -> Bool) async throws {
                let deadline = Date().addingTimeInterval(Patience.seconds)
                repeat {
                    await stripe.pump()
                    if try condition() { return }
                    try await Task.sleep(for: .milliseconds(20))
                } while Date() < deadline
                Issue.record("not yet: \(what)")
            }

            /// The ledger proves itself, and its clearing account is Stripe's own balance.
            func prove(_ location: SourceLocation = #_sourceLocation) throws {
                _ = try home.verify(location)
                let balance = stripe.withWorld { $0.balance(currency: "cad") }
                #expect(
                    try account("clearing") == balance.availableMinor + balance.pendingMinor,
                    sourceLocation: location)
                #expect(stripe.withWorld { $0.balanceProof() }.isEmpty, sourceLocation: location)
                let violations = stripe.withWorld { $0.violations }
                #expect(violations.isEmpty, "\(violations)", sourceLocation: location)
            }

            func close() async throws {
                try node.stop()
                await stripe.stop()
                for log in try FileManager.default.contentsOfDirectory(atPath: home.path) where log.hasSuffix(".log") {
                    let text = try Program.text(home(log))
                    #expect(!text.contains(Self.key) && !text.contains(Self.secret), "a secret stands in \(log)")
                }
            }
        }

        @Test("a card payment is split, paid out, partly refunded and contested, and both books agree at every step")
        func life() async throws {
            let shop = try await Shop.open()
            let (artist, account) = try shop.seller()
            let label = Person()
            let manifest = try artist.sign(Text.manifest([(artist.did, "0.7"), (label.did, "0.3")]))
            let body =
                #"{"amount":10000,"currency":"CAD","service":"tests","type":"ticket","fair_manifest":\#(manifest),"#
                + #""success_url":"http://localhost/yes","cancel_url":"http://localhost/no","rail":"stripe"}"#
            let first = try shop.node.send(.post("/api/checkout", body, key: "c1", by: shop.node.service))
            try #require(first.status == 201, "\(first.text)")
            let again = try shop.node.send(.post("/api/checkout", body, key: "c1", by: shop.node.service))
            #expect(again.body == first.body && again.status == 201)
            let payment = try #require(first.json?["id"]?.string)
            let session = try #require(shop.stripe.withWorld { $0.ids(of: "checkout.session") }.first)

            try shop.stripe.withWorld { try $0.completeCheckout(session, nowMs: shop.stripe.nowMs) }
            try await shop.wait(for: "/api/payments/\(payment)", "settled")
            // 10,000 less Stripe's 2.9 % and 30; the node's own fees come off before the split.
            let settlement = try #require(
                try shop.send(.get("/api/payments/\(payment)", by: shop.node.service), 200)["settlement"]?.string)
            let (artistCash, labelCash) = (try shop.cash(artist.did), try shop.cash(label.did))
            #expect(artistCash > 0 && artistCash + labelCash <= 10_000 - 320)
            try shop.prove()

            let withdrawal = try shop.send(
                .post(
                    "/api/balance/withdraw",
                    #"{"did":"\#(artist.did)","amount":\#(artistCash),"currency":"CAD"}"#, key: "w1", by: artist), 201)
            let payout = try #require(withdrawal["id"]?.string)
            try await shop.wait(for: "/api/payouts/\(payout)", "paid")
            #expect(try shop.cash(artist.did) == 0)
            let seller = shop.stripe.withWorld { $0.balance(of: account, currency: "cad") }
            #expect(seller.availableMinor + seller.pendingMinor == artistCash)
            try shop.prove()

            let refund = try shop.send(
                .post(
                    "/api/settlements/\(settlement)/refund", #"{"amount":4000,"reason":"late"}"#, key: "r1",
                    by: shop.node.service), 201)
            #expect(refund["receivables"]?.elements.map(\.kind).count == 1, "the artist was paid out")
            let railRefund = try #require(refund["rail_refund"]?["id"]?.string)
            try await shop.wait(for: "/api/payments/\(payment)", "settled")
            let shown = try shop.home.mjn(["payment", "show", payment, "--format", "json"])
            #expect(shown.out.contains(payment) && shown.status == 0, "\(railRefund): \(shown.err)")
            try shop.prove()

            let charge = try #require(shop.stripe.withWorld { $0.ids(of: "charge") }.first)
            let dispute = try shop.stripe.withWorld {
                try $0.openDispute(charge: charge, amountMinor: 6000, nowMs: shop.stripe.nowMs)
            }
            try await shop.pump(until: "the dispute is in the book") { try shop.account("disputed") == 6000 }
            try shop.prove()
            try shop.stripe.withWorld { try $0.closeDispute(dispute, won: false, nowMs: shop.stripe.nowMs) }
            try await shop.pump(until: "the payees bear what was lost") { try shop.account("disputed") == 0 }
            try shop.prove()
            try await shop.close()
        }

        /// An event as Stripe signs it.
        private static func event(_ id: String, _ type: String, object: String, _ objectID: String) -> Request {
            let nowS = Int64(Date().timeIntervalSince1970)
            let body =
                #"{"id":"\#(id)","object":"event","type":"\#(type)","created":\#(nowS),"livemode":false,"#
                + #""data":{"object":{"id":"\#(objectID)","object":"\#(object)"}}}"#
            let tag = HMACSHA256.authenticate(Array("\(nowS).\(body)".utf8), key: Array(Shop.secret.utf8))
            return .post("/api/webhook/stripe", body).with { $0.stripeSignature = "t=\(nowS),v1=\(Hex.encode(tag))" }
        }

        /// A charge that the node had nothing to do with.
        private static func stranger(_ shop: Shop) throws -> String {
            let nowMs = shop.stripe.nowMs
            let made = shop.stripe.withWorld {
                $0.handle(
                    StripeRequest(
                        method: "POST", target: "/v1/payment_intents", form: Array("amount=10000&currency=cad".utf8),
                        authorization: "Bearer \(Shop.key)", version: "2026-10-28.endive", idempotencyKey: "stranger",
                        contentType: "application/x-www-form-urlencoded"), nowMs: nowMs)
            }
            let intent = try #require(try JSONDocument(parsing: made.body).root["id"]?.string)
            try shop.stripe.withWorld { try $0.pay(paymentIntent: intent, nowMs: nowMs) }
            return try #require(shop.stripe.withWorld { $0.ids(of: "charge") }.first)
        }

        static func checkout(_ shop: Shop, _ extra: String = "") throws -> String {
            let body =
                #"{"amount":10000,"currency":"CAD","service":"tests","type":"ticket","#
                + #""success_url":"http://localhost/y","cancel_url":"http://localhost/n","rail":"stripe"\#(extra)}"#
            let opened = try shop.send(
                .post("/api/checkout", body, key: UUID().uuidString, by: shop.node.service), 201)
            return try #require(opened["id"]?.string)
        }

        @Test("the same event a hundred times, twenty at once, has one effect, and is always taken")
        func copies() async throws {
            let shop = try await Shop.open()
            let artist = Person()
            let manifest = try artist.sign(Text.manifest([(artist.did, "1")]))
            let payment = try Self.checkout(shop, #","fair_manifest":\#(manifest)"#)
            let session = try #require(shop.stripe.withWorld { $0.ids(of: "checkout.session") }.first)
            try shop.stripe.withWorld { try $0.completeCheckout(session, nowMs: shop.stripe.nowMs) }
            let charge = try #require(shop.stripe.withWorld { $0.ids(of: "charge") }.first)
            let copy = Self.event("evt_copies", "charge.succeeded", object: "charge", charge)
            for _ in 0..<5 {
                let answers = try shop.node.sendAtOnce(Array(repeating: copy, count: 20))
                #expect(answers.allSatisfy { $0.status == 200 }, "\(answers.map(\.text))")
            }
            try await shop.wait(for: "/api/payments/\(payment)", "settled")
            let events = try shop.send(.get("/api/payments/\(payment)", by: shop.node.service), 200)["events"]
            let names = events?.elements.compactMap { $0["event"]?.string } ?? []
            #expect(names.filter { $0 == "payment_received" }.count == 1, "\(names)")
            #expect(try shop.account("clearing") == 10_000 - 320 && shop.cash(artist.did) == 10_000 - 320)
            try shop.prove()
            try await shop.close()
        }

        @Test("an event that nobody signed is refused, and a signed one for a payment that is not ours moves nothing")
        func forged() async throws {
            let shop = try await Shop.open()
            let signed = Self.event("evt_1", "charge.succeeded", object: "charge", "ch_1")
            let answer = try shop.node.send(signed.with { $0.stripeSignature = nil })
            #expect(answer.status == 400 && answer.code == "webhook_signature_missing", "\(answer.text)")
            let payment = try Self.checkout(shop)
            // Somebody else's charge on the same account at Stripe.
            let stranger = try Self.stranger(shop)
            let taken = try shop.node.send(Self.event("evt_2", "charge.succeeded", object: "charge", stranger))
            #expect(taken.status == 200, "\(taken.text)")
            try await shop.pump(until: "it was looked at") {
                let listed = try shop.home.mjn(["webhooks", "inbox", "list", "--status", "ignored", "--format", "json"])
                return listed.out.contains("evt_2")
            }
            let left = try shop.send(.get("/api/payments/\(payment)", by: shop.node.service), 200)
            #expect(left["status"]?.string == "pending")
            #expect(try shop.account("clearing") == 0)
            let ready = try shop.node.send(.get("/api/ready"))
            #expect(ready.status == 200, "\(ready.text)")
            try await shop.close()
        }
    }
}
