import Cryptography
import IdentityDouble
import Kernel
import LedgerDouble
import LedgerStore
import PostgresClient
import ProofChain
import Settlement
import Testing

@Suite("The verifier: signatures in their time")
struct SignatureVerificationTests {
    private static let slackMs: Int64 = 1_000

    private func manifest(_ id: String, by key: Ed25519PrivateKey, for did: DID) throws -> ManifestRecord {
        let text = #"{"id":"\#(id)","version":"0.3.0","contributors":[{"id":"\#(did)","role":"artist","weight":1}]}"#
        let json = try ManifestSigner.sign(try JSONDocument(parsing: text).root, key: key, signer: did)
        let cid = Manifest.cid(of: try JSONDocument(parsing: json).root)
        return ManifestRecord(cid: cid.string, manifestID: id, signer: did.string, json: json)
    }

    @Test("a manifest is judged by the keys that its signer had when it was recorded")
    func manifests() async throws {
        let book = try await OpenBook.make()
        let node = try ScriptedIdentity.key(9)
        let (store, pool) = try await book.open(node: DID(publicKey: node.publicKey))
        let (old, new, plain) = (
            try ScriptedIdentity.key(1), try ScriptedIdentity.key(2), try ScriptedIdentity.key(3)
        )
        let did = DID(publicKey: old.publicKey)
        func record(_ id: String, by key: Ed25519PrivateKey, for did: DID) async throws -> String {
            let record = try manifest(id, by: key, for: did)
            let command = Commands.command(key: id, body: id, .recordManifests([record]))
            #expect(try await store.decide(command).outcome.isDone)
            return record.cid
        }
        _ = try await record("before", by: old, for: did)
        _ = try await record("plain", by: plain, for: DID(publicKey: plain.publicKey))
        book.clock.advance(60_000)
        var identity = try ScriptedIdentity(old)
        try identity.rotate(to: new, atMs: book.clock.ms)
        let log = ScriptedRelayLog()
        log.append(identity.log)
        let clock = book.clock
        let directory = IdentityDirectory(reading: store, clock: { clock.ms }, isNamed: { _ in false })
        let sync = IdentitySync(
            IdentitySync.Parts(
                store: store, log: log, directory: directory, maxAgeMs: 10_000, clock: { clock.ms },
                logger: OpenBook.quiet))
        #expect(await sync.round())
        book.clock.advance(60_000)
        _ = try await record("after", by: new, for: did)
        func findings() throws -> [String] {
            let verifier = try LedgerVerifier(database: PostgresConfiguration(databaseURL: book.url))
            let report = try verifier.verify(signatureSlackMs: Self.slackMs)
            #expect(report.findings.allSatisfy { $0.code == .signatureInvalid })
            #expect((report.signatures ?? 0) >= 3)
            return report.findings.map(\.detail)
        }
        #expect(try findings() == [])
        // As a server would not let them in.
        let late = try await record("late", by: old, for: did)
        let forged = try await record("forged", by: plain, for: did)
        let found = try findings()
        #expect(found.count == 2)
        #expect(found.contains { $0.contains(late) && $0.contains("not in force") })
        #expect(found.contains { $0.contains(forged) && $0.contains("is not \(did)'s") })
        // Anchored before the rotation it counts, whenever it is recorded.
        try book.tamper(
            "INSERT INTO manifest_anchors VALUES (1, '\(late)', '\(identity.state.did)', 1);"
                + "DELETE FROM manifests WHERE cid = '\(forged)'")
        #expect(try findings() == [])
        let verifier = try LedgerVerifier(database: PostgresConfiguration(databaseURL: book.url))
        #expect(try verifier.verify().signatures == nil, "only when it is asked for")
        await store.close()
        await pool.close()
    }

