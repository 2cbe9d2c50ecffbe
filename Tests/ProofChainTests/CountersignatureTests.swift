import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Countersignatures and artifacts")
struct CountersignatureTests {
    /// Why each of the derived cases is refused.
    private static let reasons: [String: ProofError.Code] = [
        "relation-65": .relationInvalid, "relation-empty": .relationInvalid, "bare-kid": .signerNotURL,
        "wrong-key": .signatureInvalid, "missing-cid": .cidMissing, "cid-mismatch": .cidMismatch,
        "version-2": .versionInvalid, "bad-time": .createdAtInvalid,
    ]

    @Test("every derived case has its verdict and its reason")
    func derived() throws {
        let fixture = try Fixture.json("dfos/derived/countersign-cases.json")
        var identities = IdentityTable()
        for name in ["A", "B"] {
            let entry = try #require(fixture[name])
            let state = try IdentityState(verifyingTokens: [entry.text("genesis")])
            #expect(state.did.string == entry.text("did"))
            identities.insert(state)
        }
        let target = try #require(fixture["artifact"])
        let artifact = try Artifact(
            verifying: try SignedOperation(token: target.text("token")), identities: identities, keys: .current)
        #expect(artifact.cid.string == target.text("cid"))
        let cases = try #require(fixture["cases"])
        var verdicts: [String: Int] = [:]
        for entry in cases.elements {
            let name = entry.text("name")
            verdicts[entry.text("expect"), default: 0] += 1
            let error = ProofError.thrown {
                let operation = try SignedOperation(token: entry.text("token"))
                let signature = try Countersignature(verifying: operation, identities: identities, keys: .current)
                #expect(signature.targetCID == artifact.cid.string && signature.cid.string == entry.text("cid"))
                try signature.checkTarget(author: artifact.author)
            }
            #expect(error?.code == Self.reasons[name], "\(name): \(String(describing: error))")
            // Where the two references differ (the time of a countersignature), the stricter one is followed: the
            // specification is with it.
            #expect((error == nil) == (entry.text("expect") == "accept"), "\(name)")
        }
        #expect(verdicts == ["accept": 2, "reject": 8])
    }

