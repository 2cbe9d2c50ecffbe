import Cryptography
import IdentityDouble
import Kernel
import ProofChain
import Settlement
import Synchronization
import Testing

@Suite("The directory of identities")
struct IdentityDirectoryTests {
    /// A directory on a copy, with a clock.
    private final class Desk: Sendable {
        let copy = ScriptedIdentities()
        let now = Atomic<Int64>(1_000_000)
        let named = Mutex<Set<DID>>([])

        func directory(_ limits: IdentityDirectory.Limits = IdentityDirectory.Limits()) -> IdentityDirectory {
            IdentityDirectory(
                reading: copy, limits: limits, clock: { self.now.load(ordering: .relaxed) },
                isNamed: { did in self.named.withLock { $0.contains(did) } })
        }
    }

    private func person(_ number: UInt8) throws -> (key: Ed25519PrivateKey, did: DID) {
        let key = try ScriptedIdentity.key(number)
        return (key, DID(publicKey: key.publicKey))
    }

    @Test("a DID without a chain is its own key; one that is no key has none")
    func unbound() throws {
        let directory = Desk().directory()
        directory.begin(bound: [])
        directory.setFresh(untilMs: .max)
        let (key, did) = try person(1)
        #expect(directory.keys(for: did) == .keys([key.publicKey]))
        #expect(directory.retiredKeys(of: did) == [] && directory.isCertain(of: did))
        #expect(directory.keys(for: try DID("did:imajin:soft:a")) == .unknown)
        #expect(directory.keys(for: try DID("did:web:example.org")) == .unknown)
    }

