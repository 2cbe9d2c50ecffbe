import Cryptography
import ProofChain
import Testing

@Suite("Identity chains: rules")
struct IdentityRuleTests {
    private static let first = "2026-03-07T00:00:00.000Z"
    private static let second = "2026-03-07T00:00:01.000Z"
    private static let third = "2026-03-07T00:00:02.000Z"

    private func genesis(
        _ members: String, createdAt: String = first, key: UInt8 = 1, change: (inout RawToken) -> Void = { _ in }
    ) throws -> String {
        let own = try Actor.key(key)
        let payload = #"{"version":1,"type":"create",\#(members),"createdAt":"\#(createdAt)"}"#
        var raw = RawToken(.identity, kid: Multikey(own.publicKey).id.string, payload: payload)
        change(&raw)
        return try raw.token(own)
    }

    private func entry(_ number: UInt8, id: String? = nil) throws -> String {
        RawToken.entry(Multikey(try Actor.key(number).publicKey, id: id.map { KeyID($0) }))
    }

    private func code(_ log: [String]) -> ProofError.Code? {
        .thrown { _ = try IdentityState(verifyingTokens: log) }
    }

    @Test("a genesis must list its three roles, a controller at least, and each name once in a role")
    func genesisKeys() throws {
        let one = try entry(1)
        let good = RawToken.keys(controller: "[\(one)]")
        #expect(code([try genesis(good)]) == nil)
        #expect(code([try genesis(RawToken.keys(auth: "[\(one)]", controller: "[]"))]) == .controllerMissing)
        #expect(code([try genesis(#""assertKeys":[],"controllerKeys":[\#(one)]"#)]) == .memberInvalid)
        #expect(
            code([try genesis(#""authKeys":{},"assertKeys":[],"controllerKeys":[\#(one)]"#)]) == .memberInvalid)
        #expect(code([try genesis(RawToken.keys(controller: "[\(one),\(one)]"))]) == .keyRepeated)
        #expect(code([try genesis(RawToken.keys(auth: "[\(one)]", assert: "[\(one)]", controller: "[\(one)]"))]) == nil)
        let other = try entry(2, id: Multikey(try Actor.key(1).publicKey).id.string)
        #expect(
            code([try genesis(RawToken.keys(auth: "[\(other)]", controller: "[\(one)]"))]) == .keyMaterialChanged)
        let typed = one.replacing("\"Multikey\"", with: "\"JsonWebKey\"")
        #expect(code([try genesis(RawToken.keys(auth: "[\(typed)]", controller: "[\(one)]"))]) == .memberInvalid)
        let nameless = #"{"type":"Multikey","publicKeyMultibase":"z"}"#
        #expect(code([try genesis(RawToken.keys(auth: "[\(nameless)]", controller: "[\(one)]"))]) == .memberInvalid)
    }

    @Test("material that is no key may be listed, and signs nothing")
    func undecodableMaterial() throws {
        let one = try entry(1)
        let odd = #"{"id":"odd","type":"Multikey","publicKeyMultibase":"not a key","note":"kept out of the state"}"#
        let log = [try genesis(RawToken.keys(auth: "[\(odd)]", controller: "[\(one)]"))]
        let state = try IdentityState(verifyingTokens: log)
        #expect(state.keys.auth.count == 1)
        #expect(ProofError.Code.thrown { _ = try state.publicKey(KeyID("odd"), .current) } == .multikeyInvalid)
    }

    @Test("the kid of a genesis is bare, and its cid is the payload's")
    func genesisHeader() throws {
        let good = RawToken.keys(controller: "[\(try entry(1))]")
        let did = try IdentityState(verifyingTokens: [try genesis(good)]).did
        #expect(code([try genesis(good) { $0.kid = did.string + "#" + $0.kid }]) == .signerIsURL)
        #expect(code([try genesis(good) { $0.kid = "#" + $0.kid }]) == .signerIsURL)
        #expect(code([try genesis(good) { $0.cid = CID(codec: .dagCBOR, hashing: []).string }]) == .cidMismatch)
        #expect(code([try genesis(good) { $0.cid = "" }]) == .cidMissing)
        #expect(code([try genesis(good) { $0.typ = "did:dfos:content-op" }]) == .typeHeaderInvalid)
        #expect(code([try genesis(good) { $0.typ = "did:dfos:identity-op " }]) == .typeHeaderInvalid)
    }

    @Test("a header asks for nothing else: no crit, no key; other members are ignored")
    func profile() throws {
        let good = RawToken.keys(controller: "[\(try entry(1))]")
        for extra in [#","crit":[]"#, #","crit":null"#, #","crit":["b64"]"#] {
            #expect(code([try genesis(good) { $0.extra = extra }]) == .extensionUnsupported)
        }
        for extra in [#","jwk":null"#, #","x5c":[]"#] {
            #expect(code([try genesis(good) { $0.extra = extra }]) == .keyInHeader)
        }
        // The protocol names these two only; what it does not name does not make an operation invalid.
        for extra in [#","jku":"https://a.example""#, #","b64":true"#, #","x":{"y":[1.5]}"#] {
            #expect(code([try genesis(good) { $0.extra = extra }]) == nil)
        }
        #expect(code([try genesis(good) { $0.extra = #","kid":"again""# }]) == .headerInvalid)
    }

    @Test("an update goes by the keys before it, names what it follows, and is later")
    func updates() throws {
        var actor = try Actor(1)
        let genesisCID = actor.state.headCID
        let stranger = OperationSigner(did: actor.did, keyID: actor.signer.keyID, privateKey: try Actor.key(9))
        let keys = actor.state.keys
        func update(_ signer: OperationSigner, at time: String = Self.second) throws -> SignedOperation {
            try signer.updateIdentity(previous: genesisCID, keys: keys, createdAt: try Timestamp(time))
        }
        let state = actor.state
        func code(_ operation: SignedOperation) -> ProofError.Code? {
            .thrown { _ = try state.extended(by: operation) }
        }
        #expect(code(try update(actor.signer)) == nil)
        #expect(code(try update(stranger)) == .signatureInvalid)
        #expect(code(try update(actor.signer, at: Self.first)) == .createdAtNotAfter)
        #expect(code(try update(actor.signer, at: "2026-03-06T23:59:59.999Z")) == .createdAtNotAfter)
        let other = try Actor(2)
        let misnamed = OperationSigner(did: other.did, keyID: actor.signer.keyID, privateKey: actor.privateKey)
        #expect(code(try update(misnamed)) == .signerMismatch)
        try actor.rotate(to: 3, at: Self.second)
        let old = OperationSigner(
            did: actor.did, keyID: Multikey(actor.privateKey.publicKey).id, privateKey: actor.privateKey)
        let late = try old.updateIdentity(
            previous: actor.state.headCID, keys: keys, createdAt: try Timestamp(Self.third))
        #expect(ProofError.Code.thrown { _ = try actor.state.extended(by: late) } == .controllerUnknown)
    }

    @Test("a refused operation leaves the state as it was")
    func refusalChangesNothing() throws {
        var actor = try Actor(1)
        let before = actor.state
        let late = try actor.signer.deleteIdentity(
            previous: actor.state.headCID, createdAt: try Timestamp(Self.first))
        #expect(ProofError.Code.thrown { try actor.apply(late) } == .createdAtNotAfter)
        #expect(actor.state == before)
        try actor.delete(at: Self.second)
        #expect(actor.state != before)
    }

    @Test("a second genesis is none, wherever it stands")
    func secondGenesis() throws {
        var actor = try Actor(1)
        let other = try Actor(1, createdAt: Self.third)
        #expect(other.did != actor.did)
        #expect(code([actor.genesis.token, other.genesis.token]) == .createNotFirst)
        try actor.delete(at: Self.second)
        #expect(ProofError.Code.thrown { try actor.apply(other.genesis) } == .chainDeleted)
    }

    @Test("delete and restore alternate, as often as the controllers like")
    func deletion() throws {
        var actor = try Actor(1)
        for round in 0..<3 {
            let restoring = try actor.signer.restoreIdentity(
                previous: actor.state.headCID, createdAt: try Timestamp("2026-03-08T0\(round):00:00.000Z"))
            #expect(ProofError.Code.thrown { try actor.apply(restoring) } == .restoreWithoutDelete)
            try actor.delete(at: "2026-03-08T0\(round):10:00.000Z")
            #expect(actor.state.isDeleted && !actor.state.keys.controller.isEmpty)
            let again = try actor.signer.deleteIdentity(
                previous: actor.state.headCID, createdAt: try Timestamp("2026-03-08T0\(round):20:00.000Z"))
            #expect(ProofError.Code.thrown { try actor.apply(again) } == .chainDeleted)
            try actor.restore(at: "2026-03-08T0\(round):30:00.000Z")
            #expect(!actor.state.isDeleted)
        }
        #expect(actor.state.deletions.count == 3 && actor.state.operationCount == 7)
        #expect(actor.state.isDeleted(at: try Timestamp("2026-03-08T01:10:00.000Z")))
        #expect(!actor.state.isDeleted(at: try Timestamp("2026-03-08T01:30:00.000Z")))
        #expect(!actor.state.isDeleted(at: try Timestamp("2026-03-08T01:09:59.999Z")))
    }

    @Test("a log tells a fork, an orphan and a repetition apart")
    func logOrder() throws {
        var actor = try Actor(1)
        let genesis = actor.genesis
        let second = try actor.rotate(to: 2, at: Self.second)
        let third = try actor.rotate(to: 3, at: Self.third)
        let fork = try OperationSigner(
            did: actor.did, keyID: Multikey(actor.privateKey.publicKey).id, privateKey: actor.privateKey
        ).deleteIdentity(previous: genesis.cid, createdAt: try Timestamp(Self.third))
        func error(_ log: [SignedOperation]) -> ProofError? {
            .thrown { _ = try IdentityState(verifying: log) }
        }
        #expect(error([genesis, second, third]) == nil)
        #expect(error([genesis, second, fork])?.code == .conflictingExtension)
        #expect(
            error([genesis, second, fork])?.reason
                == "log[2]: identity chains are linear: conflicting extension refused")
        #expect(error([genesis, third])?.code == .previousOperationUnknown)
        #expect(error([genesis, third])?.isDependencyMissing == true)
        #expect(error([genesis, second, second])?.code == .operationRepeated)
        #expect(error([second, third])?.code == .firstNotCreate)
        #expect(error([second, third])?.index == 0)
        #expect(error([])?.code == .logEmpty)
        let other = try Actor(2).did
        #expect(
            ProofError.Code.thrown { _ = try IdentityState(verifyingTokens: [genesis.token], of: other) }
                == .identityMismatch)
    }

