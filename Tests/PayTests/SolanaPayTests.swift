import Cryptography
import Kernel
import LedgerDouble
import Pay
import Service
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("Checkouts on Solana, over HTTP, on a chain with the real programs")
struct SolanaPayTests {
    /// A pay service with the rail, and a payer on the chain.
    private struct Shop {
        let pay: PayFixture
        let chain: SolanaChain
        let client: SolanaClient
        let rail: SolanaRail
        let token: SolanaToken
        let places = Places()
        let treasury = Person("treasury")

        /// Positions in memory.
        actor Places: RailPositionStore {
            private var places: [String: RailPosition] = [:]
            func position(of list: String) -> RailPosition? { places[list] }
            func setPosition(_ position: RailPosition, of list: String) { places[list] = position }
        }

        static func wallet(_ person: Person) -> String { Base58.encode(person.key.publicKey.rawBytes) }

        init(payees: [Person] = [.artist, .producer, .engineer]) async throws {
            let chain = try SolanaChain()
            let mint = Person("mint")
            token = SolanaToken(mint: SolanaAddress(mint.key.publicKey), decimals: 6)
            try await chain.createMint(
                token.mint.description, decimals: 6, authority: Self.wallet(treasury),
                program: token.program.description)
            for person in payees + [treasury] {
                try await chain.fund(Self.wallet(person), mint: token.mint.description, amountMinor: 0)
            }
            try await chain.fund(Self.wallet(.payer), mint: token.mint.description, amountMinor: 1_000_000)
            try await chain.airdrop(Self.wallet(.payer), lamports: 1_000_000_000)
            let timing = SolanaTiming(
                nowMs: { PayFixture.noonMs }, sleep: { _ async throws(CancellationError) in }, jitter: { 0 })
            let endpoint = SolanaEndpoint(url: chain.url, requestsPerSecond: 1_000, burst: 1_000)
            let client = SolanaClient(SolanaRPC(endpoint, http: chain.http, timing: timing))
            let rail = SolanaRail(
                client: client, treasury: treasury.key,
                settings: SolanaRailSettings(
                    tokens: ["MJN": token], payLink: "https://pay.example/api/solana/pay", label: "Test node"),
                timing: timing)
            var settings = PayFixture.Settings()
            settings.fees = try PayFixture.nodeFee()
            settings.desk = { desk in
                desk.rails.append(rail)
                desk.payerTransactions[.solana] = rail
                desk.label = "Test node"
                desk.payoutStanding = { did in
                    did == Person("rotated").did
                        ? PayoutStanding(isFrozen: false, ownAddressIsPayable: false) : .unbound(did)
                }
            }
            pay = try await PayFixture.start(settings)
            (self.chain, self.client, self.rail) = (chain, client, rail)
        }

        /// Signs with the payer's key what the node made, sends it, and has the node look when it is final.
        func pays(_ reply: Response) async throws {
            let encoded = try #require(reply.json["transaction"]?.string, "\(reply.text)")
            let made = try SolanaTransaction(parsing: try #require(Base64.decode(encoded)))
            let signed = try SolanaTransaction(signing: made.message, with: [Person.payer.key])
            #expect(await client.send(signed.bytes, skipsPreflight: false) == .accepted)
            try await look()
        }

        func look() async throws {
            try await chain.tick(40)
            let watcher = SolanaWatcher(
                rail: rail, ledger: pay.ledger, worker: try #require(pay.worker), positions: places,
                clock: { PayFixture.noonMs })
            #expect(try await watcher.pass().stopped == nil)
        }

        func held(_ person: Person) async throws -> Int64 {
            let account = try await client.accounts(
                [token.account(of: SolanaAddress(person.key.publicKey))], .finalized)
            return account[0].flatMap { SolanaTokenAccount($0) }.map { Int64($0.amountMinor) } ?? -1
        }
    }

    private func direct(_ change: (inout CheckoutBody) -> Void = { _ in }) throws -> CheckoutBody {
        try CheckoutBody.settling().with { body in
            (body.rail, body.currency, body.amount, body.isDirect) = ("solana", "MJN", "10000", true)
            body.from = Person.payer.did.string
            change(&body)
        }
    }

