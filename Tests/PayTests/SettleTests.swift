import Cryptography
import Kernel
import LedgerDouble
import Service
import Testing

@Suite("Settling")
struct SettleTests {
    @Test("the contract's example: 10,000 gross, 50 for the node, 5,970 of the rest for three fifths")
    func example() async throws {
        let pay = try await PayFixture.startWithNodeFee()
        try await pay.fund(Person.payer.did, 10_000)
        let response = try await pay.send(.post, "/api/settle", try SettleBody().json, key: "k1", by: .trusted)
        #expect(response.status == 201)
        let reply = response.json
        #expect(reply["id"]?.string?.hasPrefix("stl_") == true)
        #expect(reply["id"]?.string?.utf8.count == 30)
        #expect(reply["status"]?.string == "settled")
        #expect(reply["amount"]?.int64 == 10_000)
        #expect(reply["currency"]?.string == "USD")
        #expect(reply["created_at"]?.string == "2026-03-31T12:00:00.000Z")
        #expect(reply["manifest_cid"]?.string?.hasPrefix("bafkrei") == true)
        let splits = reply["splits"].map { Array($0.elements) } ?? []
        #expect(splits.map { $0["amount"]?.int64 } == [5970, 2488, 1492])
        #expect(splits.map { $0["weight"]?.string } == ["3/5", "1/4", "3/20"])
        #expect(splits.first?["did"]?.string == Person.artist.did.string)
        #expect(splits.first?["role"]?.string == "artist")
        #expect(splits.first?["via"]?.count == 0)
        let fees = reply["fees"].map { Array($0.elements) } ?? []
        #expect(fees.map { $0["kind"]?.string } == ["node"])
        #expect(fees.first?["bps"]?.int64 == 50)
        #expect(fees.first?["amount"]?.int64 == 50)
        #expect((reply["attestations"]?.count ?? 0) >= 1)
        let balance = try await pay.send(.get, "/api/balance/\(Person.artist.did)", by: .artist)
        #expect(
            balance.text
                == #"{"did":"\#(Person.artist.did)","balances":[{"currency":"USD","cash":5970,"credit":0,"held":0,"#
                + #""available":5970,"withdrawable":5970,"receivable":0}]}"#)
    }

    @Test("a payer settles with its own signature")
    func ownSignature() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let response = try await pay.send(.post, "/api/settle", try SettleBody().json, key: "k", by: .payer)
        #expect(response.status == 201)
    }

    @Test("a payer settles with a session key that it was given")
    func sessionKey() async throws {
        let pay = try await PayFixture.start()
        let given = try await pay.send(.post, "/api/session-keys", by: .payer)
        #expect(given.status == 201)
        #expect(given.json["key_id"]?.string?.hasPrefix("sk_") == true)
        #expect(given.json["secret"]?.string.flatMap { Base64URL.decode($0) }?.count == 32)
    }

    @Test("a manifest that was settled before is named by its CID")
    func byCID() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 20_000)
        let first = try await pay.send(.post, "/api/settle", try SettleBody().json, key: "k1", by: .trusted)
        let cid = try #require(first.json["manifest_cid"]?.string)
        let second = try await pay.send(.post, "/api/settle", SettleBody(cid: cid).json, key: "k2", by: .trusted)
        #expect(second.status == 201)
        #expect(second.json["manifest_cid"]?.string == cid)
        #expect(second.json["splits"]?.rawBytes == first.json["splits"]?.rawBytes)
    }

    @Test("a manifest is recorded with the first settlement that uses it, and is not carried again")
    func recordedOnce() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 20_000)
        for key in ["k1", "k2"] {
            _ = try await pay.send(.post, "/api/settle", try SettleBody().json, key: key, by: .trusted)
        }
        let counts = pay.ledger.submitted.compactMap { command -> Int? in
            guard case .settle(let order) = command.action else { return nil }
            return order.manifests.count
        }
        #expect(counts == [1, 0])
        #expect(pay.ledger.book.manifests.count == 1)
    }

    @Test("the type names the right that is split")
    func rights() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 20_000)
        let text = """
            {"id":"urn:test:work","fair":"1.1","type":"work","owner":"\(Person.artist.did)",\
            "attribution":[{"did":"\(Person.artist.did)","role":"artist","share":1}],\
            "distribution":{"streaming":{"mode":"allowed","splits":[{"did":"\(Person.artist.did)","role":"artist",\
            "share":0.5},{"did":"\(Person.producer.did)","role":"producer","share":0.5}]}}}
            """
        let body = SettleBody(try Manifests.signed(text))
        let streaming = try await pay.send(
            .post, "/api/settle", body.with { $0.type = "streaming" }.json, key: "k1", by: .trusted)
        #expect(streaming.json["splits"]?.elements.map { $0["amount"]?.int64 } == [5000, 5000])
        let ticket = try await pay.send(.post, "/api/settle", body.json, key: "k2", by: .trusted)
        #expect(ticket.json["splits"]?.elements.map { $0["amount"]?.int64 } == [10_000])
    }

    @Test("metadata and unknown members are taken, and members in any order are the same request")
    func canonical() async throws {
        let pay = try await PayFixture.start()
        try await pay.fund(Person.payer.did, 10_000)
        let manifest = String(decoding: try Manifests.signed(Manifests.standard()), as: UTF8.self)
        let from = Person.payer.did
        let one = """
            {"from_did":"\(from)","amount":10000,"currency":"USD","service":"events","type":"ticket",\
            "fair_manifest":\(manifest),"metadata":{"order":7},"more":true}
            """
        let other = """
            { "more":true, "metadata":{"order":7.0}, "type":"ticket","service":"events", "fair_manifest": \(manifest),
              "currency":"USD","amount":1e4,"from_did":"\(from)"}
            """
        let first = try await pay.send(.post, "/api/settle", one, key: "k", by: .trusted)
        let second = try await pay.send(.post, "/api/settle", other, key: "k", by: .trusted)
        #expect(first.status == 201)
        #expect(second.body == first.body)
        #expect(second.isReplayed)
    }
}