    @Test("a relation is 1 to 64 bytes, whatever characters they make")
    func relationLength() throws {
        let actor = try Actor(1)
        let table = IdentityTable([actor.state])
        func code(_ relation: String) throws -> ProofError.Code? {
            let payload =
                #"{"version":1,"type":"countersign","did":"\#(actor.did)","targetCID":"\#(actor.genesis.cid)","#
                + #""relation":\#(relation),"createdAt":"2026-03-07T00:00:00.000Z"}"#
            let token = try RawToken(.countersign, kid: actor.signer.reference.string, payload: payload)
                .token(actor.privateKey)
            return .thrown {
                _ = try Countersignature(
                    verifying: try SignedOperation(token: token), identities: table, keys: .current)
            }
        }
        func text(_ character: String, _ count: Int) -> String { "\"\(String(repeating: character, count: count))\"" }
        #expect(try code(text("r", 64)) == nil)
        #expect(try code(text("r", 65)) == .relationInvalid)
        #expect(try code("\"\"") == .relationInvalid)
        #expect(try code("null") == .relationInvalid)
        #expect(try code("1") == .relationInvalid)
        // 33 characters are 33 UTF-16 units and 66 bytes: one reference takes them, the other does not.
        #expect(try code(text("é", 32)) == nil)
        #expect(try code(text("é", 33)) == .relationInvalid)
        #expect(try code(text("😀", 16)) == nil)
        #expect(try code(text("😀", 17)) == .relationInvalid)
        #expect(
            ProofError.Code.thrown {
                _ = try actor.signer.countersign(
                    target: actor.genesis.cid, relation: "témoin", createdAt: actor.state.createdAt)
            } == .relationInvalid, "what is made here is ASCII")
    }

    @Test("keys of the head sign what is new, keys of the past what was taken before")
    func bases() throws {
        var actor = try Actor(1)
        let witness = try Actor(2)
        let old = try actor.signer.artifact(
            content: Array(#"{"$schema":"test/v1","n":1}"#.utf8), createdAt: try Timestamp("2026-03-07T00:00:00.500Z"))
        let oldSignature = try actor.signer.countersign(
            target: witness.genesis.cid, relation: "witnessed", createdAt: actor.state.createdAt)
        try actor.rotate(to: 3, at: "2026-03-07T00:00:01.000Z")
        let table = IdentityTable([actor.state, witness.state])
        func artifact(_ basis: KeyBasis, _ table: IdentityTable) -> ProofError? {
            .thrown { _ = try Artifact(verifying: old, identities: table, keys: basis) }
        }
        let current = artifact(.current, table)
        #expect(current?.code == .keyNotCurrent && current?.isDependencyMissing == false)
        #expect(
            current?.reason
                == "failed to resolve artifact key: signing key is not in the identity's current state")
        #expect(artifact(.historical, table) == nil)
        #expect(
            ProofError.thrown {
                _ = try Countersignature(verifying: oldSignature, identities: table, keys: .current)
            }?.reason.hasPrefix("failed to resolve countersignature key: signing key is not") == true)
        try #expect(
            Countersignature(verifying: oldSignature, identities: table, keys: .historical).relation == "witnessed")
        let missing = artifact(.historical, IdentityTable())
        #expect(missing?.isDependencyMissing == true)
        #expect(missing?.reason == "failed to resolve artifact key: unknown identity: \(actor.did)")
        let unknown = OperationSigner(did: witness.did, keyID: KeyID("key_none"), privateKey: witness.privateKey)
        let strange = try unknown.artifact(content: Array(#"{"$schema":"x"}"#.utf8), createdAt: witness.state.createdAt)
        let error = ProofError.thrown { _ = try Artifact(verifying: strange, identities: table, keys: .historical) }
        #expect(error?.code == .keyUnknown && error?.isDependencyMissing == true)
        try actor.delete(at: "2026-03-07T00:00:02.000Z")
        #expect(artifact(.current, IdentityTable([actor.state]))?.code == .identityDeleted)
        #expect(artifact(.historical, IdentityTable([actor.state])) == nil)
    }

    @Test("a witness stands under what another made, a countersignature among them, and never under its own")
    func authors() throws {
        let author = try Actor(1)
        let witness = try Actor(2)
        let table = IdentityTable([author.state, witness.state])
        let time = author.state.createdAt
        let signature = try witness.signer.countersign(target: author.genesis.cid, createdAt: time)
        let second = try author.signer.countersign(target: signature.cid, createdAt: time)
        let own = try author.signer.countersign(target: author.genesis.cid, createdAt: time)
        let verified = try [signature, second, own].map {
            try Countersignature(verifying: $0, identities: table, keys: .current)
        }
        #expect(author.genesis.author == author.did && signature.author == witness.did)
        #expect(ProofError.Code.thrown { try verified[0].checkTarget(author: author.genesis.author) } == nil)
        #expect(ProofError.Code.thrown { try verified[1].checkTarget(author: signature.author) } == nil)
        let error = ProofError.thrown { try verified[2].checkTarget(author: author.genesis.author) }
        #expect(error?.code == .witnessIsAuthor)
        #expect(error?.reason == "witness DID must differ from target author DID")
    }

    @Test("an artifact says what it is, in 16,384 bytes at most, in the name of who signs")
    func artifacts() throws {
        let actor = try Actor(1)
        let other = try Actor(2)
        let table = IdentityTable([actor.state, other.state])
        func code(_ members: String, did: DFOSDID? = nil) throws -> ProofError.Code? {
            let payload =
                #"{"version":1,"type":"artifact","did":"\#(did ?? actor.did)",\#(members)"#
                + #""createdAt":"2026-03-07T00:00:00.000Z"}"#
            let token = try RawToken(.artifact, kid: actor.signer.reference.string, payload: payload)
                .token(actor.privateKey)
            return .thrown {
                _ = try Artifact(verifying: try SignedOperation(token: token), identities: table, keys: .current)
            }
        }
        #expect(try code(#""content":{"$schema":"x","more":[1]},"#) == nil)
        #expect(try code(#""content":{"$schema":1},"#) == .memberInvalid)
        #expect(try code(#""content":{},"#) == .memberInvalid)
        #expect(try code(#""content":[],"#) == .memberInvalid)
        #expect(try code("") == .memberInvalid)
        #expect(try code(#""content":{"$schema":"x"},"#, did: other.did) == .signerMismatch)
        let frame =
            try actor.signer.artifact(
                content: Array(#"{"$schema":"x","p":"\#(String(repeating: "x", count: 1_000))"}"#.utf8),
                createdAt: actor.state.createdAt
            ).payloadByteCount - 1_000
        func made(_ count: Int) throws -> ProofError.Code? {
            let content = #"{"$schema":"x","p":"\#(String(repeating: "x", count: count))"}"#
            return .thrown {
                _ = try actor.signer.artifact(content: Array(content.utf8), createdAt: actor.state.createdAt)
            }
        }
        #expect(try made(16_384 - frame) == nil)
        #expect(try made(16_384 - frame + 1) == .operationTooLarge)
        let early = Array(#"{"$schema":"x"},"did":"did:dfos:other","z":{}"#.utf8)
        #expect(
            ProofError.Code.thrown {
                _ = try actor.signer.artifact(content: early, createdAt: actor.state.createdAt)
            } != nil, "content cannot break out of its member")
    }
}
