import Foundation
import Testing

/// Statements of identities, and records that several of them sign.
struct RecordTests: Attesting {
    @Test("an artifact and the countersignature of the one whom it names are a bilateral record; a stranger's is not")
    func bilateral() throws {
        let (one, two, third) = (try Identity(), try Identity(), try Identity())
        let now = Self.time(Self.nowMs() + 1000)
        let artifact = try Python.tokens([
            order(
                "artifact", try one.kid("me"), one.work.key("me"),
                [
                    "version": 1, "type": "artifact", "did": try one.did(), "createdAt": now,
                    "content": ["$schema": "test/v1", "subject": try two.did()],
                ])
        ])[0]
        let file = try one.work.folder.write("artifact.jws", artifact)
        let alone = try verify([one], [file]).object()
        let cid = try #require(alone["cid"] as? String)
        #expect(alone["bilateral"] as? Bool == false)
        #expect(alone["subject"] as? String == (try two.did()))
        func countersigned(by witness: Identity) throws -> Program.Run {
            let token = try Python.tokens([
                order(
                    "countersign", try witness.kid("me"), witness.work.key("me"),
                    [
                        "version": 1, "type": "countersign", "did": try witness.did(), "targetCID": cid,
                        "relation": "received", "createdAt": now,
                    ])
            ])[0]
            return try verify([one, two, third], [file, try one.work.folder.write("counter.jws", token)])
        }
        let both = try countersigned(by: two)
        #expect(both.status == 0, "\(both.err)")
        let rows = try both.rows()
        #expect(rows.map { $0["bilateral"] as? Bool } == [true, true])
        #expect(rows.map { $0["counterparty"] as? String } == [try two.did(), try one.did()])
        #expect(rows[1]["type"] as? String == "received")
        #expect(rows[1]["target"] as? String == cid)
        #expect(rows[1]["subject"] as? String == (try one.did()))
        let stranger = try countersigned(by: third)
        #expect(stranger.status == 0, "\(stranger.err)")
        #expect(try stranger.rows().map { $0["bilateral"] as? Bool } == [false, false])
        let own = try countersigned(by: one)
        #expect(own.status == 1)
        #expect(try own.rows()[1]["code"] as? String == "proof_witness_is_author")
    }

    @Test("the payer's countersignature makes a node's attestation bilateral: its chain binds the DID that paid")
    func countersignedAttestation() throws {
        let (node, payer) = (try Identity(), try Identity())
        let attested = try Python.tokens([try attestation(of: node, subject: payer.work.did("me"))])[0]
        let file = try node.work.folder.write("a.jws", attested)
        let cid = try #require(try verify([node], [file]).object()["cid"] as? String)
        let token = try Python.tokens([
            order(
                "countersign", try payer.kid("me"), payer.work.key("me"),
                [
                    "version": 1, "type": "countersign", "did": try payer.did(), "targetCID": cid,
                    "createdAt": Self.time(Self.nowMs() + 1000),
                ])
        ])[0]
        // The node's chain began after what it attests here: until then the DID's own key counts.
        let run = try verify([node, payer], [file, try node.work.folder.write("c.jws", token)])
        #expect(run.status == 0, "\(run.err)")
        #expect(try run.rows().map { $0["bilateral"] as? Bool } == [true, true])
    }