    @Test("a direct checkout: the wallet asks, signs, everybody is paid at once, and it settles by itself")
    func paidDirectly() async throws {
        let shop = try await Shop()
        let checkout = try await shop.pay.send(.post, "/api/checkout", try direct().json, key: "c", by: .service)
        #expect(checkout.status == 201, "\(checkout.text)")
        let id = try #require(checkout.json["id"]?.string)
        #expect(checkout.json["url"]?.string == "solana:https://pay.example/api/solana/pay/\(id)")
        let path = "/api/solana/pay/\(id)"
        let label = try await shop.pay.send(.get, path, by: nil)
        #expect(label.status == 200 && label.json["label"]?.string == "Test node")
        #expect(label.json["icon"]?.string == "http://127.0.0.1:\(shop.pay.port)\(path)/icon.svg")
        #expect(label.headers["access-control-allow-origin"] == "*")
        let preflight = try await shop.pay.send(.options, path, by: nil)
        #expect(preflight.status == 204 && preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
        let account = "{\"account\":\"\(Shop.wallet(.payer))\"}"
        let reply = try await shop.pay.send(.post, path, account, by: nil)
        #expect(reply.status == 200 && reply.headers["access-control-allow-origin"] == "*")
        #expect(reply.json["message"]?.string == "events ticket")
        let before = shop.pay.postingsCount
        #expect(before == 0)
        try await shop.pays(reply)
        // 50 basis points for the node, the rest in shares of 60, 25 and 15 parts of a hundred.
        let expected: [(Person, Int64)] = [(.artist, 5_970), (.producer, 2_488), (.engineer, 1_492)]
        for (person, amount) in expected {
            #expect(try await shop.held(person) == amount)
            #expect(shop.pay.balance(.external(person.did.string, .solana, "MJN")) == amount)
            #expect(shop.pay.cash(person, "MJN") == 0)
        }
        #expect(try await shop.held(shop.treasury) == 50)
        #expect(shop.pay.balance(.clearing(.solana, "MJN")) == 50)
        let life = try await shop.pay.send(.get, "/api/payments/\(id)", by: .service)
        #expect(life.json["status"]?.string == "settled")
        let settlement = try #require(life.json["settlement"]?.string)
        let events = life.json["events"]?.elements.map { $0["event"]?.string }
        #expect(
            events == [
                "payment_opened", "payment_began", "payment_pending", "payment_received", "settlement",
            ])
        let settled = try await shop.pay.send(.get, "/api/settlements/\(settlement)", by: .artist)
        #expect(settled.json["splits"]?.elements.map { $0["amount"]?.int64 } == [5_970, 2_488, 1_492])
        shop.pay.callers.allow(.service, [.settle, .refund], .consentOnly)
        for target in ["/api/settlements/\(settlement)/refund", "/api/payments/\(id)/refund"] {
            let refund = try await shop.pay.send(
                .post, target, #"{"reason":"no"}"#, key: "r\(target.count)", by: .service)
            #expect(refund.status == 409 && refund.json["code"]?.string == "refund_needs_payee", "\(refund.text)")
        }
        let again = try await shop.pay.send(.post, path, account, by: nil)
        #expect(again.status == 409 && again.json["code"]?.string == "state_conflict")
        #expect(again.json["message"]?.string?.isEmpty == false)
    }

    @Test("a checkout that is not direct goes to the node, and settles into balances")
    func paidToNode() async throws {
        let shop = try await Shop()
        let body = try direct { $0.isDirect = false }
        let checkout = try await shop.pay.send(.post, "/api/checkout", body.json, key: "c", by: .service)
        let id = try #require(checkout.json["id"]?.string, "\(checkout.text)")
        let url = try #require(checkout.json["url"]?.string)
        guard case .transfer(let request) = try SolanaPayURL(url) else {
            Issue.record("\(url)")
            return
        }
        #expect(request.recipient.description == Shop.wallet(shop.treasury) && request.amount == "0.01")
        #expect(request.references.map(\.description) == [checkout.json["reference"]?.string])
        let account = "{\"account\":\"\(Shop.wallet(.payer))\"}"
        try await shop.pays(try await shop.pay.send(.post, "/api/solana/pay/\(id)", account, by: nil))
        #expect([Person.artist, .producer, .engineer].map { shop.pay.cash($0, "MJN") } == [5_970, 2_488, 1_492])
        #expect(shop.pay.balance(.clearing(.solana, "MJN")) == 10_000)
        #expect(try await shop.held(shop.treasury) == 10_000)
    }

    @Test("a top-up becomes balance, beside what there is of other money")
    func topUp() async throws {
        let shop = try await Shop()
        try await shop.pay.fund(Person.payer.did, 500, "CAD")
        let body = CheckoutBody().with {
            ($0.topUp, $0.rail, $0.currency, $0.amount) = (Person.payer.did.string, "solana", "MJN", "70000")
        }
        let id = try await shop.pay.checkout(body, by: .payer)
        let account = "{\"account\":\"\(Shop.wallet(.payer))\"}"
        try await shop.pays(try await shop.pay.send(.post, "/api/solana/pay/\(id)", account, by: nil))
        let balance = try await shop.pay.send(.get, "/api/balance/\(Person.payer.did)", by: .payer)
        let list = balance.json["balances"]?.elements.map { ($0["currency"]?.string, $0["cash"]?.int64) } ?? []
        #expect(list.count == 2 && list[0] == ("CAD", 500) && list[1] == ("MJN", 70_000))
        #expect(try await shop.held(shop.treasury) == 70_000)
    }

