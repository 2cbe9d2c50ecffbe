import Cryptography
import Kernel
import LedgerDouble
import Pay
import RailDouble
import Service
import Testing

/// Bad input: a problem with its own code, no call to the rail, nothing posted.
@Suite("Checkouts that are refused")
struct CheckoutRefusalTests {
    /// What is wrong, the body, and the answer.
    private struct Row: Sendable {
        let what: String
        let body: String
        let answer: String
        var person = Person.service
    }

    private func rows() throws -> [Row] {
        let body = CheckoutBody()
        let settling = try CheckoutBody.settling()
        let foreign = Manifests.text([("did:example:x", "artist", "1")])
        let unsigned = Array(Manifests.standard().utf8)
        let forged = try Manifests.signed(Manifests.standard(), by: .stranger)
        return [
            Row(what: "an amount of nothing", body: body.with { $0.amount = "0" }.json, answer: "400 amount_invalid"),
            Row(what: "half a cent", body: body.with { $0.amount = "1.5" }.json, answer: "400 amount_invalid"),
            Row(
                what: "no currency of the table", body: body.with { $0.currency = "XXX" }.json,
                answer: "422 currency_unknown"),
            Row(
                what: "a currency that the rail does not move", body: body.with { $0.currency = "EUR" }.json,
                answer: "422 currency_unsupported"),
            Row(
                what: "less than the rail's minimum", body: body.with { $0.amount = "49" }.json,
                answer: "422 amount_below_minimum"),
            Row(what: "no rail of any node", body: body.with { $0.rail = "paypal" }.json, answer: "400 field_invalid"),
            Row(what: "a rail that is off", body: body.with { $0.rail = "solana" }.json, answer: "503 rail_off"),
            Row(
                what: "a foreign return URL", body: body.with { $0.successURL = "https://evil.example/" }.json,
                answer: "422 return_url_not_allowed"),
            Row(
                what: "a return URL that reads two ways",
                body: body.with { $0.cancelURL = "https://shop.example@evil.example/" }.json,
                answer: "422 return_url_not_allowed"),
            Row(
                what: "a payer without a balance here", body: body.with { $0.from = "did:web:example.com" }.json,
                answer: "422 account_not_payable"),
            Row(
                what: "a manifest that nobody signed", body: settling.with { $0.manifest = unsigned }.json,
                answer: "422 manifest_unsigned"),
            Row(
                what: "a manifest signed by a stranger", body: settling.with { $0.manifest = forged }.json,
                answer: "422 manifest_signer_not_party"),
            Row(
                what: "a payee without a balance here",
                body: settling.with { $0.manifest = try? Manifests.signed(foreign, by: .artist) }.json,
                answer: "422 manifest_signer_not_party"),
            Row(
                what: "a manifest that is none", body: settling.with { $0.manifest = Array("{}".utf8) }.json,
                answer: "422 manifest_malformed"),
            Row(
                what: "a caller without the scope", body: body.json, answer: "403 caller_not_allowed",
                person: .stranger),
            Row(
                what: "somebody else's name", body: body.with { $0.from = Person.payer.did.string }.json,
                answer: "403 caller_not_allowed", person: .stranger),
            Row(
                what: "more than the caller may", body: body.json, answer: "403 caller_not_allowed",
                person: .smallService),
        ]
    }

    @Test("each has its own code; the rail is not called, and nothing is posted")
    func codes() async throws {
        let pay = try await PayFixture.start()
        for (index, row) in try rows().enumerated() {
            let response = try await pay.send(.post, "/api/checkout", row.body, key: "k\(index)", by: row.person)
            #expect("\(response.status) \(response.code ?? "-")" == row.answer, "\(row.what): \(response.text)")
            if response.status == 422 {
                let again = try await pay.send(.post, "/api/checkout", row.body, key: "k\(index)", by: row.person)
                #expect(again.code == response.code, "\(row.what), again")
            }
        }
        #expect(pay.rail.moneyCalls.isEmpty)
        #expect(pay.postingsCount == 0)
        let missing = try await pay.send(.post, "/api/checkout", CheckoutBody().json, by: .service)
        #expect(missing.code == "idempotency_key_missing")
    }

