import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Making operations")
struct SigningTests {
    private func time(_ text: String) throws -> Timestamp { try Timestamp(text) }

    @Test("the published operations come out byte for byte")
    func published() throws {
        let one = try Vectors.key(1)
        let two = try Vectors.key(2)
        let first = Multikey(one.publicKey)
        let second = Multikey(two.publicKey)
        let genesis = try OperationSigner.createIdentity(
            keys: KeySet(all: first), createdAt: try time("2026-03-07T00:00:00.000Z"), keyID: first.id,
            privateKey: one)
        let did = DFOSDID(genesis: genesis.cid)
        let old = OperationSigner(did: did, keyID: first.id, privateKey: one)
        let new = OperationSigner(did: did, keyID: second.id, privateKey: two)
        let rotation = try old.updateIdentity(
            previous: genesis.cid, keys: KeySet(all: second), createdAt: try time("2026-03-07T00:01:00.000Z"))
        let deletion = try new.deleteIdentity(
            previous: rotation.cid, createdAt: try time("2026-03-07T00:02:00.000Z"))
        let restoration = try new.restoreIdentity(
            previous: deletion.cid, createdAt: try time("2026-03-07T00:03:00.000Z"))
        let tokens = [genesis, rotation, deletion, restoration].map(\.token)
        #expect(tokens == (try Vectors.log(Vectors.published("identity-restore")["chain"])))
        #expect(did.string == "did:dfos:cnnnft9f8a2rn938d6nkz38r847v2kr")
    }

    @Test("the published content operations and credentials come out byte for byte")
    func publishedContent() throws {
        let one = try Vectors.key(1)
        let two = try Vectors.key(2)
        let did = try Vectors.creator().did
        let root = OperationSigner(did: did, keyID: Multikey(one.publicKey).id, privateKey: one)
        let signer = OperationSigner(did: did, keyID: Multikey(two.publicKey).id, privateKey: two)
        let lifecycle = try Vectors.log(Vectors.published("content-lifecycle")["chain"])
        let documents = try lifecycle.map {
            try CID(try #require(try SignedOperation(token: $0).payload.root["documentCID"]?.string))
        }
        let creation = try signer.createContent(
            documentCID: documents[0], createdAt: try time("2026-03-07T00:02:00.000Z"))
        let update = try signer.updateContent(
            previous: creation.cid, documentCID: documents[1], baseDocumentCID: documents[0],
            createdAt: try time("2026-03-07T00:03:00.000Z"))
        #expect([creation.token, update.token] == lifecycle)
        let deletion = try signer.deleteContent(
            previous: creation.cid, createdAt: try time("2026-03-07T00:03:00.000Z"))
        #expect(deletion.token == (try Vectors.log(Vectors.published("content-delete")["chain"])[1]))
        let example = try Vectors.published("credential-write")
        let audience = try DFOSDID(try #require(example["expected"]).text("aud"))
        let narrow = try root.credential(
            audience: audience, attenuations: [.chain(ContentID(genesis: creation.cid), "write")],
            issuedAt: 1_772_841_600, expiresAt: 1_798_761_600)
        #expect(narrow.token == example.text("narrowCredential"))
        let third = try Vectors.key(3)
        let delegated = try Vectors.published("content-delegated")
        let chain = try Vectors.log(delegated["chain"])
        let second = try SignedOperation(token: chain[1])
        let delegate = OperationSigner(
            did: audience, keyID: Multikey(third.publicKey).id, privateKey: third)
        let made = try delegate.updateContent(
            previous: try SignedOperation(token: chain[0]).cid,
            documentCID: try CID(try #require(second.payload.root["documentCID"]?.string)),
            baseDocumentCID: try CID(try #require(second.payload.root["baseDocumentCID"]?.string)),
            createdAt: try #require(second.createdAt),
            authorization: try SignedOperation(token: delegated.text("authorization")))
        #expect(made.token == chain[1])
    }

    @Test("names of keys and identities follow the reference keys")
    func names() throws {
        let keys = try #require(try Fixture.json("dfos/keys.json")["keys"])
        #expect(keys.count == 6)
        for (index, entry) in keys.elements.enumerated() {
            let key = try Vectors.key(index + 1).publicKey
            #expect(Hex.encode(key.rawBytes) == entry.text("publicKeyHex"))
            #expect(Multikey.encode(key) == entry.text("multikey"))
            #expect(try Multikey.decode(entry.text("multikey")) == key)
            #expect(Multikey(key).id.string == entry.text("keyId"))
        }
    }

    @Test("what cannot be valid is not made")
    func refusals() throws {
        let actor = try Actor(1)
        let none = KeySet(auth: [], assert: [], controller: [])
        let time = actor.state.createdAt
        let previous = actor.state.headCID
        func code(_ body: () throws -> Void) -> ProofError.Code? { .thrown(by: body) }
        #expect(
            code { _ = try actor.signer.updateIdentity(previous: previous, keys: none, createdAt: time) }
                == .controllerMissing)
        let stranger = Multikey(try Actor.key(2).publicKey)
        #expect(
            code {
                _ = try OperationSigner.createIdentity(
                    keys: KeySet(all: stranger), createdAt: time, keyID: stranger.id, privateKey: actor.privateKey)
            } == .signatureInvalid)
        #expect(
            code {
                _ = try actor.signer.credential(audience: nil, attenuations: [], issuedAt: 1, expiresAt: 2)
            } == .memberInvalid)
        #expect(
            code { _ = try actor.signer.countersign(target: previous, relation: "", createdAt: time) }
                == .relationInvalid)
        for content in [#"{"$schema":"x","n":0.5}"#, "{", ""] {
            #expect(
                code { _ = try actor.signer.artifact(content: Array(content.utf8), createdAt: time) }
                    == .payloadNotCanonical)
        }
        #expect(
            code { _ = try actor.signer.artifact(content: Array(#"{"n":1}"#.utf8), createdAt: time) }
                == .memberInvalid)
    }
}
