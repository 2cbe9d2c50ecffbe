import Cryptography
import Kernel
import Service
import Settlement
import Testing

@Suite("Gas")
struct GasTests {
    private func body(_ tier: Int = 2, from sender: Person = .payer, to recipient: Person = .artist) -> String {
        #"{"sender_did":"\#(sender.did)","recipient_did":"\#(recipient.did)","tier":\#(tier)}"#
    }

    @Test("the price follows the curve, message by message")
    func curve() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000_000, "MJN")
        let expected: [(String, Int64)] = [
            ("1", 100_000), ("1.5", 150_000), ("3", 300_000), ("7", 700_000), ("15", 1_500_000), ("40", 4_000_000),
            ("40", 4_000_000),
        ]
        for (index, (multiplier, amount)) in expected.enumerated() {
            let quote = try await pay.send(.post, "/api/gas/quote", body(), by: .payer)
            #expect(quote.json["amount"]?.int64 == amount)
            #expect(quote.json["curve"]?.count == 6)
            let charge = try await pay.send(.post, "/api/gas/charge", body(), key: "g\(index)", by: .trusted)
            #expect(charge.status == 201)
            #expect(charge.json["tier"]?.int64 == 2)
            #expect(charge.json["message_number"]?.int64 == Int64(index + 1))
            #expect(charge.json["multiplier"]?.string == multiplier)
            #expect(charge.json["amount"]?.int64 == amount)
            #expect(charge.json["currency"]?.string == "MJN")
            #expect(charge.json["entry_seq"]?.int64 != nil)
        }
        pay.advance(ms: 30 * 86_400_000)
        let later = try await pay.send(.post, "/api/gas/charge", body(), key: "later", by: .trusted)
        #expect(later.json["multiplier"]?.string == "1")
    }

    @Test("a hundred first messages at once pay the curve, not a hundred times the first price")
    func crowd() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1_000_000_000, "MJN")
        let requests = (0..<100).map { pay.request(.post, "/api/gas/charge", body(), key: "g\($0)", by: .trusted) }
        let responses = try await pay.sendAll(requests)
        #expect(responses.allSatisfy { $0.status == 201 })
        #expect(responses.compactMap { $0.json["message_number"]?.int64 }.sorted() == (1...100).map { Int64($0) })
        let sum = responses.reduce(0) { $0 + ($1.json["amount"]?.int64 ?? 0) }
        #expect(sum == 100_000 + 150_000 + 300_000 + 700_000 + 1_500_000 + 95 * 4_000_000)
    }

    @Test("a tier without a price is counted without an entry, and needs no consent")
    func free() async throws {
        let pay = try await PayFixture.start()
        let charge = try await pay.send(.post, "/api/gas/charge", body(1), key: "g", by: .service)
        #expect(charge.status == 201)
        #expect(charge.json["amount"]?.int64 == 0)
        #expect(charge.json["entry_seq"]?.isNull == true)
        let again = try await pay.send(.post, "/api/gas/charge", body(1), key: "g", by: .service)
        #expect(again.body == charge.body)
        #expect(again.isReplayed)
    }

    @Test("who may charge and who may ask")
    func who() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 1_000_000, "MJN")
        func charge(_ person: Person, _ key: String) async throws -> String {
            let response = try await pay.send(.post, "/api/gas/charge", body(), key: key, by: person)
            return "\(response.status) \(response.code ?? "-")"
        }
        #expect(try await charge(.payer, "1") == "403 caller_not_allowed")
        #expect(try await charge(.reader, "2") == "403 caller_not_allowed")
        #expect(try await charge(.service, "3") == "403 payer_consent_missing")
        #expect(try await charge(.trusted, "4") == "201 -")
        pay.callers.allow(.payer, [.settle], .consentOnly)
        #expect(try await charge(.payer, "5") == "201 -")
        for (person, status) in [(Person.stranger, 403), (.artist, 403), (.reader, 200), (.payer, 200)] {
            #expect(try await pay.send(.post, "/api/gas/quote", body(), by: person).status == status)
        }
        let poor = try await pay.send(
            .post, "/api/gas/charge", body(from: .otherPayer), key: "6", by: .trusted)
        #expect(poor.status == 402)
        for wrong in [body(0), body(4), #"{"sender_did":"x","recipient_did":"y","tier":1}"#, "{}"] {
            #expect(try await pay.send(.post, "/api/gas/charge", wrong, key: "7", by: .trusted).code == "field_invalid")
        }
        let missing = try await pay.send(.post, "/api/gas/charge", body(), by: .trusted)
        #expect(missing.code == "idempotency_key_missing")
    }

    @Test("a recipient's blacklist beats payment, its whitelist and its limit are honoured")
    func preferences() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 100_000_000, "MJN")
        func set(_ json: String) async throws -> Response {
            try await pay.send(.put, "/api/gas/preferences", json, by: .artist)
        }
        func charge(_ key: String) async throws -> Response {
            try await pay.send(.post, "/api/gas/charge", body(), key: key, by: .trusted)
        }
        #expect(try await set(#"{"blacklist":["\#(Person.payer.did)"]}"#).status == 200)
        #expect(try await charge("1").code == "recipient_blocked")
        #expect(try await pay.send(.post, "/api/gas/quote", body(), by: .payer).code == "recipient_blocked")
        #expect(try await set(#"{"per_day_max":1}"#).json["per_day_max"]?.int64 == 1)
        #expect(try await charge("2").status == 201)
        let limited = try await charge("3")
        #expect(limited.status == 429)
        #expect(limited.code == "recipient_rate_limited")
        #expect(limited.headers["retry-after"] != nil)
        #expect(try await pay.send(.post, "/api/gas/quote", body(), by: .payer).code == "recipient_rate_limited")
        #expect(try await set(#"{"whitelist":["\#(Person.payer.did)"],"per_day_max":1}"#).status == 200)
        let welcome = try await charge("4")
        #expect(welcome.json["amount"]?.int64 == 0)
        for wrong in [
            #"{"whitelist":["x"]}"#, #"{"blacklist":7}"#, #"{"per_day_max":-1}"#, #"{"per_day_max":1.5}"#,
            #"{"whitelist":["\#(Person.payer.did)"],"blacklist":["\#(Person.payer.did)"]}"#,
        ] {
            #expect(try await set(wrong).code == "field_invalid")
        }
    }

    @Test("businesses of one founder share the curve, and nobody joins without the founder's word")
    func cluster() async throws {
        let pay = try await PayFixture.start()
        let businesses = [Person.payer, .otherPayer]
        for business in businesses { try await pay.fund(business.did, 100_000_000, "MJN") }
        func statement(_ business: Person, founder: Person = .producer, by signer: Person = .producer) -> String {
            let payload = #"{"type":"gas.cluster","business":"\#(business.did)","founder":"\#(founder.did)"}"#
            let token = JWS.sign(payload: payload.utf8, key: signer.key)
            return #"{"founder_did":"\#(founder.did)","statement":"\#(token)"}"#
        }
        func put(_ json: String, by person: Person) async throws -> Response {
            try await pay.send(.put, "/api/gas/cluster", json, by: person)
        }
        #expect(try await put(statement(.payer, by: .payer), by: .payer).code == "caller_not_allowed")
        #expect(try await put(statement(.payer), by: .otherPayer).code == "caller_not_allowed")
        #expect(try await put(#"{"founder_did":"\#(Person.producer.did)"}"#, by: .payer).code == "field_invalid")
        for business in businesses {
            let response = try await put(statement(business), by: business)
            #expect(response.status == 200)
            #expect(response.json["founder_did"]?.string == Person.producer.did.string)
        }
        var multipliers: [String?] = []
        for (index, business) in (businesses + businesses).enumerated() {
            let charge = try await pay.send(
                .post, "/api/gas/charge", body(from: business), key: "g\(index)", by: .trusted)
            multipliers.append(charge.json["multiplier"]?.string)
        }
        #expect(multipliers == ["1", "1.5", "3", "7"])
    }
}
