import Cryptography
import Foundation
import Service
import Solana
import SolanaChain
import Testing

extension EndToEnd {
    /// Tokens from the checkout to the payee's wallet, on a chain that runs the real token programs.
    @Suite("Solana, from the checkout to the payout")
    struct SolanaTests {
        /// A chain, a token, and a node whose treasury deals in it.
        struct Shop {
            let home: Home
            var node: Node
            let chain: SolanaChain
            let client: SolanaClient
            let treasury: Person
            let token: SolanaToken
            let settings: [String: String]

            static func open(decimals: Int = 6, mints: String = "") async throws -> Shop {
                let (home, chain, treasury) = (try Home(), try SolanaChain(isLive: true), Person())
                let token = SolanaToken(
                    mint: SolanaAddress(Person().key.publicKey), decimals: UInt8(decimals))
                try await chain.createMint(
                    token.mint.description, decimals: decimals, authority: Self.wallet(treasury),
                    program: token.program.description)
                try await chain.fund(Self.wallet(treasury), mint: token.mint.description, amountMinor: 0)
                try await chain.airdrop(Self.wallet(treasury), lamports: 1_000_000_000)
                let key = home("treasury.jwk")
                try Data(JWK.encode(privateKey: treasury.key)).write(to: URL(fileURLWithPath: key))
                chmod(key, 0o600)
                let settings = [
                    "MJN_SOLANA_RPC_URL": chain.url + "/?api-key=sol-secret-0123", "MJN_SOLANA_TREASURY_KEY": key,
                    "MJN_SOLANA_MINTS": "MJN=\(token.mint)\(mints)", "MJN_SOLANA_RPC_RATE": "1000",
                    "MJN_PAYEE_CHANGE_HOURS": "0", "MJN_SOLANA_OUTFLOW_MAX": "MJN=70000",
                ]
                let timing = SolanaTiming.live(nowMs: { Int64(Date().timeIntervalSince1970 * 1000) })
                let client = SolanaClient(
                    SolanaRPC(
                        SolanaEndpoint(url: chain.url, requestsPerSecond: 1000, burst: 1000), http: chain.http,
                        timing: timing))
                return Shop(
                    home: home, node: try Node(in: home, settings), chain: chain, client: client, treasury: treasury,
                    token: token, settings: settings)
            }

            static func wallet(_ person: Person) -> String { SolanaAddress(person.key.publicKey).description }

            /// Somebody who has an account of the token, with so much in it.
            func person(_ amountMinor: Int64 = 0) async throws -> Person {
                let person = Person()
                try await chain.fund(Self.wallet(person), mint: token.mint.description, amountMinor: amountMinor)
                try await chain.airdrop(Self.wallet(person), lamports: 1_000_000_000)
                return person
            }

            func held(_ person: Person) async throws -> Int64 {
                let account = token.account(of: SolanaAddress(person.key.publicKey))
                let found = try await client.accounts([account], .finalized)
                return found[0].flatMap { SolanaTokenAccount($0) }.map { Int64($0.amountMinor) } ?? -1
            }

            func send(
                _ request: Request, _ status: Int, _ location: SourceLocation = #_sourceLocation
            ) throws -> JSONValue {
                let answer = try node.send(request)
                try #require(answer.status == status, "\(answer.text)", sourceLocation: location)
                return try #require(answer.json, sourceLocation: location)
            }

            func checkout(_ extra: String) throws -> JSONValue {
                try send(
                    .post(
                        "/api/checkout",
                        #"{"currency":"MJN","service":"tests","type":"ticket","success_url":"http://localhost/yes","#
                            + #""cancel_url":"http://localhost/no","rail":"solana",\#(extra)}"#,
                        key: UUID().uuidString, by: node.service), 201)
            }

            /// Lets slots pass until a lifecycle stands so.
            func wait(
                for path: String, _ status: String, _ location: SourceLocation = #_sourceLocation
            ) async throws -> JSONValue {
                let deadline = Date().addingTimeInterval(Patience.seconds)
                while true {
                    try await chain.tick(4)
                    let answer = try node.send(.get(path, by: node.service))
                    if let json = answer.json, json["status"]?.string == status { return json }
                    try #require(Date() < deadline, "\(answer.text)", sourceLocation: location)
                    try await Task.sleep(for: .milliseconds(50))
                }
            }

