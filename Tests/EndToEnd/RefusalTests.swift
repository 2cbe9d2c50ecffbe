import Cryptography
import Foundation
import Kernel
import Service
import Testing

extension EndToEnd {
    @Suite("Refusals over HTTP, on the real book")
    struct RefusalTests {
        /// A node with a funded payer, a service that needs consent, and one that may do nothing.
        private final class Stage {
            let home: Home
            let node: Node
            let payer = Person()
            let shop = Person()
            let nobody = Person()
            let works = Works()
            let codes: Set<String>
            let settled: String
            let manifestID = "urn:test:first"
            var entries = 0

            init() throws {
                home = try Home()
                node = try Node(in: home)
                try home.fund(payer.did, 100_000)
                #expect(
                    try home.mjn(["service", "allow", shop.did, "--name", "shop", "--scope", "settle"]).status == 0)
                codes = try Case.codes(of: node)
                let body = Text.settle(try works.standard(id: manifestID), from: payer.did)
                let first = try node.send(.settle(body, key: "first", by: node.service))
                settled = try #require(first.json?["id"]?.string, "\(first.text)")
                entries = try home.verify().entries
            }

            func settle(_ manifest: String, _ amount: String = "100", currency: String = "USD", extra: String = "")
                -> Request
            {
                .settle(
                    Text.settle(manifest, from: payer.did, amount, currency: currency, extra: extra), by: node.service)
            }

            /// Checks all, and that the book has not grown: money after each, entries after the last.
            func check(_ cases: [Case]) throws {
                let before = try node.available(payer.did)
                for one in cases {
                    try one.check(on: node, codes: codes)
                    #expect(try node.available(payer.did) == before, "\(one.expected): \(one.what)")
                }
                #expect(try home.verify().entries == entries)
            }
        }