    @Test("a refused manifest leaves nothing: no payment, no manifest")
    func nothingIsLeft() async throws {
        let pay = try await PayFixture.start()
        let owned = try CheckoutBody.settling()
        _ = try await pay.checkout(owned)
        // The same id, signed by another contributor.
        let taken = try Manifests.signed(Manifests.standard(extra: #","note":"mine""#), by: .producer)
        let response = try await pay.send(
            .post, "/api/checkout", owned.with { $0.manifest = taken }.json, key: "taken", by: .service)
        #expect("\(response.status) \(response.code ?? "-")" == "422 manifest_owner_changed")
        #expect(pay.ledger.book.lifecycles.count == 1)
        #expect(pay.ledger.book.manifests.count == 1)
        let cid = try Manifests.cid(taken)
        let absent = try await pay.send(.get, "/api/manifests/\(cid)", by: nil)
        #expect(absent.status == 404)
    }

    @Test("a node without rails answers 503 rail_off, and says why for each rail")
    func off() async throws {
        var settings = PayFixture.Settings()
        settings.hasRails = false
        let pay = try await PayFixture.start(settings)
        let response = try await pay.send(.post, "/api/checkout", CheckoutBody().json, key: "c", by: .service)
        #expect("\(response.status) \(response.code ?? "-")" == "503 rail_off")
        #expect(response.headers["retry-after"] != nil)
        #expect(pay.railStates.map(\.name.rawValue) == ["emt", "solana", "stripe"])
        #expect(pay.railStates.allSatisfy { !$0.isOn })
        settings.hasRails = true
        settings.desk = { $0.off = [.solana: "MJN_SOLANA_RPC_URL is missing"] }
        let other = try await PayFixture.start(settings)
        #expect(other.railStates.map(\.isOn) == [false, false, true])
        #expect(other.railStates[1].offReason == "MJN_SOLANA_RPC_URL is missing")
    }

    @Test("a rail that was switched off since does not change what a known key gets")
    func offSince() async throws {
        let pay = try await PayFixture.start()
        let body = try CheckoutBody.settling()
        let first = try await pay.send(.post, "/api/checkout", body.json, key: "c", by: .service)
        let id = try #require(first.json["id"]?.string)
        try await pay.arrive(id, 4000, feeMinor: 0)
        let refund = "/api/settlements/\(try pay.payment(id).settlementID)/refund"
        let given = try await pay.send(.post, refund, #"{"reason":"x"}"#, key: "r", by: .service)
        #expect(given.status == 201)
        var settings = PayFixture.Settings()
        settings.ledger = pay.ledger
        settings.desk = { $0.rails = [] }
        let off = try await PayFixture.start(settings)
        let again = try await off.send(.post, "/api/checkout", body.json, key: "c", by: .service)
        #expect(again.isReplayed)
        #expect(again.body == first.body)
        let returned = try await off.send(.post, refund, #"{"reason":"x"}"#, key: "r", by: .service)
        #expect(returned.isReplayed)
        #expect(returned.body == given.body)
        for (path, json) in [("/api/checkout", body.json), (refund, #"{"reason":"x"}"#)] {
            let new = try await off.send(.post, path, json, key: "new", by: .service)
            #expect("\(new.status) \(new.code ?? "-")" == "503 rail_off")
            #expect(new.headers["retry-after"] == "60")
        }
    }

    @Test("only exact origins are returned to: no port, scheme, user name or spelling beside them")
    func origins() throws {
        let origins = try ReturnOrigins(["https://Shop.example", "http://10.0.0.1:8080"], allowLoopback: false)
        for url in [
            "https://shop.example", "https://shop.example/", "https://SHOP.example:443/a?b#c",
            "http://10.0.0.1:8080/x", "https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}",
        ] { #expect(origins.allows(url), "\(url)") }
        for url in [
            "http://shop.example/", "https://shop.example:444/", "https://shop.example.evil.example/",
            "https://evil.example/https://shop.example", "https://shop.example@evil.example/",
            #"https://shop.example\@evil.example/"#, "https://shop.example%2eevil.example/", "//shop.example/",
            "javascript:alert(1)", "https:shop.example/", "https://", "https://shop.example /",
            "https://shop.exämple/", "http://localhost/", "https://shop.example:/", "https://[::1/",
            "https://shop.example/" + String(repeating: "x", count: 2048), "",
        ] { #expect(!origins.allows(url), "\(url)") }
        let development = try ReturnOrigins([], allowLoopback: true)
        for url in ["http://localhost:3000/x", "http://127.0.0.1", "https://[::1]:8443/"] {
            #expect(development.allows(url), "\(url)")
        }
        #expect(!development.allows("http://127.0.0.1.evil.example/"))
        #expect(throws: PaySetupError.self) { try ReturnOrigins(["https://shop.example/path"], allowLoopback: false) }
        #expect(throws: PaySetupError.self) { try ReturnOrigins(["shop.example"], allowLoopback: false) }
    }
}
