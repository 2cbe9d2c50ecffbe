import Cryptography
import IdentityDouble
import Kernel
import ProofChain
import Service
import Settlement
import Testing

@Suite("Keys that were rotated")
struct RotationTests {
    private func start() async throws -> (PayFixture, FollowedIdentities) {
        let identities = FollowedIdentities()
        var settings = PayFixture.Settings()
        settings.identities = identities
        let pay = try await PayFixture.start(settings)
        try await pay.fund(Person.payer.did, 1_000_000)
        return (pay, identities)
    }

    private func settle(
        _ pay: PayFixture, _ body: SettleBody, key: String, by person: Person = .trusted
    ) async throws -> String {
        let response = try await pay.send(.post, "/api/settle", body.json, key: key, by: person)
        return "\(response.status) \(response.code ?? "-")"
    }

    @Test("a request counts under the chain's keys; under the old one it is refused with the reason")
    func requests() async throws {
        let (pay, identities) = try await start()
        let old = Person.payer
        let body = try SettleBody()
        #expect(try await settle(pay, body, key: "1", by: old) == "201 -")
        try identities.begin(old, atMs: pay.nowMs)
        #expect(try await settle(pay, body, key: "2", by: old) == "201 -")
        let new = try identities.rotate(old, to: 50, atMs: pay.nowMs)
        #expect(try await settle(pay, body, key: "3", by: new) == "201 -")
        let refused = try await pay.send(.post, "/api/settle", body.json, key: "4", by: old)
        #expect(refused.status == 401 && refused.code == "signature_invalid")
        #expect(refused.text.contains("rotated out"))
        let balance = try await pay.send(.get, "/api/balance/\(old.did)", by: new)
        #expect(balance.status == 200 && balance.json["did"]?.string == old.did.string)
        let terms = #"{"max_amount":600,"per_day":1000,"currency":"USD","not_after":"2026-04-02T12:00:00Z"}"#
        let target = "/api/allowances/\(Person.service.did)"
        #expect(try await pay.send(.put, target, terms, by: old).code == "signature_invalid")
        #expect(try await pay.send(.put, target, terms, by: new).status == 200)
    }

    @Test("a session key ends with the key that asked for it, at the next request")
    func sessions() async throws {
        let (pay, identities) = try await start()
        try identities.begin(.payer, atMs: pay.nowMs)
        func session(_ person: Person) async throws -> RequestSigner {
            let reply = try await pay.send(.post, "/api/session-keys", by: person)
            let id = try #require(reply.json["key_id"]?.string)
            let secret = try #require(reply.json["secret"]?.string.flatMap { Base64URL.decode($0) })
            return RequestSigner(sessionKeyID: id, secret: secret)
        }
        let old = try await session(.payer)
        let target = "/api/balance/\(Person.payer.did)"
        #expect(try await pay.send(.get, target, signer: old).status == 200)
        let rotated = try identities.rotate(.payer, to: 50, atMs: pay.nowMs)
        let refused = try await pay.send(.get, target, signer: old)
        #expect(refused.code == "signature_invalid" && refused.text.contains("rotated out"))
        #expect(try await pay.send(.post, "/api/session-keys", by: .payer).code == "signature_invalid")
        let new = try await session(rotated)
        #expect(try await pay.send(.get, target, signer: new).status == 200)
    }

