import Cryptography
import ProofChain
import Testing

@Suite("History of keys, and stored states")
struct HistoryTests {
    /// A chain of random steps, with what was in force after each kept beside it in the plainest way.
    private func randomChain(
        _ generator: inout SeededGenerator
    ) throws -> (state: IdentityState, log: [(Timestamp, KeySet, isDeleted: Bool)]) {
        var actor = try Actor(1)
        var log = [(actor.state.createdAt, actor.state.keys, isDeleted: false)]
        let controller = actor.state.keys.controller[0]
        for step in 1..<30 {
            let createdAt = try Timestamp(
                millisecondsSinceEpoch: actor.state.lastCreatedAt.millisecondsSinceEpoch + 1
                    + Int64(generator.below(5)))
            let previous = actor.state.headCID
            if actor.state.isDeleted {
                try actor.apply(try actor.signer.restoreIdentity(previous: previous, createdAt: createdAt))
            } else if generator.below(5) == 0 {
                try actor.apply(try actor.signer.deleteIdentity(previous: previous, createdAt: createdAt))
            } else {
                func some() throws -> [Multikey] {
                    try (2..<7).filter { _ in generator.below(2) == 0 }.map { Multikey(try Actor.key($0).publicKey) }
                }
                let keys = KeySet(auth: try some(), assert: try some(), controller: [controller] + (try some()))
                let services = try ServiceEntry.relay(id: "é\(step)", endpoint: "https://r.example/\(step)")
                try actor.apply(
                    try actor.signer.updateIdentity(
                        previous: previous, keys: keys, services: [services], createdAt: createdAt))
            }
            log.append((createdAt, actor.state.keys, actor.state.isDeleted))
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
