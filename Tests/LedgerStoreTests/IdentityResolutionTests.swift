import Cryptography
import IdentityDouble
import Kernel
import LedgerDouble
import LedgerStore
import ProofChain
import Settlement
import Testing

@Suite("Resolving a conflict or a break")
struct IdentityResolutionTests {
    private func resolve(
        _ follower: Follower, _ did: DID, keep chain: DFOSDID, head: CID? = nil, line: String
    ) async throws -> IdentityResolutionOutcome {
        try await follower.store.resolve(
            IdentityResolution(did: did, kept: chain, head: head, reason: "by phone", actor: "operator:ada"),
            auditID: line, nowMs: 7_000)
    }

    @Test("the chain that is kept is the first; payouts go on in every process, and a third chain freezes them again")
    func conflict() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let two = try await Follower(book, log, holder: "two")
            let key = try ScriptedIdentity.key(1)
            let did = DID(publicKey: key.publicKey)
            let chains = try ["a", "b", "c"].map { try ScriptedIdentity(key, name: $0) }
            let first = chains[0].state.did
            #expect(try await resolve(one, did, keep: first, line: "0") == .unbound)
            log.append(chains[0].log)
            #expect(await Follower.round(one, book))
            #expect(try await resolve(one, did, keep: first, line: "0") == .nothingInDoubt)
            log.append(chains[1].log)
            #expect(await Follower.round(one, book))
            #expect(await two.sync.round())
            #expect(try await two.directory.payoutStanding(of: did).isFrozen && two.sync.conflictsCount == 1)
            #expect(try await resolve(one, did, keep: chains[1].state.did, line: "0") == .otherChain(first))
            #expect(try await one.store.auditLog(limit: 10).isEmpty, "a refusal leaves nothing behind")
            #expect(
                try await resolve(one, did, keep: first, line: "1") == .resolved(conflict: true, isBreak: false))
            #expect(try await resolve(one, did, keep: first, line: "2") == .nothingInDoubt)
            for process in [one, two] {
                #expect(await process.sync.round())
                #expect(try await !process.directory.payoutStanding(of: did).isFrozen)
                #expect(process.sync.conflictsCount == 0)
            }
            let audit = try await one.store.auditLog(limit: 10)
            #expect(audit.map(\.action) == ["resolve \(first)"] && audit.map(\.subject) == [did.string])
            #expect(audit.map(\.reason) == ["by phone"] && audit.map(\.actor) == ["operator:ada"])
            log.append(chains[2].log)
            #expect(await Follower.round(one, book))
            #expect(await two.sync.round())
            #expect(try await two.directory.payoutStanding(of: did).isFrozen && two.sync.conflictsCount == 1)
            #expect(try await one.store.authority(over: did)?.binding.conflict?.identity == chains[2].state.did)
            await two.close()
        }
    }

    @Test("a break is mended for the head that was looked up elsewhere, and counts without a restart")
    func mended() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let two = try await Follower(book, log, holder: "two")
            let keys = try (1...3).map { try ScriptedIdentity.key($0) }
            let did = DID(publicKey: keys[0].publicKey)
            var identity = try ScriptedIdentity(keys[0])
            var fork = identity
            try identity.rotate(to: keys[1])
            try fork.rotate(to: keys[2], atMs: ScriptedIdentity.beginningMs + 99)
            log.append(identity.log + [fork.last])
            #expect(await Follower.round(one, book))
            #expect(await two.sync.round())
            #expect(try await two.keys(did) == .unavailable && two.sync.brokenCount == 1)
            let chain = identity.state.did
            for head in [nil, fork.last.cid] {
                #expect(
                    try await resolve(one, did, keep: chain, head: head, line: "0")
                        == .otherHead(known: identity.last.cid))
            }
            #expect(
                try await resolve(one, did, keep: chain, head: identity.last.cid, line: "1")
                    == .resolved(conflict: false, isBreak: true))
            for process in [one, two] {
                #expect(await process.sync.round())
                #expect(try await process.keys(did) == .keys([keys[1].publicKey]) && process.sync.brokenCount == 0)
            }
            await two.close()
        }
    }

    @Test("who signed a manifest that the book recorded is known after a restart while the relay is out")
    func recordedSigner() async throws {
        let log = ScriptedRelayLog()
        try await Follower.with(log) { one, book in
            let key = try ScriptedIdentity.key(1)
            let did = DID(publicKey: key.publicKey)
            let json = Array(#"{"a":1}"#.utf8)
            let record = ManifestRecord(
                cid: CID(codec: .raw, hashing: json).string, manifestID: "m", signer: did.string, json: json)
            let command = Commands.command(key: "m", body: "m", .recordManifests([record]))
            #expect(try await one.store.decide(command).outcome.isDone)
            log.fail(with: .unreachable("gone"))
            book.clock.advance(Follower.maxAgeMs + 1)
            let later = try await Follower(book, log, holder: "later")
            #expect(await !later.sync.round())
            #expect(try await later.keys(did) == .keys([key.publicKey]))
            #expect(try await later.keys(DID(publicKey: ScriptedIdentity.key(2).publicKey)) == .unavailable)
            let trouble = try #require(later.sync.trouble)
            #expect(trouble.contains("not complete yet") && trouble.contains("the relay does not answer: gone"))
            log.fail(with: nil)
            #expect(await Follower.round(later, book))
            #expect(later.sync.trouble == nil && later.sync.ageSeconds == 0)
            await later.close()
        }
    }
}
