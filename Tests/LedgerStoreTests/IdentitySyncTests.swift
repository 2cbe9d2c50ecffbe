import Cryptography
import IdentityDouble
import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import ProofChain
import Settlement
import Synchronization
import Testing

/// A process that follows a relay's log.
private struct Follower: Sendable {
    let store: PostgresLedgerStore
    let pool: PostgresPool
    let directory: IdentityDirectory
    let sync: IdentitySync
    /// DIDs that it was told of, in order.
    let told: Told

    final class Told: Sendable {
        let list = Mutex<[DID]>([])
    }

    static let maxAgeMs: Int64 = 10_000

    init(_ book: OpenBook, _ log: (any RelayLog)?, holder: String = "one") async throws {
        (store, pool) = try await book.open(holder)
        let clock = book.clock
        directory = IdentityDirectory(reading: store, clock: { clock.ms }, isNamed: { _ in false })
        let told = Told()
        self.told = told
        sync = IdentitySync(
            IdentitySync.Parts(
                store: store, log: log, directory: directory, maxAgeMs: Self.maxAgeMs, clock: { clock.ms },
                logger: OpenBook.quiet, onChanged: { changed in told.list.withLock { $0 += changed.map(\.did) } }))
        try await sync.begin()
    }

    func keys(_ did: DID) async throws -> KeyLookup {
        try await directory.load(did)
        return directory.keys(for: did)
    }

    func close() async {
        await store.close()
        await pool.close()
    }
}

@Suite("The copy of identities: following a relay")
struct IdentitySyncTests {
    /// A round that is not skipped because another was just before.
    private func round(_ follower: Follower, _ book: OpenBook) async -> Bool {
        book.clock.advance(3_000)
        return await follower.sync.round()
    }

    private func with(_ log: ScriptedRelayLog?, _ body: (Follower, OpenBook) async throws -> Void) async throws {
        let book = try await OpenBook.make()
        let follower = try await Follower(book, log)
        do {
            try await body(follower, book)
        } catch {
            await follower.close()
            throw error
        }
        await follower.close()
    }

    @Test("follows the log: chains bind, rotate, end and come back, and every process is told")
    func follows() async throws {
        let log = ScriptedRelayLog()
        try await with(log) { one, book in
            let two = try await Follower(book, log, holder: "two")
            let keys = try (1...3).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            #expect(await round(one, book))
            #expect(try await one.keys(did) == .keys([keys[0].publicKey]), "not bound yet")
            var identity = try ScriptedIdentity(keys[0])
            log.append(identity.log)
            #expect(await round(one, book))
            log.append([try identity.rotate(to: keys[1])])
            #expect(await round(one, book))
            #expect(try await one.keys(did) == .keys([keys[1].publicKey]))
            let pages = log.pages
            #expect(await two.sync.round())
            #expect(log.pages == pages, "the other process reads what the first took")
            #expect(try await two.keys(did) == .keys([keys[1].publicKey]) && two.directory.isFresh)
            log.append([try identity.delete()])
            #expect(await round(two, book))
            #expect(try await two.keys(did) == .retired)
            #expect(await one.sync.round())
            #expect(try await one.keys(did) == .retired)
            log.append([try identity.restore()])
            #expect(await round(one, book))
            #expect(try await one.keys(did) == .keys([keys[1].publicKey]))
            #expect(one.told.list.withLock { $0 } == [did, did, did, did])
            #expect(two.told.list.withLock { $0 } == [did, did])
            await two.close()
        }
    }

