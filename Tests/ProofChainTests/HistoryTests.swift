import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("History of keys, and stored states")
struct HistoryTests {
    private typealias Step = (at: Timestamp, keys: KeySet, isDeleted: Bool, operation: SignedOperation)

    /// A chain of random steps, with what was in force after each kept beside it in the plainest way.
    private func randomChain(
        _ generator: inout SeededGenerator
    ) throws -> (state: IdentityState, log: [Step]) {
        var actor = try Actor(1)
        var log: [Step] = [(actor.state.createdAt, actor.state.keys, isDeleted: false, operation: actor.genesis)]
        let controller = actor.state.keys.controller[0]
        for step in 1..<30 {
            let createdAt = try Timestamp(
                millisecondsSinceEpoch: actor.state.lastCreatedAt.millisecondsSinceEpoch + 1
                    + Int64(generator.below(5)))
            let previous = actor.state.headCID
            let operation: SignedOperation
            if actor.state.isDeleted {
                operation = try actor.apply(try actor.signer.restoreIdentity(previous: previous, createdAt: createdAt))
            } else if generator.below(5) == 0 {
                operation = try actor.apply(try actor.signer.deleteIdentity(previous: previous, createdAt: createdAt))
            } else {
                func some() throws -> [Multikey] {
                    try (2..<7).filter { _ in generator.below(2) == 0 }.map { Multikey(try Actor.key($0).publicKey) }
                }
                let keys = KeySet(auth: try some(), assert: try some(), controller: [controller] + (try some()))
                let services = try ServiceEntry.relay(id: "é\(step)", endpoint: "https://r.example/\(step)")
                operation = try actor.apply(
                    try actor.signer.updateIdentity(
                        previous: previous, keys: keys, services: [services], createdAt: createdAt))
            }
            log.append((createdAt, actor.state.keys, actor.state.isDeleted, operation))
        }
        return (actor.state, log)
    }

    @Test("what was in force at any time is what the last operation before it had said")
    func atAnyTime() throws {
        let seed = SeededGenerator.seed("key history", default: 21)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let (state, log) = try randomChain(&generator)
            let first = log[0].0.millisecondsSinceEpoch
            for milliseconds in (first - 2)...(state.lastCreatedAt.millisecondsSinceEpoch + 2) {
                let instant = try Timestamp(millisecondsSinceEpoch: milliseconds)
                let entry = log.last { $0.0 <= instant }
                var expected: [KeyID: KeyRoles] = [:]
                for key in entry?.1.auth ?? [] { expected[key.id, default: []].insert(.auth) }
                for key in entry?.1.assert ?? [] { expected[key.id, default: []].insert(.assert) }
                for key in entry?.1.controller ?? [] { expected[key.id, default: []].insert(.controller) }
                let found = Dictionary(uniqueKeysWithValues: state.keys(at: instant).map { ($0.key.id, $0.roles) })
                #expect(found == expected, "seed \(seed)")
                #expect(state.isDeleted(at: instant) == (entry?.isDeleted ?? false), "seed \(seed)")
            }
            for record in state.history.records {
                let isListed = state.keys.key(record.key.id) != nil
                #expect(record.isCurrent == isListed && (record.retiredAt == nil) == isListed, "seed \(seed)")
                #expect(try state.publicKey(record.key.id, .historical) == record.key.publicKey(), "seed \(seed)")
            }
        }
    }

    @Test("a stored state reads back as itself, in one form only")
    func storage() throws {
        let seed = SeededGenerator.seed("stored states", default: 22)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let (state, _) = try randomChain(&generator)
            let bytes = state.encoded()
            let read = try IdentityState(encoded: bytes)
            #expect(read == state && read.encoded() == bytes, "seed \(seed)")
            #expect(read.history[state.genesisControllerKeys[0].id] != nil, "seed \(seed)")
        }
    }

    @Test("a head that is told of the keys an operation names goes on as the whole state does, and stays small")
    func heads() throws {
        let seed = SeededGenerator.seed("heads", default: 23)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let (_, log) = try randomChain(&generator)
            var whole = try IdentityState(genesis: log[0].operation)
            var head = whole.head
            var kept: [KeyID: Multikey] = [:]
            for (_, _, _, operation) in log.dropFirst() {
                for key in head.listedKeys { kept[key.id] = key }
                head = try IdentityState(encoded: head.head.encoded())
                head.remember(operation.keysNeeded.compactMap { kept[$0.keyID] })
                try whole.extend(by: operation)
                try head.extend(by: operation)
                #expect(head.head.encoded() == whole.head.encoded(), "seed \(seed)")
                #expect(head.head.listedKeys.count <= 7 && head.head.deletions.count <= 1, "seed \(seed)")
            }
            for key in whole.listedKeys { #expect(head.history[key.id] == nil || head.history[key.id]?.key == key) }
        }
    }

    @Test("a head knows a key that came back by its name, and refuses the name with other material")
    func headRefusals() throws {
        var actor = try Actor(1)
        let first = actor.state.keys.auth[0]
        try actor.rotate(to: 2, at: "2026-03-07T00:00:01.000Z")
        try actor.rotate(to: 3, at: "2026-03-07T00:00:02.000Z")
        let second = Multikey(try Actor.key(2).publicKey)
        func next(_ key: Multikey) throws -> SignedOperation {
            try actor.signer.updateIdentity(
                previous: actor.state.headCID,
                keys: KeySet(auth: [key], assert: [], controller: actor.state.keys.controller),
                createdAt: try Timestamp("2026-03-07T00:00:03.000Z"))
        }
        var head = actor.state.head
        #expect(head.history[first.id] != nil && head.history[second.id] == nil, "the genesis binds a DID")
        let changed = try next(Multikey(id: second.id, publicKeyMultibase: first.publicKeyMultibase))
        #expect(changed.keysNeeded.contains { $0.keyID == second.id })
        head.remember([second, first])
        #expect(head.history[second.id]?.isCurrent == false)
        #expect(throws: ProofError(.keyMaterialChanged, second.id.string)) { try head.extend(by: changed) }
        try head.extend(by: try next(second))
        #expect(head.history[second.id]?.isCurrent == true && head.keys.auth == [second])
        #expect(try head.publicKey(second.id, .historical) == Actor.key(2).publicKey)
    }

    @Test("damaged bytes are refused or are another state in the same form, and never trap")
    func damage() throws {
        let seed = SeededGenerator.seed("damaged states", default: 23)
        var generator = SeededGenerator(seed: seed)
        let (state, _) = try randomChain(&generator)
        let bytes = state.encoded()
        var refusals = 0
        for _ in 0..<3_000 {
            let damaged = Mutation.apply(to: bytes, using: &generator)
            do {
                #expect(try IdentityState(encoded: damaged).encoded() == damaged, "seed \(seed)")
            } catch {
                #expect(error.code == .stateMalformed, "seed \(seed)")
                refusals += 1
            }
        }
        #expect(refusals > 1_000)
    }

    @Test("a stored state goes on as the original does")
    func goingOn() throws {
        var actor = try Actor(1)
        try actor.rotate(to: 2, at: "2026-03-07T00:00:01.000Z")
        var stored = try IdentityState(encoded: actor.state.encoded())
        let operation = try actor.rotate(to: 1, at: "2026-03-07T00:00:02.000Z")
        try stored.extend(by: operation)
        #expect(stored == actor.state)
        #expect(stored.encoded() == actor.state.encoded())
        #expect(try IdentityState(encoded: stored.encoded()) == stored)
    }
}
