import Cryptography
import IdentityDouble
import Kernel
import ProofChain
import Settlement
import Testing

@Suite("The copy of identities: folding the log")
struct IdentityMirrorTests {
    private static let now = ReadingTime(
        seenAtMs: ScriptedIdentity.beginningMs + 1_000_000, completeAtMs: 0, maxAgeMs: 60_000)

    private func page(_ operations: [SignedOperation], after position: Int64 = 0) -> MirrorPage {
        MirrorPage(
            RelayLogPage(
                entries: operations.map { RelayLogEntry(cid: $0.cid.string, token: $0.token) }, next: nil),
            after: position)
    }

    /// Keeps what a page changes, as a store would.
    private func keep(_ changes: MirrorChanges, in facts: inout MirrorFacts) {
        facts.identities.merge(changes.identities) { $1 }
        facts.operations.formUnion(changes.operations.map(\.cid))
        facts.bindings.merge(changes.bindings) { $1 }
    }

    private let key = [UInt8](1...6).map { number in Result { try ScriptedIdentity.key(number) } }

    @Test("a chain binds the DID of the key that began it, and its head's keys are the ones that count")
    func binds() throws {
        let (first, second) = (try key[0].get(), try key[1].get())
        var identity = try ScriptedIdentity(first)
        try identity.rotate(to: second)
        let changes = try IdentityMirror.take(page(identity.log, after: 10), MirrorFacts(), at: Self.now)
        let did = DID(publicKey: first.publicKey)
        let binding = try #require(changes.bindings[did])
        #expect(binding.identity == identity.state.did && binding.moment.position == 11 && binding.conflict == nil)
        let mirrored = try #require(changes.identities[identity.state.did])
        #expect(mirrored.state == identity.state && mirrored.position == 12)
        let authority = DIDAuthority(binding, mirrored)
        #expect(authority.currentKeys == [second.publicKey])
        #expect(authority.retiredKeys.map(\.key) == [first.publicKey])
        #expect(authority.retiredKeys[0].position == 12)
        #expect(changes.operations.map(\.position) == [11, 12] && changes.operationsSeen == 2)
        #expect(!authority.payoutStanding.isFrozen && !authority.payoutStanding.ownAddressIsPayable)
    }

    @Test("taking the log in pages of any size gives the same copy as taking it at once")
    func pages() throws {
        var identities = try (0..<3).map { try ScriptedIdentity(try key[$0].get()) }
        for index in 0..<3 { try identities[index].rotate(to: try key[index + 3].get()) }
        try identities[0].delete()
        try identities[0].restore()
        let log = [0, 1, 2].flatMap { [identities[$0].log[0]] } + identities.flatMap { $0.log.dropFirst() }
        let whole = try IdentityMirror.take(page(log), MirrorFacts(), at: Self.now)
        for size in 1..<log.count {
            var facts = MirrorFacts()
            for start in stride(from: 0, to: log.count, by: size) {
                let part = Array(log[start..<min(start + size, log.count)])
                keep(try IdentityMirror.take(page(part, after: Int64(start)), facts, at: Self.now), in: &facts)
            }
            #expect(facts.identities == whole.identities && facts.bindings == whole.bindings, "pages of \(size)")
        }
    }

    @Test("a page that was taken before changes nothing, wherever it stands in the log now")
    func again() throws {
        var identity = try ScriptedIdentity(try key[0].get())
        try identity.rotate(to: try key[1].get())
        var facts = MirrorFacts()
        keep(try IdentityMirror.take(page(identity.log), facts, at: Self.now), in: &facts)
        let again = try IdentityMirror.take(page(identity.log, after: 100), facts, at: Self.now)
        #expect(again.identities.isEmpty && again.operations.isEmpty && again.bindings.isEmpty)
        #expect(again.operationsSeen == 2)
    }