    @Test("what is in the copy is there for a process that starts later, with a relay or without")
    func restart() async throws {
        let log = ScriptedRelayLog()
        let keys = try (1...2).map { try ScriptedIdentity.key($0) }
        let did = DID(publicKey: keys[0].publicKey)
        try await with(log) { one, book in
            var identity = try ScriptedIdentity(keys[0])
            try identity.rotate(to: keys[1])
            log.append(identity.log)
            #expect(await round(one, book))
            log.fail(with: .unreachable("gone"))
            for relay in [log, nil] {
                let later = try await Follower(book, relay, holder: "later")
                #expect(try await later.keys(did) == .keys([keys[1].publicKey]))
                #expect(later.directory.isFresh, "fresh while the copy's age lasts; without a relay for ever")
                book.clock.advance(Follower.maxAgeMs + 1)
                #expect(await later.sync.round() == (relay == nil))
                #expect(later.directory.isFresh == (relay == nil))
                #expect(try await later.keys(did) == .keys([keys[1].publicKey]))
                await later.close()
            }
        }
    }

    @Test("a relay that is out, answers garbage, forks or loses its log changes nothing; the copy ages")
    func badRelay() async throws {
        let log = ScriptedRelayLog()
        try await with(log) { one, book in
            let keys = try (1...4).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            var identity = try ScriptedIdentity(keys[0])
            var fork = identity
            try identity.rotate(to: keys[1])
            try fork.rotate(to: keys[2], atMs: ScriptedIdentity.beginningMs + 99)
            log.append(identity.log)
            #expect(await round(one, book))
            let good = try await one.store.identityCursor()
            let innocent = try ScriptedIdentity(keys[3]).log
            let troubles: [(String, () -> Void)] = [
                ("out", { log.fail(with: .unreachable("status 502")) }),
                ("no page", { log.fail(with: .malformed("no entries")) }),
                ("a fork", { log.replace(with: innocent + [fork.log[0], fork.last]) }),
                ("forgets all the time", { log.fail(with: .cursorUnknown) }),
            ]
            for (what, trouble) in troubles {
                log.fail(with: nil)
                log.replace(with: identity.log)
                trouble()
                #expect(await !round(one, book), "\(what)")
                #expect(try await one.store.identityCursor()?.syncedAtMs == good?.syncedAtMs, "\(what)")
                #expect(try await one.keys(did) == .keys([keys[1].publicKey]), "\(what)")
            }
            #expect(!one.directory.isFresh)
            #expect(try await one.keys(DID(publicKey: keys[3].publicKey)) == .unavailable, "never seen")
            log.fail(with: nil)
            log.replace(with: identity.log + innocent)
            #expect(await round(one, book), "it is well again")
            #expect(one.directory.isFresh)
            #expect(try await one.store.authority(over: DID(publicKey: keys[3].publicKey)) != nil)
        }
    }

    @Test(
        "taking the relay's log as it is, as the runbook has it, keeps what is known, and a rotation after it counts",
        arguments: [
            "UPDATE identity_cursors SET cursor = '', reread = NULL", "DELETE FROM identity_cursors",
        ])
    func acceptLog(statement: String) async throws {
        let log = ScriptedRelayLog()
        try await with(log) { one, book in
            let keys = try (1...6).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            var identity = try ScriptedIdentity(keys[0])
            for key in keys[1...3] { try identity.rotate(to: key) }
            let lost = try ScriptedIdentity(keys[5])
            log.append(identity.log + lost.log)
            #expect(await round(one, book))
            log.replace(with: identity.log)
            #expect(await !round(one, book), "it lost an operation")
            let before = try #require(try await one.store.identityCursor()?.position)
            try await one.pool.run { connection in
                _ = try connection.query(Statement("accept", statement), [])
            }
            log.append([try identity.rotate(to: keys[4])])
            #expect(await round(one, book))
            #expect(try await one.keys(did) == .keys([keys[4].publicKey]), "heard without a restart")
            #expect(try await one.keys(DID(publicKey: keys[5].publicKey)) == .keys([keys[5].publicKey]))
            let position = try #require(try await one.store.identityCursor()?.position)
            #expect(position > 5 && (statement.hasPrefix("DELETE") || position > before), "no position is given twice")
        }
    }

