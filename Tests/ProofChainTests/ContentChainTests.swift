import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Content chains")
struct ContentChainTests {
    private func operations(_ tokens: [String]) throws -> [SignedOperation] {
        try tokens.map { try SignedOperation(token: $0) }
    }

    @Test("the published chains verify to their identifiers, documents and lengths")
    func published() throws {
        let creator = try Vectors.creator()
        let delegate = try IdentityState(
            genesis: try SignedOperation(
                token: try #require(try Fixture.json("dfos/derived/countersign-cases.json")["B"]).text("genesis")))
        let table = IdentityTable([creator, delegate])
        for name in ["lifecycle", "delete"] {
            let example = try Vectors.published("content-" + name)
            let expected = try #require(example["expected"])
            let chain = try ContentChain(
                verifying: operations(Vectors.log(example["chain"])), identities: table, keys: .historical
            ) { _, _ in false }
            #expect(chain.head.contentID.string == expected.text("contentId"))
            #expect(chain.head.isDeleted == expected["isDeleted"]?.bool)
            #expect(chain.head.currentDocumentCID == expected["currentDocumentCID"]?.string)
            #expect(Int64(chain.head.length) == expected["length"]?.int64)
            let documents = try #require(example["documents"]).elements.map { $0 }
            let contents = try documents.map { try DAGCBOR.encode(json: try #require($0["content"])) }
            let cids = contents.map { CID(codec: .dagCBOR, hashing: $0).string }
            #expect(chain.head.currentDocumentCID == (name == "delete" ? nil : cids.last))
        }
    }

    @Test("the published delegated chain verifies as far as its second signer's log is known")
    func publishedDelegated() throws {
        let example = try Vectors.published("content-delegated")
        let expected = try #require(example["expected"])
        let chain = try operations(Vectors.log(example["chain"]))
        let creator = try Vectors.creator()
        let genesis = try ContentState(
            genesis: chain[0], identities: IdentityTable([creator]), keys: .historical)
        #expect(genesis.contentID.string == expected.text("contentId"))
        #expect(genesis.creator.string == expected.text("creatorDID"))
        // The delegate's own log is not published: its key is, which shows that the signature is its own.
        let key = try Multikey.decode(example.text("delegatePublicKey"))
        #expect(throws: Never.self) { try chain[1].checkSignature(key) }
        #expect(chain[1].identitiesNeeded == [try #require(chain[1].author), creator.did])
        let error = ProofError.thrown {
            _ = try genesis.extended(by: chain[1], identities: IdentityTable([creator]), keys: .historical) { _, _ in
                false
            }
        }
        #expect(error?.code == .identityUnknown && error?.isDependencyMissing == true)
        let credential = try Credential(
            verifyingToken: example.text("authorization"), at: 1_772_841_660 + 600, identities: IdentityTable([creator])
        )
        try credential.authorize(
            "write", on: genesis.contentID, of: creator.did, by: try #require(chain[1].author), at: 1_772_842_260,
            identities: IdentityTable([creator])
        ) { _, _ in false }
    }

    @Test("a chain forks; its head is the latest tip, of the same time the greatest CID's text")
    func forks() throws {
        let actor = try Actor(1)
        let table = IdentityTable([actor.state])
        let document = CID(codec: .dagCBOR, hashing: [1])
        func time(_ second: Int) throws -> Timestamp { try Timestamp("2026-03-07T00:00:0\(second).000Z") }
        let genesis = try actor.signer.createContent(documentCID: document, createdAt: try time(0))
        var chain = try ContentChain(genesis: genesis, identities: table, keys: .current)
        func add(_ operation: SignedOperation) throws {
            try chain.extend(by: operation, identities: table, keys: .current) { _, _ in false }
        }
        let left = try actor.signer.updateContent(previous: genesis.cid, documentCID: nil, createdAt: try time(2))
        let right = try actor.signer.updateContent(previous: genesis.cid, documentCID: document, createdAt: try time(3))
        try add(right)
        try add(left)
        #expect(chain.head.headCID == right.cid && chain.tips.count == 2 && chain.head.length == 2)
        let onLeft = try actor.signer.deleteContent(previous: left.cid, createdAt: try time(4))
        try add(onLeft)
        #expect(chain.head.headCID == onLeft.cid && chain.head.isDeleted && chain.head.length == 3)
        // A branch that was deleted goes no further; another one does.
        let after = try actor.signer.updateContent(previous: onLeft.cid, documentCID: nil, createdAt: try time(5))
        #expect(ProofError.Code.thrown { try add(after) } == .chainDeleted)
        let twins = try (0..<2).map { index in
            try actor.signer.updateContent(
                previous: right.cid, documentCID: CID(codec: .raw, hashing: [UInt8(index)]), createdAt: try time(6))
        }
        for twin in twins { try add(twin) }
        let greatest = try #require(twins.map(\.cid.string).max { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(chain.head.headCID.string == greatest && chain.tips.count == 3)
        #expect(ProofError.Code.thrown { try add(twins[0]) } == .operationRepeated)
        #expect(ProofError.Code.thrown { try add(genesis) } == .operationRepeated)
        let orphan = try actor.signer.updateContent(previous: document, documentCID: nil, createdAt: try time(7))
        let error = ProofError.thrown { try add(orphan) }
        #expect(error?.code == .previousOperationUnknown && error?.isDependencyMissing == true)
        let early = try actor.signer.updateContent(previous: right.cid, documentCID: nil, createdAt: try time(3))
        #expect(ProofError.Code.thrown { try add(early) } == .createdAtNotAfter)
    }

    @Test("the order of tips is that of the text, where base32's digits come before its letters")
    func tipOrder() throws {
        let time = try Timestamp("2026-03-07T00:00:00.000Z")
        let cids = (0..<64).map { CID(codec: .dagCBOR, hashing: [UInt8($0)]) }
        let byTip = cids.map { ContentTip(cid: $0, createdAt: time) }.sorted().map(\.cid)
        #expect(byTip == cids.sorted { $0.string.utf8.lexicographicallyPrecedes($1.string.utf8) })
        #expect(byTip != cids.sorted(), "the binary order is another one")
    }

    @Test("the order in which a chain's operations arrive does not change its head")
    func convergence() throws {
        let actor = try Actor(1)
        let table = IdentityTable([actor.state])
        let seed = SeededGenerator.seed("content convergence", default: 3)
        var generator = SeededGenerator(seed: seed)
        let genesis = try actor.signer.createContent(
            documentCID: CID(codec: .raw, hashing: []), createdAt: actor.state.createdAt)
        var all = [genesis]
        for index in 1..<24 {
            let parent = all[generator.below(all.count)]
            let createdAt = try Timestamp(
                millisecondsSinceEpoch: try #require(parent.createdAt).millisecondsSinceEpoch + 1
                    + Int64(generator.below(3)))
            all.append(
                try actor.signer.updateContent(
                    previous: parent.cid, documentCID: CID(codec: .raw, hashing: [UInt8(index)]), createdAt: createdAt))
        }
        var heads: Set<CID> = []
        for _ in 0..<8 {
            var chain = try ContentChain(genesis: genesis, identities: table, keys: .current)
            var waiting = Array(all.dropFirst())
            while !waiting.isEmpty {
                let operation = waiting.remove(at: generator.below(waiting.count))
                do {
                    try chain.extend(by: operation, identities: table, keys: .current) { _, _ in false }
                } catch {
                    try #require(error.isDependencyMissing, "seed \(seed)")
                    waiting.append(operation)
                }
            }
            #expect(chain.states.count == all.count)
            heads.insert(chain.head.headCID)
        }
        #expect(heads.count == 1, "seed \(seed)")
    }

    @Test("a step has the members of its type, in the name of who signs")
    func members() throws {
        let actor = try Actor(1)
        let table = IdentityTable([actor.state])
        let cid = actor.genesis.cid.string
        func code(_ members: String, did: String? = nil) throws -> ProofError.Code? {
            let payload =
                #"{"version":1,"did":"\#(did ?? actor.did.string)",\#(members),"#
                + #""createdAt":"2026-03-07T00:00:00.000Z"}"#
            let token = try RawToken(.content, kid: actor.signer.reference.string, payload: payload)
                .token(actor.privateKey)
            return .thrown {
                _ = try ContentState(
                    genesis: try SignedOperation(token: token), identities: table, keys: .current)
            }
        }
        let base = #""baseDocumentCID":null"#
        #expect(try code(#""type":"create","documentCID":"\#(cid)",\#(base),"note":"kept""#) == nil)
        #expect(try code(#""type":"create","documentCID":null,\#(base)"#) == .memberInvalid)
        #expect(try code(#""type":"create",\#(base)"#) == .memberInvalid)
        #expect(try code(#""type":"create","documentCID":"\#(cid)""#) == .memberInvalid)
        #expect(try code(#""type":"restore""#) == .typeInvalid)
        #expect(
            try code(#""type":"update","previousOperationCID":"\#(cid)","documentCID":null,\#(base)"#)
                == .firstNotCreate)
        #expect(try code(#""type":"update","documentCID":null,\#(base)"#) == .memberInvalid)
        #expect(
            try code(#""type":"create","documentCID":"\#(cid)",\#(base)"#, did: try Actor(2).did.string)
                == .signerMismatch)
        #expect(try code(#""type":"create","documentCID":"\#(cid)",\#(base)"#, did: "did:web:a") == .identifierInvalid)
    }

    @Test("an operation's size is counted without its credential, the credential's by itself")
    func sizes() throws {
        let actor = try Actor(1)
        func code(padding: Int, authorization: Int) throws -> ProofError.Code? {
            let payload =
                #"{"version":1,"type":"delete","did":"\#(actor.did)","previousOperationCID":"x","pad":"#
                + #""\#(String(repeating: "x", count: padding))","#
                + #""authorization":"\#(String(repeating: "a", count: authorization))","#
                + #""createdAt":"2026-03-07T00:00:00.000Z"}"#
            let token = try RawToken(.content, kid: actor.signer.reference.string, payload: payload)
                .token(actor.privateKey)
            return .thrown { _ = try ContentOperation(try SignedOperation(token: token)) }
        }
        #expect(try code(padding: 65_000, authorization: 200_000) == nil)
        #expect(try code(padding: 65_536, authorization: 0) == .operationTooLarge)
        #expect(try code(padding: 65_536, authorization: 200_000) == .operationTooLarge)
        #expect(try code(padding: 0, authorization: 262_144) == nil)
        #expect(try code(padding: 0, authorization: 262_145) == .credentialTooLarge)
    }
}
