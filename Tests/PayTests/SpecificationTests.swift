import Cryptography
import Kernel
import LedgerDouble
import Pay
import RailDouble
import Service
import Settlement
import Testing

/// Drives every documented route to a success and a refusal, and holds all answers against `GET /api/spec`.
@Suite("The specification")
struct SpecificationTests {
    /// Sends requests and remembers them by their path's template.
    private actor Recorder {
        let pay: PayFixture
        private(set) var exchanges: [Exchange] = []

        init(_ pay: PayFixture) { self.pay = pay }

        @discardableResult
        func send(
            _ method: Method, _ template: String, _ value: String = "", _ body: String = "", key: String? = nil,
            by person: Person?
        ) async throws -> Response {
            var target = template
            if let open = template.firstIndex(of: "{"), let close = template.firstIndex(of: "}") {
                target.replaceSubrange(open...close, with: value)
            }
            let response = try await pay.send(method, target, body, key: key, by: person)
            exchanges.append(
                Exchange(
                    method: method.rawValue, path: template, status: response.status,
                    contentType: response.headers["content-type"] ?? "", body: response.text))
            return response
        }
    }

    @Test("the document is valid OpenAPI 3.1, and every route answers as it declares")
    func everyRoute() async throws {
        var settings = PayFixture.Settings()
        settings.fees = try PayFixture.nodeFee()
        settings.desk = { desk in
            desk.onboarding = ConnectTests.onboarding()
            desk.rails.append(ScriptedRail(.solana, capabilities: [.collect, .payThrough]))
            desk.payerTransactions[.solana] = ScriptedWalletSide()
        }
        let pay = try await PayFixture.start(settings)
        try await pay.fund(Person.payer.did, 100_000)
        try await pay.fund(Person.payer.did, 5, asCredit: true)
        try await pay.fund(Person.payer.did, 1_000_000, "MJN")
        let recorder = Recorder(pay)
        try await settlements(recorder)
        try await accounts(recorder)
        try await consentAndGas(recorder)
        try await payments(recorder)
        try await wallets(recorder)
        try await payees(recorder)
        try await balancesAndEscrow(recorder)
        let document = try await pay.send(.get, "/api/spec", by: nil)
        #expect(document.status == 200)
        #expect(document.body == pay.service.specification)
        let findings = try SpecificationChecker.findings(document.body, await recorder.exchanges)
        #expect(findings.isEmpty, "\(findings)")
    }