    @Test("an operation that does not follow breaks its chain only, on every process, until one follows again")
    func broken() async throws {
        let log = ScriptedRelayLog()
        try await with(log) { one, book in
            let two = try await Follower(book, log, holder: "two")
            let keys = try (1...5).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            var identity = try ScriptedIdentity(keys[0])
            var fork = identity
            try identity.rotate(to: keys[1])
            try fork.rotate(to: keys[2], atMs: ScriptedIdentity.beginningMs + 99)
            log.append(identity.log)
            #expect(await round(one, book))
            log.append(cid: "bafyx", token: "a.b.c")
            var other = try ScriptedIdentity(keys[3])
            log.append([fork.last] + other.log + [try other.rotate(to: keys[4])])
            #expect(await round(one, book), "one bad entry does not stop the copy")
            #expect(await two.sync.round())
            for process in [one, two] {
                #expect(try await process.keys(did) == .unavailable)
                #expect(!process.directory.isCertain(of: did) && process.directory.isFresh)
                #expect(try await !process.directory.isCurrent(keys[1].publicKey, of: did, isOwn: false))
                #expect(try await process.keys(DID(publicKey: keys[3].publicKey)) == .keys([keys[4].publicKey]))
                #expect(process.sync.brokenCount == 1)
            }
            #expect(one.sync.skippedCount == 1)
            log.append([try identity.rotate(to: keys[2])])
            #expect(await round(one, book))
            #expect(try await one.keys(did) == .keys([keys[2].publicKey]) && one.sync.brokenCount == 0)
            await two.close()
        }
    }

    @Test("a log that does not know where reading stopped is read again, and what is known stays as it was")
    func reread() async throws {
        let log = ScriptedRelayLog()
        try await with(log) { one, book in
            let keys = try (1...4).map { try ScriptedIdentity.key($0) }
            var first = try ScriptedIdentity(keys[0])
            let second = try ScriptedIdentity(keys[1])
            try first.rotate(to: keys[2])
            log.append(first.log + second.log)
            #expect(await round(one, book))
            let before = try await one.store.authority(over: DID(publicKey: keys[0].publicKey))
            // Restored from a backup that lacks the last operation, and then written on.
            log.replace(with: first.log)
            #expect(await !round(one, book), "it lost an operation")
            #expect(await !round(one, book), "and still")
            log.replace(with: second.log + first.log + (try ScriptedIdentity(keys[3]).log))
            #expect(await round(one, book), "another order, nothing lost")
            #expect(try await one.store.authority(over: DID(publicKey: keys[0].publicKey)) == before)
            #expect(try await one.store.authority(over: DID(publicKey: keys[3].publicKey)) != nil)
            let cursor = try #require(try await one.store.identityCursor())
            #expect(cursor.reread == nil && cursor.position >= 7, "positions are not given twice")
            // Another relay may have less.
            let other = ScriptedRelayLog("http://other.test")
            other.append(second.log)
            let two = try await Follower(book, other, holder: "two")
            #expect(await round(two, book))
            #expect(try await two.store.authority(over: DID(publicKey: keys[0].publicKey)) == before)
            await two.close()
        }
    }