    @Test("a bound DID has the keys of its chain, read when they are not in memory")
    func bound() async throws {
        let desk = Desk()
        let (first, did) = try person(1)
        let second = try person(2).key
        var identity = try ScriptedIdentity(first)
        try identity.rotate(to: second)
        try desk.copy.put(identity, seenAtMs: 500)
        let directory = desk.directory()
        directory.begin(bound: [first.publicKey])
        directory.setFresh(untilMs: .max)
        #expect(directory.keys(for: did) == .unavailable)
        try await directory.load(did)
        #expect(directory.keys(for: did) == .keys([second.publicKey]))
        #expect(directory.retiredKeys(of: did).map(\.key) == [first.publicKey])
        try await directory.load(did)
        #expect(desk.copy.reads == 1)
        #expect(try await !directory.isCurrent(first.publicKey, of: did, isOwn: true))
        #expect(try await directory.isCurrent(second.publicKey, of: did, isOwn: false))
        #expect(
            try await directory.payoutStanding(of: did) == PayoutStanding(isFrozen: false, ownAddressIsPayable: false))
    }

    @Test("a change takes effect at once, for what was remembered as well")
    func changes() async throws {
        let desk = Desk()
        let directory = desk.directory()
        directory.begin(bound: [])
        directory.setFresh(untilMs: .max)
        let (first, did) = try person(1)
        #expect(directory.keys(for: did) == .keys([first.publicKey]), "remembered as unbound")
        var identity = try ScriptedIdentity(first)
        directory.apply([try desk.copy.put(identity, seenAtMs: 500)])
        #expect(directory.keys(for: did) == .keys([first.publicKey]) && directory.retiredKeys(of: did) == [])
        #expect(try await directory.isCurrent(first.publicKey, of: did, isOwn: true))
        let second = try person(2).key
        try identity.rotate(to: second)
        directory.apply([try desk.copy.put(identity, seenAtMs: 600)])
        #expect(directory.keys(for: did) == .keys([second.publicKey]))
        #expect(try await !directory.isCurrent(first.publicKey, of: did, isOwn: true))
        try identity.delete()
        directory.apply([try desk.copy.put(identity, seenAtMs: 700)])
        #expect(directory.keys(for: did) == .retired)
        #expect(Set(directory.retiredKeys(of: did).map(\.key)) == [first.publicKey, second.publicKey])
        try identity.restore()
        directory.apply([try desk.copy.put(identity, seenAtMs: 800)])
        #expect(directory.keys(for: did) == .keys([second.publicKey]))
    }

    @Test("after a restart with a stale copy, whoever has an account in the book goes on, and is looked up once")
    func recorded() async throws {
        let desk = Desk()
        let (key, did) = try person(1)
        let stranger = try person(2).did
        desk.copy.record(did)
        let directory = desk.directory()
        directory.begin(bound: [])
        #expect(directory.keys(for: did) == .unavailable && !directory.isFresh)
        for each in [did, stranger] { try await directory.load(each) }
        #expect(directory.keys(for: did) == .keys([key.publicKey]) && !directory.isCertain(of: did))
        #expect(directory.keys(for: stranger) == .unavailable)
    }

    @Test("a stranger is looked for once in a while, not with every request, and a chain of his counts at once")
    func absent() async throws {
        let desk = Desk()
        let directory = desk.directory()
        let (key, did) = try person(1)
        directory.begin(bound: [])
        for _ in 0..<5 { try await directory.load(did) }
        #expect(desk.copy.recordedReads == 1 && directory.keys(for: did) == .unavailable)
        desk.copy.record(did)
        try await directory.load(did)
        #expect(directory.keys(for: did) == .unavailable)
        desk.now.add(2_001, ordering: .relaxed)
        try await directory.load(did)
        #expect(directory.keys(for: did) == .keys([key.publicKey]) && desk.copy.recordedReads == 2)
        let (other, otherDID) = try person(2)
        try await directory.load(otherDID)
        directory.apply([try desk.copy.put(try ScriptedIdentity(other), seenAtMs: 500)])
        #expect(directory.keys(for: otherDID) == .keys([other.publicKey]))
        #expect(try await directory.payoutStanding(of: otherDID).ownAddressIsPayable)
        var limits = IdentityDirectory.Limits()
        limits.absentMax = 4
        let small = desk.directory(limits)
        small.begin(bound: [])
        let before = desk.copy.recordedReads
        for number in Array(10...29) + Array(10...29) { try await small.load(try person(UInt8(number)).did) }
        #expect(desk.copy.recordedReads == before + 40, "the memory is bounded")
    }

    @Test("when the copy is stale, whoever is known goes on, and of whoever is not nothing is said")
    func stale() async throws {
        let desk = Desk()
        let directory = desk.directory()
        let (known, unseen, named, bound) = (try person(1), try person(2), try person(3), try person(4))
        try desk.copy.put(try ScriptedIdentity(bound.key), seenAtMs: 500)
        directory.begin(bound: [bound.key.publicKey])
        directory.setFresh(untilMs: 1_000_500)
        desk.named.withLock { _ = $0.insert(named.did) }
        #expect(directory.keys(for: known.did) == .keys([known.key.publicKey]))
        desk.now.store(1_000_501, ordering: .relaxed)
        #expect(!directory.isFresh && !directory.isCertain(of: known.did))
        #expect(directory.keys(for: known.did) == .keys([known.key.publicKey]))
        #expect(directory.keys(for: named.did) == .keys([named.key.publicKey]))
        #expect(directory.keys(for: unseen.did) == .unavailable)
        try await directory.load(unseen.did)
        #expect(directory.keys(for: unseen.did) == .unavailable)
        try await directory.load(bound.did)
        #expect(directory.keys(for: bound.did) == .keys([bound.key.publicKey]))
        directory.setFresh(untilMs: 1_000_501)
        #expect(directory.keys(for: unseen.did) == .keys([unseen.key.publicKey]))
    }

    @Test("with more bound DIDs than are kept, every DID is looked up once, and the answers are the same")
    func overflow() async throws {
        let desk = Desk()
        var limits = IdentityDirectory.Limits()
        limits.boundMax = 1
        let directory = desk.directory(limits)
        let people = try (1...3).map { try person($0) }
        for person in people[..<2] { try desk.copy.put(try ScriptedIdentity(person.key), seenAtMs: 500) }
        directory.begin(bound: people[..<2].map(\.key.publicKey))
        directory.setFresh(untilMs: .max)
        for person in people {
            #expect(directory.keys(for: person.did) == .unavailable)
            try await directory.load(person.did)
            #expect(directory.keys(for: person.did) == .keys([person.key.publicKey]))
        }
        #expect(desk.copy.reads == 3)
        #expect(directory.keys(for: people[2].did) == .keys([people[2].key.publicKey]), "remembered")
    }

    @Test("memory is bounded: what was not used lately is read again")
    func bounds() async throws {
        let desk = Desk()
        var limits = IdentityDirectory.Limits()
        (limits.authoritiesMax, limits.unboundMax) = (4, 4)
        let directory = desk.directory(limits)
        let people = try (1...20).map { try person(UInt8($0)) }
        for person in people[..<10] { try desk.copy.put(try ScriptedIdentity(person.key), seenAtMs: 500) }
        directory.begin(bound: people[..<10].map(\.key.publicKey))
        directory.setFresh(untilMs: 1_000_000)
        for person in people[..<10] { try await directory.load(person.did) }
        for person in people[10...] { #expect(directory.keys(for: person.did) == .keys([person.key.publicKey])) }
        desk.now.store(2_000_000, ordering: .relaxed)
        let known = people[10...].count { directory.keys(for: $0.did) != .unavailable }
        #expect((1...4).contains(known))
        let inMemory = people[..<10].count { directory.keys(for: $0.did) != .unavailable }
        #expect((1...4).contains(inMemory))
        for person in people[..<10] {
            try await directory.load(person.did)
            #expect(directory.keys(for: person.did) == .keys([person.key.publicKey]))
        }
    }

    @Test("a store that cannot be asked is said, and nothing is remembered of it")
    func failure() async throws {
        let desk = Desk()
        let directory = desk.directory()
        let (key, did) = try person(1)
        directory.begin(bound: [key.publicKey])
        directory.setFresh(untilMs: .max)
        desk.copy.fail(with: .databaseUnavailable("gone"))
        await #expect(throws: LedgerFailure.self) { try await directory.load(did) }
        await #expect(throws: LedgerFailure.self) { try await directory.isCurrent(key.publicKey, of: did, isOwn: true) }
        desk.copy.fail(with: nil)
        try desk.copy.put(try ScriptedIdentity(key), seenAtMs: 500)
        try await directory.load(did)
        #expect(directory.keys(for: did) == .keys([key.publicKey]))
    }

    @Test("every key of the head counts, the own one and controllers first; every retired one is remembered")
    func manyKeys() throws {
        let desk = Desk()
        let (first, did) = try person(1)
        let others = try (100..<200).map { try person(UInt8($0)).key.publicKey }
        var identity = try ScriptedIdentity(first)
        let second = try person(2).key
        try identity.rotate(to: second, with: others + [first.publicKey])
        let directory = desk.directory()
        directory.begin(bound: [first.publicKey])
        let wide = try desk.copy.put(identity, seenAtMs: 500)
        #expect(wide.currentKeys == [first.publicKey, second.publicKey] + others)
        #expect(wide.retiredKeys.isEmpty)
        try identity.rotate(to: try person(3).key)
        try identity.rotate(to: try person(4).key)
        let narrow = try desk.copy.put(identity, seenAtMs: 500)
        directory.apply([narrow])
        #expect(directory.keys(for: did) == .keys([try person(4).key.publicKey]))
        let retired = directory.retiredKeys(of: did)
        #expect(retired.map(\.key).prefix(2) == [first.publicKey, try person(3).key.publicKey])
        #expect(Set(retired.map(\.key)).isSuperset(of: others + [second.publicKey]) && retired.count == 103)
        for key in [others[70], first.publicKey, try person(4).key.publicKey] {
            #expect(directory.key(named: KeyID(conventionalFor: key).string, of: did) == key)
            #expect(directory.key(named: Multikey.encode(key), of: did) == key)
        }
        #expect(directory.key(named: "nobody's", of: did) == nil)
    }

    @Test("a chain with many keys takes the memory of as many small ones")
    func weights() async throws {
        let desk = Desk()
        var limits = IdentityDirectory.Limits()
        limits.authoritiesMax = 40
        let directory = desk.directory(limits)
        let many = try (50..<250).map { try person(UInt8($0)).key.publicKey }
        let people = try (1...20).map { try person(UInt8($0)) }
        for (index, person) in people.enumerated() {
            var identity = try ScriptedIdentity(person.key)
            if index == 0 { try identity.rotate(to: person.key, with: many) }
            try desk.copy.put(identity, seenAtMs: 500)
        }
        directory.begin(bound: people.map(\.key.publicKey))
        directory.setFresh(untilMs: .max)
        for person in people[1...] { try await directory.load(person.did) }
        func known() -> Int { people[1...].count { directory.keys(for: $0.did) != .unavailable } }
        #expect(known() == 19)
        for person in people { try await directory.load(person.did) }
        try await directory.load(people[0].did)
        try await directory.load(people[1].did)
        #expect(known() < 19, "the large one drove out small ones")
    }

    /// What a request of a DID without a chain pays for the directory, beside reading the key out of the DID, which the
    /// resolver without a memory does as well.
    @Test("a DID without a chain costs one look-up more than its own key")
    func cost() throws {
        let directory = Desk().directory()
        directory.begin(bound: try (2...250).map { try person($0).key.publicKey })
        directory.setFresh(untilMs: .max)
        let did = try person(1).did
        let plain = DIDKeyResolver()
        let rounds = 200_000
        func nanoseconds(_ body: () -> Void) -> Int64 {
            (0..<5).map { _ in
                let span = ContinuousClock().measure { for _ in 0..<rounds { body() } }
                return Int64(span / .nanoseconds(1)) / Int64(rounds)
            }.min() ?? 0
        }
        let own = nanoseconds { precondition(plain.keys(for: did) != .unknown) }
        let known = nanoseconds { precondition(directory.keys(for: did) != .unknown) }
        print("keys(for:) of an unbound DID: \(known) ns, of which the DID's own key is \(own) ns")
        // Far above what it takes, so that a busy machine does not fail it, and far below a signature or a query.
        #expect(known - own < 2_000)
    }
}