    @Test("a credential holds for its time, under the key that its issuer had, until it is revoked")
    func credential() throws {
        let (issuer, reader) = (try Identity(keys: ["next"]), try Identity())
        let now = Self.nowMs() / 1000 + 1
        let credential = try Python.tokens([
            order(
                "credential", try issuer.kid("me"), issuer.work.key("me"),
                [
                    "version": 1, "type": "DFOSCredential", "iss": try issuer.did(), "aud": try reader.did(),
                    "att": [["resource": "chain:*", "action": "read"]], "prf": [], "iat": now, "exp": now + 3600,
                ])
        ])[0]
        let file = try issuer.work.folder.write("credential.jws", credential)
        func verdict(at seconds: Int64, _ files: [String] = []) throws -> (Int32, [String: Any]) {
            let at = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            let run = try verify([issuer, reader], files + [file], ["--relay", "off", "--at", at])
            return (run.status, files.isEmpty ? try run.object() : try #require(try run.rows().last))
        }
        let (status, valid) = try verdict(at: now + 5)
        #expect(status == 0, "\(valid)")
        #expect(valid["subject"] as? String == (try reader.did()))
        #expect((valid["permits"] as? [[String: String]])?.first == ["resource": "chain:*", "action": "read"])
        #expect(try verdict(at: now - 5).1["code"] as? String == "proof_credential_not_yet_valid")
        #expect(try verdict(at: now + 3600).1["code"] as? String == "proof_credential_expired")
        let cid = try #require(valid["cid"] as? String)
        let revocation = try Python.tokens([
            order(
                "revocation", try issuer.kid("me"), issuer.work.key("me"),
                [
                    "version": 1, "type": "revocation", "did": try issuer.did(), "credentialCID": cid,
                    "createdAt": Self.time(now * 1000),
                ])
        ])[0]
        let revoked = try verdict(at: now + 5, [try issuer.work.folder.write("revocation.jws", revocation)])
        #expect(revoked.0 == 1)
        #expect(revoked.1["code"] as? String == "proof_credential_revoked")
    }

    @Test("a statement by a key that was retired by then is invalid, though the chain once had it")
    func retiredKey() throws {
        let identity = try Identity(keys: ["next"])
        let kid = try identity.kid("me")
        try identity.change("rotate", ["--new", "next"])
        let token = try Python.tokens([
            order(
                "artifact", kid, identity.work.key("me"),
                [
                    "version": 1, "type": "artifact", "did": try identity.did(), "content": ["$schema": "test/v1"],
                    "createdAt": Self.time(Self.nowMs() + 2000),
                ])
        ])[0]
        let run = try verify([identity], [try identity.work.folder.write("a.jws", token)])
        #expect(run.status == 1)
        #expect(try run.object()["code"] as? String == "attestation_key_not_in_force")
        #expect(run.err.contains("retired at"), "\(run.err)")
    }

    @Test("what is not given is asked of the relay: chains, and what a witness signed")
    func fetched() throws {
        let relay = try RelayDouble()
        let identity = try Identity()
        let manifest = try identity.work.sign(try identity.work.manifest([("me", "artist", "1")]), by: "me")
        let out = identity.work.folder("anchor.jws")
        let anchor = try Program.run([
            "chain", "anchor", manifest, "--chain", identity.chain, "--key", identity.work.key("me"), "--out", out,
            "--relay", relay.url,
        ])
        #expect(anchor.status == 0, "\(anchor.err)")
        let run = try verify([], [out], ["--relay", relay.url])
        #expect(run.status == 0, "\(run.err)")
        #expect((try run.object()["says"] as? String)?.contains("anchors the manifest") == true)
        let witness = try Identity()
        let token = try Python.tokens([
            order(
                "countersign", try witness.kid("me"), witness.work.key("me"),
                [
                    "version": 1, "type": "countersign", "did": try witness.did(),
                    "targetCID": try anchor.object()["anchor"] ?? "", "createdAt": Self.time(Self.nowMs() + 1000),
                ])
        ])[0]
        let file = try witness.work.folder.write("c.jws", token)
        let joined = try verify([witness], [file], ["--relay", relay.url])
        #expect(joined.status == 0, "\(joined.err)")
        #expect(try joined.object()["bilateral"] as? Bool == true)
        #expect(try joined.object()["counterparty"] as? String == (try identity.did()))
        // Nobody to ask: that says nothing about the statement.
        #expect(try verify([], [out]).status == 69)
        #expect(try verify([], [out], ["--relay", "http://127.0.0.1:1"]).status == 69)
        #expect(try verify([], [out], ["--relay", relay.origin + "/strange"]).status == 69)
        let unknown = try verify([], [file], ["--relay", relay.url])
        #expect(unknown.status == 1)
        #expect(try unknown.object()["code"] as? String == "proof_identity_unknown")
    }

    @Test("a step of a chain is no statement, a file without tokens is bad input, nonsense is invalid")
    func strangers() throws {
        let identity = try Identity()
        let step = try verify([identity], [identity.chain])
        #expect(step.status == 1)
        #expect(try step.object()["code"] as? String == "attestation_kind_unsupported")
        for text in ["", " \n", "[]", "{}", "[1]"] {
            let run = try verify([], [try identity.work.folder.write("empty", text)])
            #expect(run.status == 65, "\(text)")
        }
        #expect(try verify([], ["missing.jws"]).status == 65)
        #expect(try verify([], [try identity.work.folder.write("n", "no.token.here")]).status == 1)
    }
}
