import Cryptography
import Kernel
import Service
import Testing

@Suite("Transfers between balances")
struct TransferTests {
    private func body(
        _ amount: String, from: DID = Person.payer.did, to: String = Person.artist.did.string,
        currency: String = "USD", extra: String = ""
    ) -> String {
        #"{"from_did":"\#(from)","to_did":"\#(to)","amount":\#(amount),"currency":"\#(currency)"\#(extra)}"#
    }

    @Test("credit is spent first and stays credit; the same key moves once")
    func credit() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1000)
        try await pay.fund(Person.payer.did, 300, asCredit: true)
        let json = body("500", extra: #","memo":"dinner""#)
        let first = try await pay.send(.post, "/api/balance/transfer", json, key: "t", by: .payer)
        #expect(first.status == 201, "\(first.text)")
        #expect(first.json["credit"]?.int64 == 300)
        #expect(first.json["memo"]?.string == "dinner")
        let again = try await pay.send(.post, "/api/balance/transfer", json, key: "t", by: .payer)
        #expect(again.isReplayed)
        #expect(again.body == first.body)
        #expect(pay.cash(.artist, "USD") == 200)
        #expect(pay.balance(.credit(Person.artist.did.string, "USD")) == 300)
        #expect(pay.cash(.payer, "USD") == 800)
        let trusted = try await pay.send(.post, "/api/balance/transfer", body("100"), key: "t", by: .trusted)
        #expect(trusted.status == 201, "a service that may spend every balance")
    }

    @Test("bad transfers are refused by their own codes, and nothing is posted")
    func refused() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1000)
        let postings = pay.postingsCount
        let rows: [(String, String, Person)] = [
            ("400 amount_invalid", body("0"), .payer), ("402 insufficient_funds", body("1001"), .payer),
            ("400 field_invalid", body("1", to: Person.payer.did.string), .payer),
            ("400 field_invalid", body("1", to: "nobody"), .payer),
            ("422 account_not_payable", body("1", to: "did:web:example.com"), .payer),
            ("422 currency_unknown", body("1", currency: "XXX"), .payer),
            ("402 insufficient_funds", body("1", currency: "CAD"), .payer),
            ("403 payer_consent_missing", body("1"), .service), ("403 caller_not_allowed", body("1"), .stranger),
            ("403 caller_not_allowed", body("101"), .smallService),
            ("400 field_invalid", body("1", extra: #","memo":"\#(String(repeating: "x", count: 141))""#), .payer),
        ]
        for (index, (expected, json, person)) in rows.enumerated() {
            let response = try await pay.send(.post, "/api/balance/transfer", json, key: "k\(index)", by: person)
            #expect("\(response.status) \(response.code ?? "-")" == expected, "\(json)")
        }
        #expect(pay.postingsCount == postings)
        let missing = try await pay.send(.post, "/api/balance/transfer", body("1"), by: .payer)
        #expect(missing.code == "idempotency_key_missing")
    }
}
