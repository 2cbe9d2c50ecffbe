import Cryptography
import ProofChain
import Testing

@Suite("Delegation")
struct DelegationTests {
    private static let now = CredentialTests.now
    private static let later = CredentialTests.later
    private static let content = ContentID(hashing: [1])

    /// A chain of credentials in which each actor gives to the next: the first is the root's. Returns the last.
    private func delegate(
        _ actors: [Actor], narrowing: (Int) -> Attenuation = { _ in .chain(Self.content, "write") },
        expiresAt: (Int) -> Int64 = { _ in Self.later }
    ) throws -> [SignedOperation] {
        var made: [SignedOperation] = []
        for index in 0..<(actors.count - 1) {
            made.append(
                try actors[index].signer.credential(
                    audience: actors[index + 1].did, attenuations: [narrowing(index)], parent: made.last,
                    issuedAt: Self.now, expiresAt: expiresAt(index)))
        }
        return made
    }

    private func code(
        _ leaf: SignedOperation, root: Actor, actor: Actor, in table: IdentityTable, at now: Int64 = Self.now,
        isRevoked: @escaping (DFOSDID, String) -> Bool = { _, _ in false }
    ) -> ProofError.Code? {
        .thrown {
            let credential = try Credential(verifyingToken: leaf.token, at: now, identities: table)
            try credential.authorize(
                "write", on: Self.content, of: root.did, by: actor.did, at: now, identities: table,
                isRevoked: isRevoked)
        }
    }

    @Test("sixteen credentials from leaf to root are a permission, seventeen are none")
    func depth() throws {
        // Short names: every hop wraps its parent in base64, and seventeen of usual size pass the limit in bytes.
        let actors = try (1...18).map { try Actor($0, keyID: KeyID("k")) }
        let table = IdentityTable(actors.map(\.state))
        let sixteen = try delegate(Array(actors[0..<17]))
        #expect(sixteen.count == 16)
        #expect(code(sixteen[15], root: actors[0], actor: actors[16], in: table) == nil)
        #expect(sixteen[15].identitiesNeeded.count == 16)
        let seventeen = try delegate(actors)
        #expect(code(seventeen[16], root: actors[0], actor: actors[17], in: table) == .delegationTooDeep)
    }

