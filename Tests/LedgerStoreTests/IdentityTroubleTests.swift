import Cryptography
import IdentityDouble
import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import ProofChain
import Settlement
import Testing

@Suite("The copy of identities: what goes wrong")
struct IdentityTroubleTests {
    @Test("a relay that is out, answers garbage, forks or loses its log changes nothing; the copy ages")
    func badRelay() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let keys = try (1...4).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            var identity = try ScriptedIdentity(keys[0])
            var fork = identity
            try identity.rotate(to: keys[1])
            try fork.rotate(to: keys[2], atMs: ScriptedIdentity.beginningMs + 99)
            log.append(identity.log)
            #expect(await Follower.round(one, book))
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
                #expect(await !Follower.round(one, book), "\(what)")
                #expect(try await one.store.identityCursor()?.syncedAtMs == good?.syncedAtMs, "\(what)")
                #expect(try await one.keys(did) == .keys([keys[1].publicKey]), "\(what)")
            }
            #expect(!one.directory.isFresh)
            #expect(try await one.keys(DID(publicKey: keys[3].publicKey)) == .unavailable, "never seen")
            log.fail(with: nil)
            log.replace(with: identity.log + innocent)
            #expect(await Follower.round(one, book), "it is well again")
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
        try await Follower.with(log) { one, book in
            let keys = try (1...6).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            var identity = try ScriptedIdentity(keys[0])
            for key in keys[1...3] { try identity.rotate(to: key) }
            let lost = try ScriptedIdentity(keys[5])
            log.append(identity.log + lost.log)
            #expect(await Follower.round(one, book))
            log.replace(with: identity.log)
            #expect(await !Follower.round(one, book), "it lost an operation")
            let before = try #require(try await one.store.identityCursor()?.position)
            try await one.pool.run { connection in
                _ = try connection.query(Statement("accept", statement), [])
            }
            log.append([try identity.rotate(to: keys[4])])
            #expect(await Follower.round(one, book))
            #expect(try await one.keys(did) == .keys([keys[4].publicKey]), "heard without a restart")
            #expect(try await one.keys(DID(publicKey: keys[5].publicKey)) == .keys([keys[5].publicKey]))
            let position = try #require(try await one.store.identityCursor()?.position)
            #expect(position > 5 && (statement.hasPrefix("DELETE") || position > before), "no position is given twice")
        }
    }

    @Test("an operation that does not follow breaks its chain only, on every process, until one follows again")
    func broken() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let two = try await Follower(book, log, holder: "two")
            let keys = try (1...5).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            var identity = try ScriptedIdentity(keys[0])
            var fork = identity
            try identity.rotate(to: keys[1])
            try fork.rotate(to: keys[2], atMs: ScriptedIdentity.beginningMs + 99)
            log.append(identity.log)
            #expect(await Follower.round(one, book))
            log.append(cid: "bafyx", token: "a.b.c")
            var other = try ScriptedIdentity(keys[3])
            log.append([fork.last] + other.log + [try other.rotate(to: keys[4])])
            #expect(await Follower.round(one, book), "one bad entry does not stop the copy")
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
            #expect(await Follower.round(one, book))
            #expect(try await one.keys(did) == .keys([keys[2].publicKey]) && one.sync.brokenCount == 0)
            await two.close()
        }
    }

    @Test("a log that does not know where reading stopped is read again, and what is known stays as it was")
    func reread() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let keys = try (1...4).map { try ScriptedIdentity.key($0) }
            var first = try ScriptedIdentity(keys[0])
            let second = try ScriptedIdentity(keys[1])
            try first.rotate(to: keys[2])
            log.append(first.log + second.log)
            #expect(await Follower.round(one, book))
            let before = try await one.store.authority(over: DID(publicKey: keys[0].publicKey))
            // Restored from a backup that lacks the last operation, and then written on.
            log.replace(with: first.log)
            #expect(await !Follower.round(one, book), "it lost an operation")
            #expect(await !Follower.round(one, book), "and still")
            log.replace(with: second.log + first.log + (try ScriptedIdentity(keys[3]).log))
            #expect(await Follower.round(one, book), "another order, nothing lost")
            #expect(try await one.store.authority(over: DID(publicKey: keys[0].publicKey)) == before)
            #expect(try await one.store.authority(over: DID(publicKey: keys[3].publicKey)) != nil)
            let cursor = try #require(try await one.store.identityCursor())
            #expect(cursor.reread == nil && cursor.position >= 7, "positions are not given twice")
            // Another relay may have less.
            let other = ScriptedRelayLog("http://other.test")
            other.append(second.log)
            let two = try await Follower(book, other, holder: "two")
            #expect(await Follower.round(two, book))
            #expect(try await two.store.authority(over: DID(publicKey: keys[0].publicKey)) == before)
            await two.close()
        }
    }

    @Test("two chains of one key: the first stays, the conflict is counted, told, and freezes payouts")
    func conflict() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let key = try ScriptedIdentity.key(1)
            let did = DID(publicKey: key.publicKey)
            let chains = try ["a", "b"].map { try ScriptedIdentity(key, name: $0) }
            log.append(chains[0].log)
            #expect(await Follower.round(one, book))
            #expect(
                try await one.directory.payoutStanding(of: did)
                    == PayoutStanding(isFrozen: false, ownAddressIsPayable: true))
            log.append(chains[1].log)
            #expect(await Follower.round(one, book))
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
}