    @Test("two chains of one key: the first stays, the conflict is counted, told, and freezes payouts")
    func conflict() async throws {
        let log = ScriptedRelayLog()
        try await with(log) { one, book in
            let key = try ScriptedIdentity.key(1)
            let did = DID(publicKey: key.publicKey)
            let chains = try ["a", "b"].map { try ScriptedIdentity(key, name: $0) }
            log.append(chains[0].log)
            #expect(await round(one, book))
            #expect(
                try await one.directory.payoutStanding(of: did)
                    == PayoutStanding(isFrozen: false, ownAddressIsPayable: true))
            log.append(chains[1].log)
            #expect(await round(one, book))
            #expect(one.sync.conflictsCount == 1)
            let (count, list) = try await one.store.identityConflicts()
            #expect(count == 1 && list.first?.did == did && list.first?.identity == chains[0].state.did)
            #expect(list.first?.conflict?.identity == chains[1].state.did)
            #expect(try await one.directory.payoutStanding(of: did).isFrozen)
            #expect(try await one.keys(did) == .keys([key.publicKey]))
            let later = try await Follower(book, log, holder: "later")
            #expect(later.sync.conflictsCount == 1)
            await later.close()
        }
    }

    @Test("a long log in small pages, taken by two processes at once, gives one copy")
    func race() async throws {
        let log = ScriptedRelayLog()
        log.limitPages(to: 7)
        try await with(log) { one, book in
            let two = try await Follower(book, log, holder: "two")
            var dids: [DID] = []
            for number in 1...60 {
                let key = try ScriptedIdentity.key(UInt8(number))
                var identity = try ScriptedIdentity(key)
                try identity.rotate(to: try ScriptedIdentity.key(UInt8(number + 100)))
                log.append(identity.log)
                dids.append(DID(publicKey: key.publicKey))
            }
            book.clock.advance(3_000)
            async let first = one.sync.round()
            async let second = two.sync.round()
            _ = await (first, second)
            #expect(await round(one, book))
            #expect(await two.sync.round())
            for (index, did) in dids.enumerated() {
                let expected = KeyLookup.keys([try ScriptedIdentity.key(UInt8(index + 101)).publicKey])
                #expect(try await one.keys(did) == expected)
                #expect(try await two.keys(did) == expected)
            }
            #expect(try await one.store.identityCursor()?.position == 120)
            await two.close()
        }
    }

    @Test("evidence: recorded here by the same authority, and anchored by the signer's chain")
    func evidence() async throws {
        let log = ScriptedRelayLog()
        try await with(log) { one, book in
            let key = try ScriptedIdentity.key(1)
            let did = DID(publicKey: key.publicKey)
            let json = Array(#"{"a":1}"#.utf8)
            let cid = CID(codec: .raw, hashing: json)
            #expect(try await one.store.evidence(for: cid, authority: did, signer: did) == .none)
            let record = ManifestRecord(cid: cid.string, manifestID: "m", signer: did.string, json: json)
            let command = Commands.command(key: "m", body: "m", .recordManifests([record]))
            #expect(try await one.store.decide(command).outcome.isDone)
            let identity = try ScriptedIdentity(key)
            log.append(identity.log)
            let anchor = #"{"$schema":"\#(ManifestAnchor.schema)","manifest":"\#(cid)"}"#
            log.append([try identity.artifact(anchor)])
            #expect(await round(one, book))
            let found = try await one.store.evidence(for: cid, authority: did, signer: did)
            #expect(found == ManifestEvidence(recordedAtMs: People.noonMs, anchoredAtPosition: 2))
            let other = try await one.store.evidence(for: cid, authority: People.ada, signer: People.ada)
            #expect(other == .none)
        }
    }

    @Test("session keys of retired keys go, those of current ones stay")
    func sessionKeys() async throws {
        try await with(nil) { one, _ in
            let (own, new) = (try ScriptedIdentity.key(1).publicKey, try ScriptedIdentity.key(2).publicKey)
            let did = DID(publicKey: own)
            for (id, signer) in [("a", nil), ("b", own), ("c", new)] {
                let key = StoredSessionKey(
                    keyID: id, did: did, signer: signer, secret: [1], expiresAtMs: .max)
                #expect(try await one.store.save(key, nonce: id, nowMs: 0))
            }
            try await one.store.revokeSessionKeys(of: did, keeping: [own, new])
            #expect(try await one.store.sessionKey("a")?.signer == nil)
            #expect(try await one.store.sessionKey("b")?.signer == own)
            try await one.store.revokeSessionKeys(of: did, keeping: [new])
            #expect(try await one.store.sessionKey("a") == nil)
            #expect(try await one.store.sessionKey("b") == nil)
            #expect(try await one.store.sessionKey("c")?.signer == new)
            try await one.store.revokeSessionKeys(of: did)
            #expect(try await one.store.sessionKey("c") == nil)
        }
    }
}
