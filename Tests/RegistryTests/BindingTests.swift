import Cryptography
import HTTPClient
import IdentityDouble
import PostgresFixture
import ProofChain
import Registry
import Service
import Testing

/// Which chain speaks for a DID that is a key.
@Suite struct BindingTests {
    private func did(_ key: Ed25519PrivateKey) -> DID { DID(publicKey: key.publicKey) }

    private func bind(
        _ relay: TestRelay, _ chain: [SignedOperation], of did: DID, signedBy key: Ed25519PrivateKey,
        as caller: DID? = nil
    ) async throws -> Answer {
        var out = JSONWriter()
        out.beginObject()
        out.field("did", did.string)
        out.field("chain", chain.map(\.token))
        out.endObject()
        let authority = String(relay.origin.dropFirst("http://".count))
        var headers = HTTPHeaders()
        headers.set("Content-Type", "application/json")
        let signer = RequestSigner(key: key, did: caller ?? did)
        let signed = signer.headers(
            method: .post, authority: authority, target: "/api/bindings", body: out.bytes,
            created: SystemClock.milliseconds() / 1000, nonce: Hex.encode(RandomBytes.generate(12)))
        for (name, value) in signed { headers.append(name, value) }
        return try await send(.post, relay.origin + "/api/bindings", headers: headers, body: out.bytes)
    }

    private func binding(_ relay: TestRelay, _ did: DID) async throws -> Answer {
        try await get(relay.origin + "/api/bindings/\(did)")
    }

    @Test("a DID binds the chain that it began, once and for good; binding it again changes nothing")
    func binds() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let (key, next) = (Ed25519PrivateKey(), Ed25519PrivateKey())
            var identity = try ScriptedIdentity(key)
            #expect(try await binding(relay, did(key)).status == 404)
            let first = try await bind(relay, identity.log, of: did(key), signedBy: key)
            #expect(first.status == 201, "\(first.text)")
            #expect(first.json["dfos_did"]?.string == identity.state.did.string)
            #expect(first.json["head_cid"]?.string == identity.last.cid.string)
            let again = try await bind(relay, identity.log, of: did(key), signedBy: key)
            #expect(again.body == first.body)
            #expect(try await binding(relay, did(key)).body == first.body)
            try identity.rotate(to: next)
            let longer = try await bind(relay, identity.log, of: did(key), signedBy: key)
            #expect(longer.status == 201 && longer.json["head_cid"]?.string == identity.last.cid.string)
            #expect(longer.json["bound_at"]?.string == first.json["bound_at"]?.string)
            // From now on the chain's key signs for the DID.
            let old = try await bind(relay, identity.log, of: did(key), signedBy: key)
            #expect(old.status == 401 && old.json["code"]?.string == "signature_invalid")
            #expect(try await bind(relay, identity.log, of: did(key), signedBy: next).status == 201)
            let other = try ScriptedIdentity(key, name: "other")
            let refused = try await bind(relay, other.log, of: did(key), signedBy: next)
            #expect(refused.status == 409 && refused.json["code"]?.string == "did_already_bound")
            #expect(try await wholeLog(relay.base).contains(other.log[0].cid.string) == false)
            // Brought to the relay it is a chain like any other, and a conflict.
            #expect(statuses(try await post(other.log.map(\.token), to: relay.base)) == ["new"])
            let known = try await binding(relay, did(key))
            #expect(known.json["dfos_did"]?.string == identity.state.did.string)
            #expect(known.json["has_conflict"]?.bool == true)
        }
    }

    @Test("what is no chain of the DID's own beginning is refused, and the log stays as it was")
    func refusals() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let (key, stranger) = (Ed25519PrivateKey(), Ed25519PrivateKey())
            var identity = try ScriptedIdentity(key)
            try identity.rotate(to: Ed25519PrivateKey())
            let before = try await wholeLog(relay.base)
            let own = Multikey(stranger.publicKey)
            let listing = try OperationSigner.createIdentity(
                keys: KeySet(auth: [own], assert: [], controller: [own, Multikey(key.publicKey)]),
                createdAt: try Timestamp(millisecondsSinceEpoch: ScriptedIdentity.beginningMs), keyID: own.id,
                privateKey: stranger)
            let cases: [(String, [SignedOperation], String)] = [
                ("another's chain", try ScriptedIdentity(stranger).log, "chain_invalid"),
                ("listed, and not the signer", [listing], "chain_invalid"),
                ("without its beginning", Array(identity.log.dropFirst()), "chain_invalid"),
                ("out of order", identity.log.reversed(), "chain_invalid"),
                ("nothing", [], "field_invalid"),
            ]
            for (what, chain, code) in cases {
                let answer = try await bind(relay, chain, of: did(key), signedBy: key)
                #expect(answer.json["code"]?.string == code, "\(what): \(answer.text)")
            }
            let foreign = try await bind(relay, identity.log, of: did(key), signedBy: stranger, as: did(stranger))
            #expect(foreign.status == 403)
            #expect(try await send(.post, relay.origin + "/api/bindings", body: Array("{}".utf8)).status >= 400)
            #expect(try await wholeLog(relay.base) == before)
            #expect(try await binding(relay, did(key)).status == 404)
        }
    }

    @Test("of chains of one key the one that stands first in the log is bound, whatever way they came")
    func order() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let key = Ed25519PrivateKey()
            let chains = try ["a", "b", "c"].map { try ScriptedIdentity(key, name: $0) }
            // In one batch, out of order: the log says what came first.
            #expect(statuses(try await post(chains.flatMap { $0.log.map(\.token) }, to: relay.base)).count == 3)
            let log = try await wholeLog(relay.base)
            let places = chains.compactMap { log.firstIndex(of: $0.log[0].cid.string) }
            let first = try #require(places.min().flatMap { places.firstIndex(of: $0) })
            let known = try await binding(relay, did(key))
            #expect(known.json["dfos_did"]?.string == chains[first].state.did.string)
            #expect(known.json["has_conflict"]?.bool == true)
        }
    }
}