    @Test("the first chain stays bound; the second is a conflict, which is kept, and a third changes nothing")
    func conflict() throws {
        let begin = try key[0].get()
        let chains = try ["a", "b", "c"].map { try ScriptedIdentity(begin, name: $0) }
        var facts = MirrorFacts()
        let did = DID(publicKey: begin.publicKey)
        for (index, chain) in chains.enumerated() {
            keep(try IdentityMirror.take(page(chain.log, after: Int64(index)), facts, at: Self.now), in: &facts)
            let binding = try #require(facts.bindings[did])
            #expect(binding.identity == chains[0].state.did)
            #expect(binding.conflict?.identity == (index == 0 ? nil : chains[1].state.did))
            #expect(binding.conflict?.moment.position == (index == 0 ? nil : 2))
        }
        let binding = try #require(facts.bindings[did])
        let authority = DIDAuthority(binding, try #require(facts.identities[binding.identity]))
        #expect(authority.payoutStanding == PayoutStanding(isFrozen: true, ownAddressIsPayable: true))
        #expect(authority.currentKeys == [begin.publicKey], "authority goes on")
    }

    @Test("a genesis that lists another's key binds nothing for it")
    func possession() throws {
        let (attacker, victim) = (try key[0].get(), try key[1].get())
        let own = Multikey(attacker.publicKey)
        let keys = KeySet(auth: [own], assert: [], controller: [own, Multikey(victim.publicKey)])
        let genesis = try OperationSigner.createIdentity(
            keys: keys, createdAt: try Timestamp(millisecondsSinceEpoch: ScriptedIdentity.beginningMs),
            keyID: own.id, privateKey: attacker)
        let changes = try IdentityMirror.take(page([genesis]), MirrorFacts(), at: Self.now)
        #expect(changes.bindings.keys.map(\.self) == [DID(publicKey: attacker.publicKey)])
    }

    @Test("a fork, a gap, and an entry under another CID are refused, each with all of its page")
    func refusals() throws {
        let begin = try key[0].get()
        var kept = try ScriptedIdentity(begin)
        var other = kept
        try kept.rotate(to: try key[1].get())
        try other.rotate(to: try key[2].get(), atMs: ScriptedIdentity.beginningMs + 500)
        var facts = MirrorFacts()
        keep(try IdentityMirror.take(page(kept.log), facts, at: Self.now), in: &facts)
        let innocent = try ScriptedIdentity(try key[3].get()).log
        let forked = page(innocent + [other.last], after: 2)
        #expect(throws: MirrorRefusal.operationInvalid(cid: other.last.cid, code: "proof_previous_incorrect")) {
            try IdentityMirror.take(forked, facts, at: Self.now, isReread: true)
        }
        let changes = try IdentityMirror.take(forked, facts, at: Self.now)
        #expect(changes.broken == [kept.state.did: "proof_previous_incorrect"])
        keep(changes, in: &facts)
        #expect(facts.bindings.count == 2, "the other chain goes on")
        let broken = try #require(facts.identities[kept.state.did])
        #expect(broken.state == kept.state && broken.brokenAtPosition == 4)
        let binding = try #require(facts.bindings[DID(publicKey: begin.publicKey)])
        let authority = DIDAuthority(binding, broken)
        #expect(authority.isBroken && authority.currentKeys.isEmpty && authority.payoutStanding.isFrozen)
        _ = try IdentityMirror.take(forked, facts, at: Self.now, isReread: true)
        try kept.rotate(to: try key[4].get())
        keep(try IdentityMirror.take(page([kept.last], after: 4), facts, at: Self.now), in: &facts)
        let mended = DIDAuthority(binding, try #require(facts.identities[kept.state.did]))
        #expect(try !mended.isBroken && mended.currentKeys == [key[4].get().publicKey])
    }

    @Test("what is no operation, is said to be another, or is of an unknown identity is passed over and counted")
    func passedOver() throws {
        var identity = try ScriptedIdentity(try key[0].get())
        var stranger = try ScriptedIdentity(try key[1].get())
        try stranger.rotate(to: try key[2].get())
        try identity.rotate(to: try key[3].get())
        let entries = [
            RelayLogEntry(cid: "x", token: "no.token.here"),
            RelayLogEntry(cid: identity.log[0].cid.string, token: identity.log[0].token),
            RelayLogEntry(cid: stranger.last.cid.string, token: stranger.last.token),
            RelayLogEntry(cid: identity.log[0].cid.string, token: identity.last.token),
        ]
        let page = MirrorPage(RelayLogPage(entries: entries, next: nil), after: 7)
        let changes = try IdentityMirror.take(page, MirrorFacts(), at: Self.now)
        #expect(page.count == 4 && changes.skipped == 3 && changes.broken.isEmpty)
        #expect(changes.identities[identity.state.did]?.state == identity.state)
        #expect(changes.operations.map(\.position) == [9, 11])
    }

    @Test("a second chain freezes payouts only when it appeared while the first key could sign")
    func lateConflict() throws {
        let begin = try key[0].get()
        let did = DID(publicKey: begin.publicKey)
        var first = try ScriptedIdentity(begin, name: "a")
        try first.rotate(to: try key[1].get())
        let second = try ScriptedIdentity(begin, name: "b")
        for (log, isFrozen) in [
            (first.log + second.log, false), ([first.log[0]] + second.log + [first.log[1]], true),
        ] {
            let changes = try IdentityMirror.take(page(log), MirrorFacts(), at: Self.now)
            let binding = try #require(changes.bindings[did])
            #expect(binding.conflict?.identity == second.state.did, "the operator is told")
            let authority = DIDAuthority(binding, try #require(changes.identities[binding.identity]))
            #expect(authority.payoutStanding.isFrozen == isFrozen)
        }
    }

    /// When a key is retired, whatever the operation says of its time: claimed, complete at, and what comes of it,
    /// relative to when it was seen.
    @Test(
        "an operation's word on its time counts only where nothing shows otherwise",
        arguments: [
            (-5_000, 0, -5_000), (5_000, 0, 0), (86_000_000, 0, 0),
            // The copy was fresh all the while: what was accepted until then stays.
            (-5_000, -10_000, 0), (-1_000_000, -60_000, 0), (5_000, -10_000, 0),
            // The relay was out for an hour: fresh for its first minute.
            (-1_000, -3_600_000, -1_000), (-3_000_000, -3_600_000, -3_000_000),
            (-4_000_000, -3_600_000, -3_540_000), (1_000, -3_600_000, 0),
        ])
    func retirementTime(claimed: Int64, complete: Int64, expected: Int64) throws {
        let seen: Int64 = 1_775_000_000_000
        let time = ReadingTime(seenAtMs: seen, completeAtMs: complete == 0 ? 0 : seen + complete, maxAgeMs: 60_000)
        #expect(try time.retirementMs(createdAt: Timestamp(millisecondsSinceEpoch: seen + claimed)) == seen + expected)
    }

    @Test("a retired key counts for what was recorded or anchored before, and for nothing later")
    func retiredKeyCounts() throws {
        let key = RetiredKey(key: try key[0].get().publicKey, retiredAtMs: 1_000, position: 50)
        let cases: [(Int64?, Int64?, Bool)] = [
            (999, nil, true), (1_000, nil, false), (nil, 49, true), (nil, 50, false), (nil, nil, false),
            (2_000, 49, true), (999, 51, true), (2_000, 51, false),
        ]
        for (recorded, anchored, expected) in cases {
            let evidence = ManifestEvidence(recordedAtMs: recorded, anchoredAtPosition: anchored)
            #expect(key.counts(for: evidence) == expected, "\(evidence)")
        }
    }

    @Test("an artifact and a document of a content chain anchor a manifest, where the author's key counts there")
    func anchors() throws {
        let manifest = CID(codec: .raw, hashing: Array("a manifest".utf8))
        var identity = try ScriptedIdentity(try key[0].get())
        let before = identity
        let anchor = #"{"$schema":"\#(ManifestAnchor.schema)","manifest":"\#(manifest)"}"#
        let other = #"{"$schema":"https://example.org/other","manifest":"\#(manifest)"}"#
        try identity.rotate(to: try key[1].get())
        let log = [
            identity.log[0], try before.artifact(other), try before.artifact(anchor),
            try before.content(document: manifest),
            identity.log[1], try before.artifact(anchor, atMs: ScriptedIdentity.beginningMs + 77),
            try identity.artifact(anchor, atMs: ScriptedIdentity.beginningMs + 99),
            try identity.content(document: CID(codec: .dagCBOR, hashing: [1])),
        ]
        let changes = try IdentityMirror.take(page(log), MirrorFacts(), at: Self.now)
        #expect(changes.anchors.map(\.position) == [3, 4, 7], "not under another schema, and not by a retired key")
        #expect(changes.anchors.allSatisfy { $0.manifest == manifest && $0.author == identity.state.did })
        let stranger = try ScriptedIdentity(try key[4].get())
        let unknown = try IdentityMirror.take(page([try stranger.artifact(anchor)]), MirrorFacts(), at: Self.now)
        #expect(unknown.anchors.isEmpty, "nobody knows the author")
    }

    @Test("what is stored is read back the same; damage is refused")
    func stored() throws {
        var identity = try ScriptedIdentity(try key[0].get())
        try identity.rotate(to: try key[1].get(), with: [try key[2].get().publicKey])
        try identity.delete()
        let mirrored = try #require(
            try IdentityMirror.take(page(identity.log), MirrorFacts(), at: Self.now)
                .identities[identity.state.did])
        #expect(mirrored.standings.map { $0.until == nil } == [false, false, false], "deleted: nobody signs")
        let (state, standings) = (mirrored.state.encoded(), mirrored.encodedStandings())
        #expect(try MirroredIdentity(state: state, standings: standings, position: 3) == mirrored)
        for damaged: [UInt8] in [Array(standings.dropLast()), [0x81, 0x00], []] {
            #expect(throws: ProofError.self) {
                try MirroredIdentity(state: state, standings: damaged, position: 3)
            }
        }
    }
}