    @Test("each hop narrows: in resources, in actions, in time")
    func narrowing() throws {
        let actors = try (1...3).map { try Actor($0) }
        let table = IdentityTable(actors.map(\.state))
        func code(
            _ narrowing: @escaping (Int) -> Attenuation, _ expiresAt: @escaping (Int) -> Int64 = { _ in Self.later }
        ) throws -> ProofError.Code? {
            let leaf = try #require(try delegate(actors, narrowing: narrowing, expiresAt: expiresAt).last)
            return self.code(leaf, root: actors[0], actor: actors[2], in: table)
        }
        let every = Attenuation(resource: Attenuation.everyChain, action: "read,write")
        let one = Attenuation.chain(Self.content, "write")
        #expect(try code { $0 == 0 ? every : one } == nil)
        #expect(try code { $0 == 0 ? one : every } == .delegationScopeWidened)
        #expect(
            try code { $0 == 0 ? Attenuation.chain(Self.content, "read") : one } == .delegationScopeWidened)
        #expect(try code { _ in Attenuation.chain(Self.content, "read") } == .scopeMissing)
        #expect(try code { _ in .chain(ContentID(hashing: [2]), "write") } == .scopeMissing)
        #expect(try code({ _ in one }, { $0 == 0 ? Self.later : Self.later + 1 }) == .delegationExpiryWidened)
        #expect(try code({ _ in one }, { $0 == 0 ? Self.later : Self.later - 1 }) == nil)
        #expect(try code({ _ in one }, { $0 == 0 ? Self.now : Self.now - 1 }) == .credentialExpired)
    }

    @Test("the way leads from the root to who acts, without a gap")
    func linkage() throws {
        let actors = try (1...4).map { try Actor($0) }
        let table = IdentityTable(actors.map(\.state))
        let way = try delegate(Array(actors[0..<3]))
        #expect(code(way[1], root: actors[0], actor: actors[2], in: table) == nil)
        #expect(code(way[1], root: actors[3], actor: actors[2], in: table) == .delegationRootMismatch)
        #expect(code(way[1], root: actors[0], actor: actors[3], in: table) == .audienceMismatch)
        let attenuation = Attenuation.chain(Self.content, "write")
        let stolen = try actors[3].signer.credential(
            audience: actors[2].did, attenuations: [attenuation], parent: way[0], issuedAt: Self.now,
            expiresAt: Self.later)
        #expect(code(stolen, root: actors[0], actor: actors[2], in: table) == .delegationGap)
        let open = try actors[0].signer.credential(
            audience: nil, attenuations: [attenuation], issuedAt: Self.now, expiresAt: Self.later)
        let byAnyone = try actors[3].signer.credential(
            audience: actors[2].did, attenuations: [attenuation], parent: open, issuedAt: Self.now,
            expiresAt: Self.later)
        #expect(code(byAnyone, root: actors[0], actor: actors[2], in: table) == nil)
        let onArtifact = try actors[1].signer.credential(
            audience: actors[2].did, attenuations: [attenuation],
            parent: try actors[0].signer.artifact(
                content: Array(#"{"$schema":"x"}"#.utf8), createdAt: actors[0].state.createdAt),
            issuedAt: Self.now, expiresAt: Self.later)
        #expect(code(onArtifact, root: actors[0], actor: actors[2], in: table) == .typeHeaderInvalid)
    }

    @Test("a revocation or a deleted issuer anywhere on the way ends it")
    func revocation() throws {
        var actors = try (1...4).map { try Actor($0) }
        let table = IdentityTable(actors.map(\.state))
        let way = try delegate(actors)
        for (index, revoked) in way.enumerated() {
            let result = code(way[2], root: actors[0], actor: actors[3], in: table) { issuer, cid in
                issuer == actors[index].did && cid == revoked.cid.string
            }
            #expect(result == .credentialRevoked)
            let byAnother = code(way[2], root: actors[0], actor: actors[3], in: table) { issuer, cid in
                issuer == actors[3].did && cid == revoked.cid.string
            }
            #expect(byAnother == nil, "only its issuer ends a credential")
        }
        for index in 0..<3 {
            var actor = actors[index]
            try actor.delete(at: "2026-03-07T00:00:01.000Z")
            var changed = table
            changed.insert(actor.state)
            #expect(code(way[2], root: actors[0], actor: actors[3], in: changed) == .identityDeleted)
        }
        for index in 0..<3 { try actors[index].rotate(to: UInt8(20 + index), at: "2026-03-07T00:00:01.000Z") }
        #expect(
            code(way[2], root: actors[0], actor: actors[3], in: IdentityTable(actors.map(\.state))) == nil,
            "a change of keys ends nothing")
    }

    @Test("a delegated write is judged at its own time, by keys as they are asked for")
    func writes() throws {
        let creator = try Actor(1)
        let writer = try Actor(2)
        let table = IdentityTable([creator.state, writer.state])
        let document = CID(codec: .raw, hashing: [])
        let genesis = try creator.signer.createContent(documentCID: document, createdAt: creator.state.createdAt)
        let state = try ContentState(genesis: genesis, identities: table, keys: .current)
        let start = creator.state.createdAt.secondsSinceEpoch
        let credential = try creator.signer.credential(
            audience: writer.did, attenuations: [.chain(state.contentID, "write")], issuedAt: start,
            expiresAt: start + 10)
        func code(
            at milliseconds: Int64, _ authorization: SignedOperation?, by actor: Actor = writer,
            isRevoked: @escaping (DFOSDID, String) -> Bool = { _, _ in false }
        ) throws -> ProofError? {
            let operation = try actor.signer.updateContent(
                previous: genesis.cid, documentCID: nil,
                createdAt: try Timestamp(
                    millisecondsSinceEpoch: creator.state.createdAt.millisecondsSinceEpoch + milliseconds),
                authorization: authorization)
            return .thrown {
                _ = try state.extended(by: operation, identities: table, keys: .current, isRevoked: isRevoked)
            }
        }
        #expect(try code(at: 1, credential) == nil)
        #expect(try code(at: 9_999, credential) == nil)
        #expect(try code(at: 10_000, credential)?.code == .credentialExpired)
        #expect(
            try code(at: 1, nil)?.reason
                == "signer \(writer.did) is not the chain creator — authorization credential required")
        #expect(try code(at: 1, credential) { _, _ in true }?.code == .credentialRevoked)
        #expect(try code(at: 1, nil, by: creator) == nil, "who began the chain needs none")
        let read = try creator.signer.credential(
            audience: writer.did, attenuations: [.chain(state.contentID, "read")], issuedAt: start,
            expiresAt: start + 10)
        #expect(try code(at: 1, read)?.code == .scopeMissing)
        let own = try writer.signer.credential(
            audience: writer.did, attenuations: [.chain(state.contentID, "write")], issuedAt: start,
            expiresAt: start + 10)
        let error = try code(at: 1, own)
        #expect(error?.code == .delegationRootMismatch)
        #expect(error?.reason.hasPrefix("authorization verification failed: ") == true)
    }
}