    @Test("a payer's authorization is by a current key")
    func consent() async throws {
        let (pay, identities) = try await start()
        try identities.begin(.payer, atMs: pay.nowMs)
        let new = try identities.rotate(.payer, to: 50, atMs: pay.nowMs)
        let claims = AuthorizationClaims(manifestCID: try Manifests.cid(Manifests.signed(Manifests.standard())).string)
        func settle(by person: Person, key: String) async throws -> Response {
            let body = try SettleBody().with { $0.authorization = claims.token(by: person) }
            return try await pay.send(.post, "/api/settle", body.json, key: key, by: .service)
        }
        let refused = try await settle(by: .payer, key: "1")
        #expect(refused.status == 403 && refused.code == "payer_consent_missing" && refused.text.contains("retired"))
        #expect(try await settle(by: new, key: "2").status == 201)
        identities.setFresh(false)
        #expect(
            try await settle(by: Person(.payer, with: Person.stranger.key), key: "3").code == "identity_unavailable")
    }

    @Test("a manifest by a retired key counts when it was recorded or anchored before, and not otherwise")
    func manifests() async throws {
        let (pay, identities) = try await start()
        try identities.begin(.artist, atMs: pay.nowMs)
        let recorded = try Manifests.signed(Manifests.standard(id: "recorded"))
        #expect(try await settle(pay, SettleBody(recorded), key: "1") == "201 -")
        let unpaid = try Manifests.signed(Manifests.standard(id: "verified, not recorded"))
        let tooMuch = SettleBody(unpaid).with { $0.amount = "9000000" }
        #expect(try await settle(pay, tooMuch, key: "2") == "402 insufficient_funds", "it is in the cache now")
        let fresh = try Manifests.signed(Manifests.standard(id: "new"))
        let anchored = try Manifests.signed(Manifests.standard(id: "anchored"))
        let new = try identities.rotate(.artist, to: 50, atMs: pay.nowMs + 1_000)
        identities.copy.set(
            ManifestEvidence(recordedAtMs: pay.nowMs, anchoredAtPosition: nil), of: try Manifests.cid(recorded))
        identities.copy.set(
            ManifestEvidence(recordedAtMs: nil, anchoredAtPosition: 1), of: try Manifests.cid(anchored))
        #expect(try await settle(pay, SettleBody(recorded), key: "3") == "201 -")
        #expect(try await settle(pay, SettleBody(cid: try Manifests.cid(recorded).string), key: "4") == "201 -")
        #expect(try await settle(pay, SettleBody(unpaid), key: "5") == "422 key_retired")
        #expect(try await settle(pay, SettleBody(fresh), key: "6") == "422 key_retired")
        #expect(try await settle(pay, SettleBody(anchored), key: "7") == "201 -")
        let renewed = try Manifests.signed(Manifests.standard(id: "new"), by: new)
        #expect(try await settle(pay, SettleBody(renewed), key: "8") == "201 -")
        #expect(try await settle(pay, SettleBody(fresh), key: "6") == "422 key_retired", "and stays refused")
    }

    @Test("of a hundred keys each counts while it is in force, and the word for each is right when it is not")
    func manyKeys() async throws {
        let (pay, identities) = try await start()
        try identities.begin(.artist, atMs: pay.nowMs)
        let mates = try (100..<150).map { try ScriptedIdentity.key($0) }
        let wide = try identities.rotate(.artist, to: 50, with: mates.map(\.publicKey), atMs: pay.nowMs + 1)
        let last = Person(.artist, with: mates[49])
        let byLast = try Manifests.signed(Manifests.standard(id: "by the last of 51"), by: last)
        #expect(try await settle(pay, SettleBody(byLast), key: "1") == "201 -")
        #expect(try await pay.send(.get, "/api/balance/\(last.did)", by: last).status == 200)
        for number in 150..<220 { _ = try identities.rotate(.artist, to: UInt8(number), atMs: pay.nowMs + 2) }
        for (index, person) in [last, wide, .artist, Person(.artist, with: try ScriptedIdentity.key(150))].enumerated()
        {
            let fresh = try Manifests.signed(Manifests.standard(id: "fresh \(index)"), by: person)
            #expect(try await settle(pay, SettleBody(fresh), key: "2-\(index)") == "422 key_retired")
            identities.copy.set(
                ManifestEvidence(recordedAtMs: pay.nowMs + 1, anchoredAtPosition: nil), of: try Manifests.cid(fresh))
            #expect(try await settle(pay, SettleBody(fresh), key: "3-\(index)") == "201 -")
        }
        let stranger = Person(.artist, with: Person.engineer.key)
        let forged = try Manifests.signed(Manifests.standard(id: "forged"), by: stranger)
        #expect(try await settle(pay, SettleBody(forged), key: "4") == "422 manifest_signature_invalid")
        #expect(try await pay.send(.get, "/api/balance/\(last.did)", by: last).code == "signature_invalid")
        let claims = AuthorizationClaims(manifestCID: try Manifests.cid(byLast).string).with {
            $0.payer = Person.artist.did.string
        }
        identities.copy.set(
            ManifestEvidence(recordedAtMs: pay.nowMs + 1, anchoredAtPosition: nil), of: try Manifests.cid(byLast))
        let name = "\(Person.artist.did)#\(Multikey.encode(mates[0].publicKey))"
        let body = SettleBody(byLast).with { body in
            body.from = Person.artist.did.string
            body.authorization = claims.token(by: Person(.artist, with: mates[0]), keyID: name)
        }
        let refused = try await pay.send(.post, "/api/settle", body.json, key: "5", by: .service)
        #expect(refused.code == "payer_consent_missing" && refused.text.contains("retired"), "\(refused.text)")
    }

    @Test("the same holds for a link of a chain, and for a platform")
    func linksAndPlatforms() async throws {
        let (pay, identities) = try await start()
        for person in [Person.artist, .platform] { try identities.begin(person, atMs: pay.nowMs) }
        let inner = try Manifests.signed(Manifests.standard(id: "inner"))
        let link = "fair:\(try Manifests.cid(inner))"
        let text =
            #"{"id":"outer","version":"0.3.0","contributors":[{"id":"\#(Person.producer.did)","role":"a","#
            + #""weight":0.5},{"id":"\#(link)","role":"b","weight":0.5}]}"#
        let outer = try Manifests.signed(text, by: .producer)
        let endorsed = try Manifests.signed(
            String(decoding: try Manifests.signed(Manifests.standard(id: "endorsed"), by: .producer), as: UTF8.self),
            by: .platform, as: .platform)
        for person in [Person.artist, .platform] { _ = try identities.rotate(person, to: 50, atMs: pay.nowMs + 1) }
        let body = SettleBody(outer).with { $0.chain = [inner] }
        let response = try await pay.send(.post, "/api/settle", body.json, key: "1", by: .trusted)
        #expect(response.code == "chain_invalid" && response.text.contains("key_retired"))
        #expect(try await settle(pay, SettleBody(endorsed), key: "2") == "422 manifest_platform_signature_invalid")
    }

    @Test("while the relay is out, an unseen signer has to come again; whoever is known goes on")
    func stale() async throws {
        let (pay, identities) = try await start()
        try identities.begin(.artist, atMs: pay.nowMs)
        let body = try SettleBody()
        #expect(try await settle(pay, body, key: "1") == "201 -")
        identities.setFresh(false)
        #expect(try await settle(pay, body, key: "2") == "201 -")
        let second = try Manifests.signed(Manifests.standard(id: "second"))
        #expect(try await settle(pay, SettleBody(second), key: "3") == "201 -", "the artist is known, by a chain")
        let byProducer = try Manifests.signed(Manifests.standard(id: "third"), by: .producer)
        let unseen = try await pay.send(.post, "/api/settle", SettleBody(byProducer).json, key: "4", by: .trusted)
        #expect(unseen.status == 503 && unseen.code == "identity_unavailable")
        #expect(unseen.headers["retry-after"] != nil)
        let stranger = try await pay.send(.get, "/api/balance/\(Person.stranger.did)", by: .stranger)
        #expect(stranger.status == 503 && stranger.code == "identity_unavailable")
        #expect(stranger.headers["retry-after"] != nil)
        let otherKey = Person(.artist, with: Person.engineer.key)
        #expect(
            try await pay.send(.get, "/api/balance/\(Person.artist.did)", by: otherKey).code == "identity_unavailable",
            "it may have been rotated in")
        let forged = try Manifests.signed(Manifests.standard(id: "fourth"), by: otherKey)
        #expect(try await settle(pay, SettleBody(forged), key: "5") == "503 identity_unavailable")
        identities.setFresh(true)
        #expect(try await settle(pay, SettleBody(byProducer), key: "4") == "201 -", "the key was not used up")
        #expect(
            try await pay.send(.get, "/api/balance/\(Person.artist.did)", by: otherKey).code == "signature_invalid")
        #expect(try await settle(pay, SettleBody(forged), key: "5") == "422 manifest_signature_invalid")
    }
}