        @Test("requests that are badly formed, badly signed or not allowed change nothing and are not stored")
        func requests() throws {
            let stage = try Stage()
            let node = stage.node
            let manifest = try stage.works.standard()
            let good = stage.settle(manifest)
            func body(_ text: String) -> Request { .settle(text, by: node.service) }
            try stage.check([
                Case("400 malformed_json", "cut off", body("{")),
                Case("400 malformed_json", "twice", body(#"{"amount":1,"amount":2}"#)),
                Case("400 field_invalid", "a list", body("[]")),
                Case("400 idempotency_key_missing", good.with { $0.key = nil }),
                Case("400 idempotency_key_invalid", good.with { $0.key = String(repeating: "k", count: 256) }),
                Case("413 body_too_large", body("\"" + String(repeating: "x", count: 1 << 20) + "\"")),
                Case("415 unsupported_media_type", good.with { $0.contentType = "text/plain" }),
                Case("401 signature_missing", good.with { $0.signer = nil }),
                Case("401 signature_expired", good.with { $0.createdOffset = -330 }),
                Case("401 signature_expired", good.with { $0.createdOffset = 330 }),
                Case("401 signature_invalid", "body", good.with { $0.sentBody = $0.body + [0x20] }),
                Case("401 signature_invalid", "path", good.with { $0.sentTarget = "/api/settle/batch" }),
                Case("401 signature_invalid", "query", good.with { $0.sentTarget = "/api/settle?a=b" }),
                Case("401 signature_invalid", "host", good.with { $0.sentHost = "localhost:\(node.port)" }),
                Case("401 signature_invalid", "another node", good.with { $0.sentHost = "pay.example.org" }),
                Case("401 signature_invalid", "key", good.with { $0.sentKey = "other" }),
                Case("403 caller_not_allowed", .settle(Text.settle(manifest, from: stage.payer.did), by: stage.nobody)),
                Case(
                    "403 payer_consent_missing", .settle(Text.settle(manifest, from: stage.payer.did), by: stage.shop)),
                Case("404 not_found", .get("/api/nothing", by: node.service)),
                Case("405 method_not_allowed", .get("/api/settle", by: node.service)),
                Case("404 settlement_unknown", .get("/api/settlements/stl_0", by: node.service)),
                Case(
                    "404 settlement_unknown", "not yours", .get("/api/settlements/\(stage.settled)", by: stage.nobody)),
                Case("403 caller_not_allowed", .get("/api/balance/\(stage.payer.did)", by: stage.nobody)),
                Case(
                    "403 caller_not_allowed", "without scope refund",
                    .post("/api/settlements/\(stage.settled)/refund", #"{"reason":"x"}"#, key: "r", by: stage.shop)),
            ])
            try stage.check(
                ["0", "-1", "1.5", "\"100\"", "9000000000000001", "9223372036854775808", "1e18", "null"].map {
                    Case("400 amount_invalid", $0, stage.settle(manifest, $0))
                })
            let reading = Request.get("/api/balance/\(stage.payer.did)", by: node.service)
            #expect(try node.send(reading).status == 200)
            try stage.check([Case("401 signature_replayed", reading)])
            // None of this has used the key up.
            #expect(try node.send(good).status == 201)
            try node.stop()
        }

        @Test("refusals by the manifest and by the book are stored: a retry gets them again, and nothing moves")
        func manifests() throws {
            let stage = try Stage()
            let works = stage.works
            let endorsed = try works.platform.sign(works.standard(), as: .platform)
            let deep = try works.chain(links: 6)
            let bare = works.unsigned()
            let unknown = try works.link(to: bare)
            func with(_ links: [String]) -> String { ",\"fair_chain\":[\(links.joined(separator: ","))]" }
            func stored(_ expected: String, _ request: Request) -> Case { Case(expected, stored: true, request) }
            try stage.check([
                stored("422 manifest_malformed", stage.settle("{}")),
                stored("422 manifest_malformed", stage.settle(works.artist.sign(works.unsigned(("2", "0"))))),
                stored("422 manifest_unsigned", stage.settle(works.unsigned())),
                stored("422 manifest_signature_invalid", stage.settle(Works.spoilt(works.standard()))),
                stored("422 manifest_signer_not_party", stage.settle(works.stranger.sign(works.unsigned()))),
                stored(
                    "422 manifest_platform_signature_invalid",
                    stage.settle(Works.spoilt(endorsed, "platformSignature"))),
                stored("422 weights_exceed_one", stage.settle(works.artist.sign(works.unsigned(("0.9", "0.2"))))),
                Case("422 chain_unresolved", stage.settle(unknown)),
                stored("422 chain_invalid", stage.settle(unknown, extra: with([bare]))),
                stored("422 chain_too_deep", stage.settle(deep.root, extra: with(deep.rest))),
                stored(
                    "422 manifest_owner_changed",
                    stage.settle(works.producer.sign(works.unsigned(id: stage.manifestID)))),
                stored("422 currency_unknown", stage.settle(works.standard(), currency: "XXX")),
                stored(
                    "422 contributor_not_payable",
                    stage.settle(
                        works.artist.sign(Text.manifest([(works.artist.did, "0.5"), ("uploader", "0.5")])))),
                stored(
                    "422 payment_unknown",
                    stage.settle(
                        works.standard(), extra: #","funding":{"source":"rail","rail":"stripe","reference":"pay_1"}"#)),
                stored("402 insufficient_funds", stage.settle(works.standard(), "100000")),
                stored(
                    "422 refund_exceeds_remainder",
                    .post(
                        "/api/settlements/\(stage.settled)/refund", #"{"amount":101,"reason":"x"}"#, key: "more",
                        by: stage.node.service)),
                Case("422 idempotency_key_reused", stage.settle(works.standard()).with { $0.key = "first" }),
            ])
            #expect(try stage.node.available(stage.payer.did) == 99_900)
            // A stored refusal counts although the reason has gone.
            let short = stage.settle(try works.standard(), "150000")
            #expect(try stage.node.send(short).summary == "402 insufficient_funds")
            try stage.home.fund(stage.payer.did, 100_000)
            #expect(try stage.node.send(short).summary == "402 insufficient_funds")
            #expect(try stage.node.send(short.with { $0.key = "new" }).status == 201)
            try stage.node.stop()
        }

        @Test("a balance that would not fit 64 bits is refused, and an atomic batch with one such member is undone")
        func overflow() throws {
            let stage = try Stage()
            let (node, largest) = (stage.node, "9000000000000000")
            let (rich, other) = (Person(), Person())
            let line = #"{"did":"\#(rich.did)","amount":\#(largest),"currency":"EUR"}"#
            let file = try stage.home.write("rich.jsonl", Array(repeating: line, count: 1021).joined(separator: "\n"))
            let run = try stage.home.mjn(["ledger", "fund", "--file", file])
            #expect(run.status == 0, "\(run.err)")
            func move(_ from: Person, _ to: Person) throws -> String {
                Text.settle(
                    try to.sign(Text.manifest([(to.did, "1")])), from: from.did, largest, currency: "EUR")
            }
            let (there, back) = (try move(rich, other), try move(other, rich))
            // Credits of 9.189e18 have arrived; three more are the most that 64 bits count.
            for _ in 0..<3 {
                #expect(try node.send(.settle(there, by: node.service)).status == 201)
                #expect(try node.send(.settle(back, by: node.service)).status == 201)
            }
            #expect(try node.send(.settle(there, by: node.service)).status == 201)
            stage.entries = try stage.home.verify().entries
            try stage.check([Case("422 amount_overflow", stored: true, .settle(back, by: node.service))])
            let member = { (body: String, key: String) in #"{"idempotency_key":"\#(key)","# + body.dropFirst() }
            let small = Text.settle(try stage.works.standard(), from: stage.payer.did)
            let batch = #"{"atomic":true,"settlements":[\#(member(small, "b1")),\#(member(back, "b2"))]}"#
            let answer = try node.send(.post("/api/settle/batch", batch, key: "batch", by: node.service))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text.contains("batch_aborted") && answer.text.contains("amount_overflow"), "\(answer.text)")
            #expect(try stage.home.verify().entries == stage.entries)
            try node.stop()
        }
    }
}