    @Test("a checkout whose payees cannot be paid there is refused, each for its reason, and nothing is posted")
    func refusedAtCheckout() async throws {
        let shop = try await Shop()
        let (soft, homeless, rotated) = (try DID(kind: .soft, id: "band"), Person("homeless"), Person("rotated"))
        let many = (0..<20).map { (Person("m\($0)").did.string, "artist", "0.05") }
        let cases: [([(String, String, String)], String)] = [
            ([(Person.artist.did.string, "artist", "0.5"), (soft.string, "band", "0.5")], "destination_missing"),
            (
                [(Person.artist.did.string, "artist", "0.5"), (rotated.did.string, "x", "0.5")], "destination_missing"
            ),
            (
                [(Person.artist.did.string, "artist", "0.5"), (homeless.did.string, "x", "0.5")],
                "recipient_account_missing"
            ),
            ([(Person.artist.did.string, "artist", "0.0")] + many, "split_too_large_for_rail"),
        ]
        for (index, (contributors, code)) in cases.enumerated() {
            let manifest = try Manifests.signed(Manifests.text(id: "urn:test:\(index)", contributors))
            let body = try direct { $0.manifest = manifest }
            let reply = try await shop.pay.send(.post, "/api/checkout", body.json, key: "c\(index)", by: .service)
            #expect(reply.status == 422 && reply.json["code"]?.string == code, "\(reply.text)")
            let again = try await shop.pay.send(.post, "/api/checkout", body.json, key: "c\(index)", by: .service)
            #expect(again.json["code"]?.string == code)
        }
        let without = try direct { $0.manifest = nil }
        let reply = try await shop.pay.send(.post, "/api/checkout", without.json, key: "w", by: .service)
        #expect(reply.status == 400 && reply.json["code"]?.string == "field_invalid")
        #expect(shop.pay.postingsCount == 0)
        #expect(try await shop.chain.sends() == 0)
    }

    @Test("a payee whose account an operator froze is paid past the node no more than by it")
    func frozenPayee() async throws {
        let shop = try await Shop()
        let id = try await shop.pay.checkout(try direct())
        let freeze = Commands.restrict("freeze", Person.producer.did, .freeze)
        #expect(try await shop.pay.ledger.submit([freeze], atomically: false)[0].outcome.isDone)
        let wallet = try await shop.pay.send(
            .post, "/api/solana/pay/\(id)", #"{"account":"\#(Shop.wallet(.payer))"}"#, by: nil)
        #expect(wallet.status == 422 && wallet.json["code"]?.string == "destination_not_payable", "\(wallet.text)")
        let another = try await shop.pay.send(.post, "/api/checkout", try direct().json, key: "z", by: .service)
        #expect(another.status == 422 && another.json["code"]?.string == "destination_not_payable", "\(another.text)")
    }

    @Test("what wallets ask for wrongly is refused with a code, a message, and leave to read it")
    func refusedAtWallet() async throws {
        let shop = try await Shop()
        let id = try await shop.pay.checkout(try direct())
        let foreign = try SolanaTransaction(
            unsigned: SolanaMessage(
                feePayer: SolanaAddress(Person.payer.key.publicKey),
                instructions: [.memo("sign me")],
                blockhash: try await shop.client.latestBlockhash().hash, tables: nil)
        ).bytes
        let wallet = Shop.wallet(.payer)
        let cases: [(String, String, Int, String)] = [
            (id, "{}", 400, "field_invalid"), (id, #"{"account":"x"}"#, 422, "payer_malformed"),
            (id, "{\"account\":\"\(Shop.wallet(Person("poor")))\"}", 422, "payer_account_missing"),
            (
                id, "{\"account\":\"\(wallet)\",\"transaction\":\"\(Base64.encode(foreign))\"}", 422,
                "transaction_foreign"
            ),
            (id, "{\"account\":\"\(wallet)\",\"transaction\":\"AAAA\"}", 422, "transaction_malformed"),
            ("pay_nothing", "{\"account\":\"\(wallet)\"}", 404, "not_found"), (id, "[", 400, "malformed_json"),
        ]
        for (id, body, status, code) in cases {
            let reply = try await shop.pay.send(.post, "/api/solana/pay/\(id)", body, by: nil)
            #expect(reply.status == status && reply.json["code"]?.string == code, "\(reply.text)")
            #expect(reply.json["message"]?.string?.isEmpty == false)
            #expect(reply.headers["access-control-allow-origin"] == "*")
        }
        // Another rail's payments have no transaction, and a node without the rail has none at all.
        let stripe = try await shop.pay.checkout(CheckoutBody(), key: "s")
        let other = try await shop.pay.send(.get, "/api/solana/pay/\(stripe)", by: nil)
        #expect(other.status == 404)
        let off = try await PayFixture.start()
        let closed = try await off.send(.get, "/api/solana/pay/\(id)", by: nil)
        #expect(closed.status == 503 && closed.json["code"]?.string == "rail_off")
    }
}