    @Test("a name keeps its material over the whole life of the chain, however long it was away")
    func material() throws {
        var actor = try Actor(1)
        try actor.rotate(to: 2, at: Self.second)
        let old = Multikey(try Actor.key(1).publicKey)
        let changed = Multikey(try Actor.key(3).publicKey, id: old.id)
        let current = actor.state.keys.controller[0]
        func update(_ key: Multikey) throws -> SignedOperation {
            try actor.signer.updateIdentity(
                previous: actor.state.headCID, keys: KeySet(auth: [key], assert: [], controller: [current]),
                createdAt: try Timestamp(Self.third))
        }
        #expect(ProofError.Code.thrown { _ = try actor.state.extended(by: try update(changed)) } == .keyMaterialChanged)
        #expect(ProofError.Code.thrown { _ = try actor.state.extended(by: try update(old)) } == nil)
        // The same holds of a state that was stored and read back.
        let stored = try IdentityState(encoded: actor.state.encoded())
        #expect(ProofError.Code.thrown { _ = try stored.extended(by: try update(changed)) } == .keyMaterialChanged)
    }

    @Test("strings are compared as bytes: a name in another Unicode form is another name")
    func bytes() throws {
        let key = try Actor.key(1).publicKey
        let composed = Multikey(key, id: KeyID("clé"))
        let decomposed = Multikey(try Actor.key(2).publicKey, id: KeyID("cle\u{301}"))
        #expect(composed.id != decomposed.id && composed.id.string == decomposed.id.string)
        let list = "[\(RawToken.entry(composed)),\(RawToken.entry(decomposed))]"
        let token = try genesis(RawToken.keys(controller: list)) { $0.kid = "cle\u{301}" }
        #expect(code([token]) == .signatureInvalid, "the other name is the other key's")
        let signed = try genesis(RawToken.keys(controller: list)) { $0.kid = "clé" }
        let state = try IdentityState(verifyingTokens: [signed])
        #expect(state.history.records.count == 2)
        #expect(try state.publicKey(KeyID("clé"), .current) == key)
    }
}