            func cash(_ person: Person) throws -> Int64 {
                let balance = try send(.get("/api/balance/\(person.did)", by: node.service), 200)
                let found = balance["balances"]?.elements.first { $0["currency"]?.stringEquals("MJN") == true }
                return found?["cash"]?.int64 ?? 0
            }

            /// The ledger proves itself, and its clearing account is what the treasury has on the chain.
            func prove(_ location: SourceLocation = #_sourceLocation) async throws {
                try await chain.tick(40)
                _ = try home.verify(location)
                let shown = try home.mjn(["rail", "solana", "balance", "--format", "json"], settings)
                #expect(shown.status == 0, "\(shown.out) \(shown.err)", sourceLocation: location)
                let lines = try JSONDocument(parsing: Array(shown.out.utf8)).root.elements
                let line = try #require(lines.first { $0["currency"]?.stringEquals("MJN") == true })
                let onChain = try await held(treasury)
                #expect(line["chain"]?.int64 == onChain, sourceLocation: location)
                #expect(line["difference"]?.int64 == 0, "\(shown.out)", sourceLocation: location)
            }

            func close() throws {
                try node.stop()
                for log in try FileManager.default.contentsOfDirectory(atPath: home.path) where log.hasSuffix(".log") {
                    #expect(!(try Program.text(home(log))).contains("sol-secret"), "a secret stands in \(log)")
                }
            }
        }

        @Test("tokens come in by a link and by a split that a wallet signs, and go out; chain and book agree")
        func life() async throws {
            var shop = try await Shop.open()
            let people = Crowd(
                artist: try await shop.person(), label: try await shop.person(),
                payer: try await shop.person(1_000_000))
            try await payByLink(&shop, people)
            try await payEverybody(shop, people)
            try await payOut(shop, to: people.artist)
            try shop.close()
        }

        private struct Crowd {
            let artist: Person
            let label: Person
            let payer: Person

            func manifest() throws -> String {
                try artist.sign(Text.manifest([(artist.did, "0.7"), (label.did, "0.3")]))
            }
        }