    private func settlements(_ recorder: Recorder) async throws {
        let body = try SettleBody()
        let settled = try await recorder.send(.post, "/api/settle", "", body.json, key: "1", by: .trusted)
        let id = try #require(settled.json["id"]?.string)
        let bad: [(String, Person?, String?)] = [
            ("{", .trusted, "2"), (body.json, nil, "3"), (body.json, .trusted, nil), (body.json, .stranger, "4"),
            (body.with { $0.amount = "0" }.json, .trusted, "5"),
            (body.with { $0.amount = "9000000000000000" }.json, .trusted, "6"),
            (body.with { $0.currency = "XXX" }.json, .trusted, "7"), (body.json, .service, "8"),
        ]
        for (json, person, key) in bad {
            try await recorder.send(.post, "/api/settle", "", json, key: key, by: person)
        }
        recorder.pay.ledger.failNext(.inFlight, .overloaded, .rejected("no"))
        for key in ["9", "10", "11"] {
            try await recorder.send(.post, "/api/settle", "", body.json, key: key, by: .trusted)
        }
        let members = [body.with { $0.key = "b1" }, body.with { $0.amount = "0" }].map(\.json).joined(separator: ",")
        let batch = #"{"settlements":[\#(members)]}"#
        try await recorder.send(.post, "/api/settle/batch", "", batch, by: .trusted)
        try await recorder.send(.post, "/api/settle/batch", "", "{}", by: .trusted)
        try await recorder.send(.get, "/api/settlements/{id}", id, by: .payer)
        try await recorder.send(.get, "/api/settlements/{id}", id, by: .stranger)
        let refund = "/api/settlements/{id}/refund"
        try await recorder.send(.post, refund, id, #"{"amount":7,"reason":"x"}"#, key: "r1", by: .trusted)
        try await recorder.send(.get, "/api/settlements/{id}", id, by: .payer)
        try await recorder.send(.post, refund, id, #"{"amount":999999,"reason":"x"}"#, key: "r2", by: .trusted)
        try await recorder.send(.post, refund, "stl_0", #"{"reason":"x"}"#, key: "r3", by: .trusted)
        try await recorder.send(.post, refund, id, #"{"reason":"x"}"#, key: "r4", by: .payer)
        try await recorder.send(.post, refund, id, "{}", key: "r5", by: .trusted)
        let cid = try #require(settled.json["manifest_cid"]?.string)
        let manifest = String(decoding: try #require(body.manifest), as: UTF8.self)
        try await recorder.send(.post, "/api/manifests", "", #"{"fair_manifest":\#(manifest)}"#, by: .artist)
        try await recorder.send(.post, "/api/manifests", "", #"{"fair_manifest":{}}"#, by: .artist)
        try await recorder.send(.get, "/api/manifests/{cid}", cid, by: nil)
        try await recorder.send(.get, "/api/manifests/{cid}", "x", by: nil)
    }

    private func accounts(_ recorder: Recorder) async throws {
        let payer = Person.payer.did.string
        for path in ["/api/balance/{did}", "/api/transactions/{did}"] {
            try await recorder.send(.get, path, payer, by: .payer)
            try await recorder.send(.get, path, payer, by: .artist)
            try await recorder.send(.get, path, payer, by: nil)
            try await recorder.send(.get, path, "nobody", by: .reader)
        }
        try await recorder.send(.post, "/api/session-keys", by: .payer)
        try await recorder.send(.post, "/api/session-keys", by: nil)
    }

    private func consentAndGas(_ recorder: Recorder) async throws {
        let allowances = "/api/allowances/{service_did}"
        let service = Person.service.did.string
        let terms = #"{"max_amount":600,"per_day":1000,"currency":"USD","not_after":"2026-04-02T12:00:00Z"}"#
        try await recorder.send(.put, allowances, service, terms, by: .payer)
        try await recorder.send(.put, allowances, service, "{}", by: .payer)
        try await recorder.send(.get, allowances, service, by: .payer)
        try await recorder.send(.get, allowances, "x", by: .payer)
        let gas = #"{"sender_did":"\#(Person.payer.did)","recipient_did":"\#(Person.artist.did)","tier":2}"#
        for path in ["/api/gas/quote", "/api/gas/charge"] {
            try await recorder.send(.post, path, "", gas, key: path == "/api/gas/charge" ? "g1" : nil, by: .trusted)
            try await recorder.send(
                .post, path, "", gas, key: path == "/api/gas/charge" ? "g2" : nil, by: .stranger)
        }
        try await recorder.send(.put, "/api/gas/preferences", "", #"{"per_day_max":3}"#, by: .artist)
        try await recorder.send(.put, "/api/gas/preferences", "", #"{"per_day_max":-3}"#, by: .artist)
        let payload = #"{"type":"gas.cluster","business":"\#(Person.payer.did)","founder":"\#(Person.producer.did)"}"#
        let statement = JWS.sign(payload: payload.utf8, key: Person.producer.key)
        let cluster = #"{"founder_did":"\#(Person.producer.did)","statement":"\#(statement)"}"#
        try await recorder.send(.put, "/api/gas/cluster", "", cluster, by: .payer)
        try await recorder.send(.put, "/api/gas/cluster", "", cluster, by: .artist)
    }

    /// Makes the same bytes for every wallet but one.
    private struct ScriptedWalletSide: PayerTransactions {
        func transaction(
            for instruction: CollectInstruction, prepared: [UInt8], account: String, given: [UInt8]?, nowMs: Int64
        ) async -> RailPreparation {
            account == "x" ? .refused(RailRefusal(code: "payer_malformed", reason: "no wallet")) : .ready([1, 2, 3])
        }
    }

    private func wallets(_ recorder: Recorder) async throws {
        let id = try await recorder.pay.checkout(CheckoutBody().with { $0.rail = "solana" }, key: "w1")
        for payment in [id, "pay_nothing"] {
            let path = "/api/solana/pay/{payment}"
            try await recorder.send(.get, path, payment, by: nil)
            try await recorder.send(.get, "\(path)/icon.svg", payment, by: nil)
            try await recorder.send(.post, path, payment, #"{"account":"y"}"#, by: nil)
        }
        try await recorder.send(.post, "/api/solana/pay/{payment}", id, #"{"account":"x"}"#, by: nil)
    }

    private func payments(_ recorder: Recorder) async throws {
        let pay = recorder.pay
        let settling = try CheckoutBody.settling()
        let opened = try await recorder.send(.post, "/api/checkout", "", settling.json, key: "c1", by: .service)
        let id = try #require(opened.json["id"]?.string)
        try await recorder.send(
            .post, "/api/checkout", "", settling.with { $0.rail = "emt" }.json, key: "c2", by: .service)
        try await recorder.send(
            .post, "/api/checkout", "", settling.with { $0.amount = "1" }.json, key: "c3", by: .service)
        let topUp = CheckoutBody().with { $0.topUp = Person.payer.did.string }
        let topped = try await recorder.send(.post, "/api/balance/topup", "", topUp.json, key: "t1", by: .payer)
        let cancelled = try #require(topped.json["id"]?.string)
        try await recorder.send(.post, "/api/balance/topup", "", topUp.json, key: "t2", by: .stranger)
        try await pay.arrive(id, 4000, feeMinor: 146)
        for (value, person) in [(id, Person.service), (id, .stranger)] {
            try await recorder.send(.get, "/api/payments/{id}", value, by: person)
        }
        let spent = try await pay.checkout(CheckoutBody(), key: "c4")
        var body = try SettleBody()
        (body.from, body.amount, body.currency) = ("did:imajin:soft:\(spent)", "4000", "CAD")
        body.funding = #"{"source":"rail","rail":"stripe","reference":"\#(spent)"}"#
        try await recorder.send(.post, "/api/settle", "", body.json, key: "p1", by: .service)
        try await pay.arrive(spent, 4000, feeMinor: 0)
        let settled = try await recorder.send(.post, "/api/settle", "", body.json, key: "p1", by: .service)
        try await recorder.send(.post, "/api/settle", "", body.json, key: "p2", by: .service)
        let settlement = try #require(settled.json["id"]?.string)
        try await recorder.send(.get, "/api/settlements/{id}", settlement, by: .service)
        try await recorder.send(
            .post, "/api/settlements/{id}/refund", settlement, #"{"reason":"x"}"#, key: "p3", by: .service)
        let refund = "/api/payments/{id}/refund"
        let wrong = try await pay.checkout(CheckoutBody(), key: "c5")
        try await pay.arrive(wrong, 100, feeMinor: 0)
        try await recorder.send(.get, "/api/payments/{id}", wrong, by: .service)
        try await recorder.send(.post, refund, wrong, #"{"reason":"x"}"#, key: "f1", by: .service)
        try await recorder.send(.post, refund, wrong, #"{"reason":"x"}"#, key: "f2", by: .service)
        try await recorder.send(.post, "/api/payments/{id}/cancel", cancelled, by: .payer)
        try await recorder.send(.post, "/api/payments/{id}/cancel", id, by: .service)
        try await recorder.send(.get, "/api/payments", by: .service)
        try await recorder.send(.get, "/api/payments", by: nil)
    }

    private func payees(_ recorder: Recorder) async throws {
        let pay = recorder.pay
        let artist = Person.artist.did.string
        let (path, withdraw) = ("/api/payees/{did}", "/api/balance/withdraw")
        try await recorder.send(.get, path, artist, by: .artist)
        let policy = """
            {"destinations":[{"rail":"stripe","currency":"CAD","address":"acct_1"}],"schedule":"manual"}
            """
        try await recorder.send(.put, path, artist, policy, by: .artist)
        try await recorder.send(.put, path, artist, "{}", by: .artist)
        try await recorder.send(.get, path, artist, by: .artist)
        pay.advance(ms: 86_400_000)
        try await pay.pass()
        try await recorder.send(.get, path, artist, by: .artist)
        try await pay.fund(Person.artist.did, 5000, "CAD")
        let body = #"{"did":"\#(artist)","amount":100,"currency":"CAD"}"#
        let made = try await recorder.send(.post, withdraw, "", body, key: "w1", by: .artist)
        try await recorder.send(.post, withdraw, "", body, key: "w2", by: .payer)
        let id = try #require(made.json["id"]?.string)
        try await recorder.send(.get, "/api/payouts/{id}", id, by: .artist)
        try await recorder.send(.get, "/api/payouts/{id}", id, by: .payer)
        try await recorder.send(.get, "/api/payouts", by: .artist)
        try await recorder.send(.get, "/api/payouts", by: nil)
        let urls = #"{"refresh_url":"https://shop.example/a","return_url":"https://shop.example/b"}"#
        try await recorder.send(.post, "/api/connect/onboard", "", urls, by: .artist)
        try await recorder.send(.post, "/api/connect/onboard", "", "{}", by: .artist)
        for (method, path) in [(Method.get, "/api/connect/status"), (.post, "/api/connect/dashboard")] {
            try await recorder.send(method, path, by: .artist)
            try await recorder.send(method, path, by: nil)
        }
    }

    private func balancesAndEscrow(_ recorder: Recorder) async throws {
        let (payer, artist) = (Person.payer.did, Person.artist.did)
        let transfer = #"{"from_did":"\#(payer)","to_did":"\#(artist)","amount":100,"currency":"USD"}"#
        try await recorder.send(.post, "/api/balance/transfer", "", transfer, key: "m1", by: .payer)
        try await recorder.send(.post, "/api/balance/transfer", "", transfer, key: "m2", by: .service)
        let made = try await recorder.send(.post, "/api/escrow", "", transfer, key: "e1", by: .payer)
        let id = try #require(made.json["id"]?.string)
        try await recorder.send(.post, "/api/escrow", "", transfer, key: "e2", by: .stranger)
        try await recorder.send(.get, "/api/escrow/{id}", id, by: .artist)
        try await recorder.send(.get, "/api/escrow/{id}", id, by: .stranger)
        try await recorder.send(.get, "/api/escrow", by: .payer)
        try await recorder.send(.get, "/api/escrow", by: nil)
        for (verb, person) in [("release", Person.payer), ("refund", .artist)] {
            let path = "/api/escrow/{id}/\(verb)"
            try await recorder.send(.post, path, id, #"{"amount":50}"#, key: "x\(verb)", by: person)
            try await recorder.send(.post, path, id, #"{"amount":51}"#, key: "y\(verb)", by: person)
        }
    }

    @Test("every code of the table is declared where a settlement can come to it")
    func codes() async throws {
        let pay = try await PayFixture.start()
        let text = String(decoding: pay.service.specification, as: UTF8.self)
        let document = try JSONDocument(parsing: text)
        let responses = try #require(document.root["paths"]?["/api/settle"]?["post"]?["responses"])
        let table: [String: [String]] = [
            "400": ["malformed_json", "idempotency_key_missing", "amount_invalid"],
            "401": ["signature_missing", "signature_invalid", "signature_expired", "signature_replayed"],
            "402": ["insufficient_funds"], "403": ["caller_not_allowed", "payer_consent_missing"],
            "409": ["idempotency_in_flight", "payment_already_spent"],
            "422": [
                "idempotency_key_reused", "manifest_unsigned", "manifest_signature_invalid",
                "manifest_signer_not_party", "manifest_platform_signature_invalid", "manifest_malformed",
                "weights_exceed_one", "chain_unresolved", "chain_cycle", "chain_too_deep", "chain_invalid",
                "manifest_owner_changed", "currency_unknown", "contributor_not_payable", "payment_unknown",
                "amount_overflow", "account_frozen", "key_retired",
            ],
            "429": ["rate_limited"], "503": ["overloaded", "database_unavailable"],
        ]
        for (status, codes) in table {
            let declared = String(decoding: try #require(responses[status]).rawBytes, as: UTF8.self)
            for code in codes { #expect(declared.contains("\"\(code)\""), "\(status) \(code)") }
        }
    }

    @Test("what happened is counted: answers by code, replays, look-ups of manifests, split lines")
    func metrics() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 20_000)
        let body = try SettleBody().json
        for key in ["1", "1", "2", "3"] {
            _ = try await pay.send(.post, "/api/settle", body, key: key, by: .trusted)
        }
        let text = try await pay.send(.get, "/metrics", by: nil).text
        for line in [
            #"mjn_pay_settlements_total{code="settled"} 2"#,
            #"mjn_pay_settlements_total{code="insufficient_funds"} 1"#, "mjn_pay_replays_total 1",
            #"mjn_pay_manifest_lookups_total{result="hit"} 3"#, #"mjn_pay_manifest_lookups_total{result="miss"} 1"#,
            "mjn_pay_split_lines_total 6",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }
}
