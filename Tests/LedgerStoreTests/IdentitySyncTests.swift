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

@Suite("The copy of identities: following a relay")
struct IdentitySyncTests {
    @Test("follows the log: chains bind, rotate, end and come back, and every process is told")
    func follows() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let two = try await Follower(book, log, holder: "two")
            let keys = try (1...3).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            #expect(await Follower.round(one, book))
            #expect(try await one.keys(did) == .keys([keys[0].publicKey]), "not bound yet")
            var identity = try ScriptedIdentity(keys[0])
            log.append(identity.log)
            #expect(await Follower.round(one, book))
            log.append([try identity.rotate(to: keys[1])])
            #expect(await Follower.round(one, book))
            #expect(try await one.keys(did) == .keys([keys[1].publicKey]))
            let pages = log.pages
            #expect(await two.sync.round())
            #expect(log.pages == pages, "the other process reads what the first took")
            #expect(try await two.keys(did) == .keys([keys[1].publicKey]) && two.directory.isFresh)
            log.append([try identity.delete()])
            #expect(await Follower.round(two, book))
            #expect(try await two.keys(did) == .retired)
            #expect(await one.sync.round())
            #expect(try await one.keys(did) == .retired)
            log.append([try identity.restore()])
            #expect(await Follower.round(one, book))
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
        try await Follower.with(log) { one, book in
            var identity = try ScriptedIdentity(keys[0])
            try identity.rotate(to: keys[1])
            log.append(identity.log)
            #expect(await Follower.round(one, book))
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

    @Test("a long log in small pages, taken by two processes at once, gives one copy")
    func race() async throws {
        let log = ScriptedRelayLog()
        log.limitPages(to: 7)
        try await Follower.with(log) { one, book in
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
            #expect(await Follower.round(one, book))
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
        try await Follower.with(log) { one, book in
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
            #expect(await Follower.round(one, book))
            let found = try await one.store.evidence(for: cid, authority: did, signer: did)
            #expect(found == ManifestEvidence(recordedAtMs: People.noonMs, anchoredAtPosition: 2))
            let other = try await one.store.evidence(for: cid, authority: People.ada, signer: People.ada)
            #expect(other == .none)
        }
    }

    @Test("session keys of retired keys go, those of current ones stay")
    func sessionKeys() async throws {
        try await Follower.with(nil) { one, _ in
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