        /// By a transfer to the treasury; the payees' shares become balances.
        private func payByLink(_ shop: inout Shop, _ people: Crowd) async throws {
            let checkout = try shop.checkout(#""amount":100000,"fair_manifest":\#(people.manifest())"#)
            let id = try #require(checkout["id"]?.string)
            let asked = try Self.transferRequest(checkout)
            #expect(asked.recipient.description == Shop.wallet(shop.treasury) && asked.references.count == 1)
            let sent = try await transfer(100_000, from: people.payer, to: shop.treasury, asked.references, shop)
            // What was sent while nobody looked is found.
            try shop.node.killHard()
            shop.node = try Node(in: shop.home, offset: shop.node.offset, shop.settings)
            let payment = try await shop.wait(for: "/api/payments/\(id)", "settled")
            #expect(payment["settlement"]?.string != nil)
            let (artistCash, labelCash) = (try shop.cash(people.artist), try shop.cash(people.label))
            #expect(artistCash == 70_000 && artistCash + labelCash == 100_000)
            try await shop.prove()
            let shown = try shop.home.mjn(["rail", "solana", "show", sent.description], shop.settings)
            #expect(shown.status == 0 && shown.out.contains(id), "\(shown.out) \(shown.err)")
        }

        struct NoTransfer: Error { let url: String }

        static func transferRequest(_ checkout: JSONValue) throws -> SolanaTransferRequest {
            let url = try #require(checkout["url"]?.string)
            guard case .transfer(let asked) = try SolanaPayURL(url) else {
                throw NoTransfer(url: url)
            }
            return asked
        }

        /// By one transaction to everybody, which another implementation signs and sends.
        private func payEverybody(_ shop: Shop, _ people: Crowd) async throws {
            let before = try shop.cash(people.artist)
            let checkout = try shop.checkout(#""amount":50000,"direct":true,"fair_manifest":\#(people.manifest())"#)
            let id = try #require(checkout["id"]?.string)
            let link = try #require(checkout["url"]?.string).removingPercentEncoding
            #expect(link == "solana:http://\(shop.node.authority)/api/solana/pay/\(id)")
            let account = #"{"account":"\#(Shop.wallet(people.payer))"}"#
            let made = try shop.send(.post("/api/solana/pay/\(id)", account), 200)
            try Self.sign(made, by: people.payer, checkout, shop.token.mint, shop)
            _ = try await shop.wait(for: "/api/payments/\(id)", "settled")
            let held = try await shop.held(people.artist)
            #expect(held == 35_000)
            #expect(try shop.cash(people.artist) == before, "what passes the node by is nobody's balance here")
            try await shop.prove()
        }

        /// Has another implementation sign and send what the node made for a wallet.
        private static func sign(
            _ made: JSONValue, by payer: Person, _ checkout: JSONValue, _ mint: SolanaAddress, _ shop: Shop
        ) throws {
            let script = Program.tests.deletingLastPathComponent()
                .appendingPathComponent("SolanaTests/python/wallet.py").path
            let arguments = [
                "-B", script, shop.chain.url, Hex.encode(payer.key.seed), try #require(made["transaction"]?.string),
                try #require(checkout["reference"]?.string), mint.description,
            ]
            let signed = try Program.run(try Program.python(), arguments)
            try #require(signed.status == 0, "\(signed.err)")
        }

        @Test("a wallet tops up with plain SOL, after the node has made its own account for it")
        func plainSOL() async throws {
            let shop = try await Shop.open(mints: ",SOL=\(SolanaToken.nativeMint)")
            let payer = try await shop.person()
            let order =
                #"{"did":"\#(payer.did)","amount":300000000,"currency":"SOL","service":"tests","type":"top-up","#
                + #""rail":"solana","success_url":"http://localhost/yes","cancel_url":"http://localhost/no"}"#
            let deadline = Date().addingTimeInterval(Patience.seconds)
            var opened = try shop.node.send(.post("/api/balance/topup", order, key: "t1", by: payer))
            while opened.status == 503 {
                try #require(Date() < deadline, "\(opened.text)")
                try await shop.chain.tick(20)
                try await Task.sleep(for: .milliseconds(200))
                opened = try shop.node.send(.post("/api/balance/topup", order, key: "t1", by: payer))
            }
            try #require(opened.status == 201, "\(opened.text)")
            let topUp = try #require(opened.json)
            let id = try #require(topUp["id"]?.string)
            let account = #"{"account":"\#(Shop.wallet(payer))"}"#
            let made = try shop.send(.post("/api/solana/pay/\(id)", account), 200)
            try Self.sign(made, by: payer, topUp, SolanaToken.nativeMint, shop)
            _ = try await shop.wait(for: "/api/payments/\(id)", "settled")
            let balance = try shop.send(.get("/api/balance/\(payer.did)", by: payer), 200)
            let found = balance["balances"]?.elements.first { $0["currency"]?.stringEquals("SOL") == true }
            #expect(found?["cash"]?.int64 == 300_000_000)
            try await shop.prove()
            let shown = try shop.home.mjn(["rail", "solana", "balance", "--format", "json"], shop.settings)
            #expect(shown.out.contains(#""chain":300000000,"ledger":300000000"#), "\(shown.out)")
            try shop.close()
        }

        /// To a wallet that has no account of the token yet.
        private func payOut(_ shop: Shop, to artist: Person) async throws {
            let wallet = Person()
            let cash = try shop.cash(artist)
            let policy =
                #"{"destinations":[{"rail":"solana","currency":"MJN","address":"\#(Shop.wallet(wallet))"}],"#
                + #""schedule":"manual"}"#
            _ = try shop.send(
                Request.post("/api/payees/\(artist.did)", policy, by: artist).with { $0.method = .put }, 200)
            let order = #"{"did":"\#(artist.did)","amount":\#(cash),"currency":"MJN"}"#
            let payout = try shop.send(.post("/api/balance/withdraw", order, key: "w1", by: artist), 201)
            let id = try #require(payout["id"]?.string)
            _ = try await shop.wait(for: "/api/payouts/\(id)", "paid")
            try await shop.prove()
            let held = try await shop.held(wallet)
            #expect(held == cash)
            #expect(try shop.cash(artist) == 0)
        }

        /// Sends tokens as a wallet does that read a link.
        func transfer(
            _ amountMinor: Int64, from payer: Person, to owner: Person, _ references: [SolanaAddress], _ shop: Shop
        ) async throws -> SolanaSignature {
            let payerAddress = SolanaAddress(payer.key.publicKey)
            let split = try SolanaSplit(
                token: shop.token, payer: payerAddress, source: shop.token.account(of: payerAddress),
                shares: [
                    .init(
                        account: shop.token.account(of: SolanaAddress(owner.key.publicKey)), amountMinor: amountMinor)
                ], memo: "thanks", references: references,
                fee: SolanaFee(transfers: 1, computePriceMicroLamports: 1_000))
            let message = try split.message(blockhash: try await shop.client.latestBlockhash().hash)
            let signed = try SolanaTransaction(signing: message, with: [payer.key])
            #expect(await shop.client.send(signed.bytes, skipsPreflight: false) == .accepted)
            return signed.id
        }

        @Test("a token with other decimals is refused at the start, and another under the same code later")
        func tokens() async throws {
            let shop = try await Shop.open()
            try shop.node.stop()
            let other = SolanaAddress(Person().key.publicKey)
            for (decimals, code) in [(9, "another MJN than the book"), (6, "another MJN than the book")] {
                let mint = SolanaAddress(Person().key.publicKey)
                try await shop.chain.createMint(
                    mint.description, decimals: decimals, authority: Shop.wallet(shop.treasury),
                    program: shop.token.program.description)
                let settings = shop.settings.merging(["MJN_SOLANA_MINTS": "MJN=\(mint)"]) { $1 }
                let run = try shop.home.mjn(["rail", "status"], settings)
                #expect(run.status == 64 && run.err.contains(code), "\(run.err)")
            }
            for (mints, said) in [
                ("MJN=nonsense", "MJN_SOLANA_MINTS has MJN=nonsense"), ("XXXX=\(other)", "MJN_SOLANA_MINTS has XXXX"),
                ("USDC=\(other)", "mint_invalid"), ("MJN=\(other),USDC=\(other)", "one mint under two currencies"),
            ] {
                let run = try shop.home.mjn(
                    ["rail", "status"],
                    shop.settings.merging(["MJN_SOLANA_MINTS": mints, "MJN_SOLANA_OUTFLOW_MAX": ""]) { $1 })
                #expect(run.status == 64 && run.err.contains(said), "\(run.err)")
            }
            let budget = try shop.home.mjn(
                ["rail", "status"], shop.settings.merging(["MJN_SOLANA_ACCOUNT_BUDGET": "-1"]) { $1 })
            #expect(budget.status == 64 && budget.err.contains("MJN_SOLANA_ACCOUNT_BUDGET"), "\(budget.err)")
            for limit in ["MJN", "MJN=-1", "MJN=1.5", "USDC=1", "MJN=1,MJN=2"] {
                let run = try shop.home.mjn(
                    ["rail", "status"], shop.settings.merging(["MJN_SOLANA_OUTFLOW_MAX": limit]) { $1 })
                #expect(run.status == 64 && run.err.contains("MJN_SOLANA_OUTFLOW_MAX has"), "\(run.err)")
            }
            let open = try shop.home.mjn(
                ["rail", "status"], shop.settings.merging(["MJN_SOLANA_RPC_URL": "http://example.org"]) { $1 })
            #expect(open.status == 64 && open.err.contains("MJN_SOLANA_RPC_URL"), "\(open.err)")
        }
    }
}