    @Test("a payer's authorization is kept with its settlement, and judged by the keys then and what it allowed")
    func consents() async throws {
        let book = try await OpenBook.make()
        let (store, pool) = try await book.open(node: DID(publicKey: ScriptedIdentity.key(9).publicKey))
        let (key, other) = (try ScriptedIdentity.key(1), try ScriptedIdentity.key(2))
        let payer = DID(publicKey: key.publicKey)
        func token(by key: Ed25519PrivateKey, most: Int64 = 60, manifest: String = "bafytest") -> String {
            let claims =
                #"{"payer":"\#(payer)","audience":"\#(People.shop)","max_amount":\#(most),"currency":"USD","#
                + #""manifest_cid":"\#(manifest)","not_after":1,"nonce":"n"}"#
            return JWS.sign(payload: claims.utf8, key: key)
        }
        func settle(_ name: String, _ consent: Consent) async throws {
            let command = Commands.settle(name, payer: payer, to: [(People.bob, 60)], consent: consent)
            #expect(try await store.decide(command).outcome.isDone)
        }
        #expect(try await store.decide(Commands.fund("f", payer, 1_000)).outcome.isDone)
        try await settle("s", .authorization(nonce: "n", notAfterMs: .max, token: token(by: key)))
        try await settle("old", .authorization(nonce: "m", notAfterMs: .max))
        try await settle("own", .payer)
        let verifier = try LedgerVerifier(database: PostgresConfiguration(databaseURL: book.url))
        let clean = try verifier.verify(signatureSlackMs: 0)
        #expect(clean.findings == [] && clean.signatures == 1, "one statement was brought")
        for (forged, word) in [
            (token(by: other), "is not \(payer)'s"), (token(by: key, most: 59), "is for less"),
            (token(by: key, manifest: "bafyother"), "another manifest_cid"), ("a.b", "no token"),
        ] {
            try book.tamper("UPDATE consents SET token = '\(forged)'")
            let report = try verifier.verify(signatureSlackMs: 0)
            #expect(report.findingsCount == 1 && report.findings[0].code == .signatureInvalid)
            #expect(report.findings.first?.detail.contains(word) == true, "\(report.findings)")
        }
        // A key that was retired before cannot have consented.
        book.clock.advance(60_000)
        var identity = try ScriptedIdentity(key)
        try identity.rotate(to: other, atMs: book.clock.ms)
        try book.tamper("UPDATE consents SET token = '\(token(by: key))'")
        let log = ScriptedRelayLog()
        log.append(identity.log)
        let clock = book.clock
        let sync = IdentitySync(
            IdentitySync.Parts(
                store: store, log: log,
                directory: IdentityDirectory(reading: store, clock: { clock.ms }, isNamed: { _ in false }),
                maxAgeMs: 10_000, clock: { clock.ms }, logger: OpenBook.quiet))
        #expect(await sync.round())
        #expect(try verifier.verify(signatureSlackMs: 0).findings == [], "it was in force then")
        try book.tamper("UPDATE consents SET time_ms = \(People.noonMs + 100_000)")
        let late = try verifier.verify(signatureSlackMs: 0)
        #expect(late.findings.map(\.detail).contains { $0.contains("not in force") })
        await store.close()
        await pool.close()
    }

    @Test("an attestation is by the node, over what its CID says")
    func attestations() async throws {
        let book = try await OpenBook.make()
        let node = try ScriptedIdentity.key(9)
        let (store, pool) = try await book.open(node: DID(publicKey: node.publicKey))
        let worker = OutboxWorker(store: store, key: node, logger: OpenBook.quiet)
        #expect(try await store.decide(Commands.fund("f", People.ada, 100)).outcome.isDone)
        let settle = Commands.settle("s", payer: People.ada, to: [(People.bob, 60)])
        #expect(try await store.decide(settle).outcome.isDone)
        #expect(try await worker.signBatch() == 2)
        let verifier = try LedgerVerifier(database: PostgresConfiguration(databaseURL: book.url))
        let clean = try verifier.verify(signatureSlackMs: 0)
        #expect(clean.findings == [] && clean.signatures == 2)
        for (change, word) in [
            ("UPDATE attestations SET jws = 'a.b.c'", "no token"),
            ("UPDATE attestations SET payload = payload || '\\x00'", "CID"),
        ] {
            try book.tamper("CREATE TABLE kept AS SELECT * FROM attestations; " + change)
            let report = try verifier.verify(signatureSlackMs: 0)
            #expect(report.findingsCount == 2 && report.findings.allSatisfy { $0.detail.contains(word) })
            try book.tamper(
                "DELETE FROM attestations; INSERT INTO attestations SELECT * FROM kept; DROP TABLE kept")
        }
        let other = try ScriptedIdentity.key(8)
        try book.tamper("UPDATE books SET node_did = '\(DID(publicKey: other.publicKey))'")
        let report = try verifier.verify(signatureSlackMs: 0)
        #expect(report.findings.contains { $0.detail.contains("not signed by the node") })
        await store.close()
        await pool.close()
    }
}
