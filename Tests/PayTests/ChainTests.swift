import Cryptography
import Kernel
import LedgerDouble
import Service
import Testing

@Suite("Chains and recorded manifests")
struct ChainTests {
    /// A manifest that passes half of its share on.
    private static func link(_ cid: CID, id: String, extra: String = "") throws -> [UInt8] {
        try Manifests.signed(
            Manifests.text(
                id: id, [(Person.artist.did.string, "remixer", "0.5"), ("fair:\(cid)", "original", "0.5")], extra: extra
            ))
    }

    private static func original(_ name: String = "original", by person: Person = .producer) throws -> [UInt8] {
        try Manifests.signed(Manifests.text(id: "urn:test:\(name)", [(person.did.string, "writer", "1")]), by: person)
    }

    private func settle(
        _ pay: PayFixture, _ manifest: [UInt8], _ chain: [[UInt8]] = [], key: String
    ) async throws -> Response {
        let body = SettleBody(manifest).with { $0.chain = chain }
        return try await pay.send(.post, "/api/settle", body.json, key: key, by: .trusted)
    }

    @Test("a link that is not known is refused, the key stays free, and once it is recorded the same request settles")
    func unresolvedThenRecorded() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 30_000)
        let original = try Self.original()
        let cid = try Manifests.cid(original)
        let remix = try Self.link(cid, id: "urn:test:remix")
        let missing = try await settle(pay, remix, key: "k")
        #expect(missing.status == 422)
        #expect(missing.code == "chain_unresolved")
        #expect(missing.json["detail"]?.string?.contains(cid.string) == true)
        let body = #"{"fair_manifest":\#(String(decoding: original, as: UTF8.self))}"#
        let recorded = try await pay.send(.post, "/api/manifests", body, by: .producer)
        #expect(recorded.status == 201)
        #expect(recorded.text == #"{"cid":"\#(cid)"}"#)
        let again = try await pay.send(.post, "/api/manifests", body, by: .producer)
        #expect(again.body == recorded.body)
        let settled = try await settle(pay, remix, key: "k")
        #expect(settled.status == 201)
        #expect(settled.json["splits"]?.elements.map { $0["amount"]?.int64 } == [5000, 5000])
        #expect(settled.json["splits"]?.elements.map { $0["via"]?.count } == [0, 1])
        let got = try await pay.send(.get, "/api/manifests/\(cid)", by: nil)
        #expect(got.body == original)
        let unknown = CID(codec: .raw, hashing: Array("x".utf8))
        #expect(try await pay.send(.get, "/api/manifests/\(unknown)", by: nil).code == "manifest_unknown")
        #expect(try await pay.send(.get, "/api/manifests/x", by: nil).code == "query_invalid")
    }

    @Test("links that come along are verified, recorded with the settlement, and known from then on")
    func supplied() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 30_000)
        let original = try Self.original()
        let remix = try Self.link(try Manifests.cid(original), id: "urn:test:remix")
        let second = try Self.link(try Manifests.cid(remix), id: "urn:test:second")
        let settled = try await settle(pay, second, [original, remix], key: "k1")
        #expect(settled.status == 201)
        #expect(settled.json["splits"]?.elements.map { $0["amount"]?.int64 } == [5000, 2500, 2500])
        #expect(pay.ledger.book.manifests.count == 3)
        let byCID = try await pay.send(
            .post, "/api/settle", SettleBody(cid: try Manifests.cid(remix).string).json, key: "k2", by: .trusted)
        #expect(byCID.status == 201)
    }

    @Test("links with other signatures, in circles, too deep or refused themselves")
    func broken() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 30_000)
        let unsigned = Array(Manifests.text(id: "urn:test:u", [(Person.producer.did.string, "w", "1")]).utf8)
        let onUnsigned = try Self.link(try Manifests.cid(unsigned), id: "urn:test:r1")
        let refused = try await settle(pay, onUnsigned, [unsigned], key: "1")
        #expect(refused.code == "chain_invalid")
        #expect(refused.json["detail"]?.string?.contains("manifest_unsigned") == true)
        var link = try Self.original()
        var chain: [[UInt8]] = []
        for level in 1...6 {
            chain.append(link)
            link = try Self.link(try Manifests.cid(link), id: "urn:test:deep\(level)")
        }
        #expect(try await settle(pay, link, chain, key: "2").code == "chain_too_deep")
        let five = try await settle(pay, chain[5], Array(chain.prefix(5)), key: "3")
        #expect(five.status == 201)
        let list = try await pay.send(
            .post, "/api/settle", try SettleBody().json.replacing("{\"from_did", with: "{\"fair_chain\":7,\"from_did"),
            key: "4", by: .trusted)
        #expect(list.code == "field_invalid")
    }

    @Test("a CID that the node does not hold is unresolved, and what was never settled is not held")
    func unknownCID() async throws {
        let pay = try await PayFixture.start()
        let manifest = try Manifests.signed(Manifests.standard())
        let poor = try await settle(pay, manifest, key: "1")
        #expect(poor.status == 402)
        let byCID = SettleBody(cid: try Manifests.cid(manifest).string)
        let response = try await pay.send(.post, "/api/settle", byCID.json, key: "2", by: .trusted)
        #expect(response.code == "chain_unresolved")
    }

    @Test("manifests are recorded for their signer and for services, and only verified")
    func whoRecords() async throws {
        let pay = try await PayFixture.start()
        let manifest = String(decoding: try Manifests.signed(Manifests.standard()), as: UTF8.self)
        func post(_ json: String, _ person: Person) async throws -> String {
            let response = try await pay.send(.post, "/api/manifests", #"{"fair_manifest":\#(json)}"#, by: person)
            return "\(response.status) \(response.code ?? "-")"
        }
        #expect(try await post(manifest, .producer) == "403 caller_not_allowed")
        #expect(try await post(Manifests.standard(), .artist) == "422 manifest_unsigned")
        #expect(try await post(manifest, .service) == "201 -")
        #expect(try await post(manifest, .artist) == "201 -")
        let other = try Manifests.signed(Manifests.standard(extra: #","title":"mine""#), by: .producer)
        #expect(try await post(String(decoding: other, as: UTF8.self), .producer) == "422 manifest_owner_changed")
        let none = try await pay.send(.post, "/api/manifests", "{}", by: .artist)
        #expect(none.code == "field_invalid")
    }
}
