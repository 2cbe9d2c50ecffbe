import Foundation
import Testing

struct AttestTests {
    private func verify(
        _ identities: [Identity], _ files: [String], _ arguments: [String] = ["--relay", "off"]
    ) throws -> Program.Run {
        try Program.run(["attest", "verify"] + files + identities.flatMap { ["--chain", $0.chain] } + arguments)
    }

    /// An order for `author.py`.
    private func order(_ kind: String, _ kid: String, _ key: String, _ payload: [String: Any]) -> [String: Any] {
        ["kind": kind, "kid": kid, "key": key, "payload": payload]
    }

    private func attestation(
        of identity: Identity, subject: String, by key: String = "me", type: String = "transaction.settled",
        issuedAt: Int64 = 1_774_958_400_000
    ) throws -> [String: Any] {
        let issuer = try identity.work.did("me")
        return order(
            "attestation", issuer, identity.work.key(key),
            [
                "v": 1, "root": NSNull(), "type": type, "issuer": issuer, "context": "stl_1", "subject": subject,
                "issued_at": issuedAt,
                "payload": ["amount": 9999, "currency": "USD", "service": "shop", "type": "ticket"],
            ])
    }

    private static func nowMs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    private static func time(_ ms: Int64) -> String {
        Date(timeIntervalSince1970: Double(ms) / 1000).formatted(.iso8601).replacing("Z", with: ".000Z")
    }

    @Test("a node's attestation says in words who paid what, under the key that its issuer is")
    func attestation() throws {
        let node = try Identity(keys: ["payer"])
        let payer = try node.work.did("payer")
        let token = try Python.tokens([try attestation(of: node, subject: payer)])[0]
        let run = try Program.run(["attest", "verify", "-", "--relay", "off"], input: token + "\n")
        #expect(run.status == 0, "\(run.err)")
        let verdict = try run.object()
        let issuer = try node.work.did("me")
        #expect(verdict["valid"] as? Bool == true)
        #expect(verdict["kind"] as? String == "attestation")
        #expect(verdict["issuer"] as? String == issuer)
        #expect(verdict["subject"] as? String == payer)
        #expect(verdict["type"] as? String == "transaction.settled")
        #expect(verdict["issued_at"] as? String == "2026-03-31T12:00:00.000Z")
        #expect(verdict["key_by_chain"] as? Bool == false)
        #expect(
            verdict["says"] as? String
                == "\(issuer) attests that \(payer) paid 99.99 USD for a ticket through shop, settled as stl_1")
    }

    @Test("what a running node attests of a settlement verifies, and names the payer and the amount")
    func nodeAttestation() async throws {
        let node = try await TestNode.running()
        let work = try Work(keys: ["artist", "payer"])
        try node.fund(work.did("payer"), 5000)
        let manifest = try work.sign(
            work.manifest([("artist", "artist", "1")], id: "urn:test:\(UUID().uuidString)"), by: "artist")
        let settled = try node.settle(work, manifest: manifest, from: "payer", amount: 1234)
        let id = try #require(try settled.object()["id"] as? String, "\(settled.err)")
        let select = """
            SELECT a.jws FROM pay.attestations a JOIN pay.settlements s ON s.book_id = a.book_id AND s.entry_seq = a.seq
            WHERE s.settlement_id = :'id' ORDER BY a.cid;
            """
        let psql = ["-qXAt", node.databaseURL, "-v", "id=\(id)"]
        // They are signed after the answer: two of them for a payer's first settlement with a service.
        let deadline = ContinuousClock.now + .seconds(30)
        var tokens = ""
        while tokens.split(separator: "\n").count < 2, ContinuousClock.now < deadline {
            tokens = try Program.run(Program.find("psql"), psql, input: select).out
        }
        let run = try Program.run(["attest", "verify", "-", "--relay", "off"], input: tokens)
        #expect(run.status == 0, "\(run.err)")
        let rows = try run.rows()
        #expect(rows.count == 2)
        #expect(Set(rows.compactMap { $0["type"] as? String }) == ["transaction.settled", "customer"])
        for row in rows {
            #expect(row["subject"] as? String == (try work.did("payer")))
            #expect(row["context"] as? String == id)
        }
        #expect(rows.contains { ($0["says"] as? String)?.contains(" paid 12.34 USD ") == true })
    }

    @Test("after a rotation the chain decides: the old key for what is older, the new one for what is newer")
    func rotated() throws {
        let node = try Identity(keys: ["new", "stranger"])
        let before = Self.nowMs()
        try node.change("rotate", ["--new", "new"])
        let after = Self.nowMs() + 1
        let cases: [(key: String, at: Int64, code: String?)] = [
            ("me", before, nil), ("new", after, nil), ("me", after, "attestation_key_not_in_force"),
            ("new", before - 3_600_000, "attestation_key_not_in_force"),
            ("stranger", after, "attestation_signature_invalid"),
        ]
        let orders = try cases.map {
            try attestation(of: node, subject: node.work.did("stranger"), by: $0.key, issuedAt: $0.at)
        }
        for (token, expected) in zip(try Python.tokens(orders), cases) {
            let file = try node.work.folder.write("a.jws", token)
            let run = try verify([node], [file])
            #expect(run.status == (expected.code == nil ? 0 : 1), "\(expected): \(run.err)")
            #expect(try run.object()["code"] as? String == expected.code, "\(expected)")
        }
        // Without the chain the new key is nobody's.
        let token = try Python.tokens([orders[1]])[0]
        let run = try verify([], [try node.work.folder.write("b.jws", token)])
        #expect(run.status == 1)
        #expect(run.err.contains("give its chain with --chain"), "\(run.err)")
    }

    @Test("a chain that only lists somebody's key as a controller speaks for nobody but who began it")
    func takenOver() throws {
        let node = try Identity(keys: ["payer"])
        let thief = try Identity(keys: [], ["--controller-key", try node.work.did("me")])
        try thief.change("update", ["--controller-key", try thief.work.did("me")])
        #expect(try thief.shown()["binds"] as? String == (try thief.work.did("me")))
        var order = try attestation(of: node, subject: node.work.did("payer"), issuedAt: Self.nowMs() + 1)
        let own = try node.work.folder.write("own.jws", try Python.tokens([order])[0])
        #expect(try verify([thief], [own]).status == 0)
        order["key"] = thief.work.key("me")
        let forged = try node.work.folder.write("forged.jws", try Python.tokens([order])[0])
        let run = try verify([thief], [forged])
        #expect(run.status == 1)
        #expect(try run.object()["code"] as? String == "attestation_signature_invalid")
    }

    @Test("an attestation that was touched anywhere is invalid")
    func tampered() throws {
        let node = try Identity(keys: ["payer"])
        let good = try attestation(of: node, subject: node.work.did("payer"))
        var cases: [(String, [String: Any])] = []
        var wrong = good
        wrong["cid"] = "bafyreicoghvjznvliuloxxmbf54tpzqwahnqpilk7ncxepjinedpkga3ne"
        cases.append(("attestation_cid_mismatch", wrong))
        wrong = good
        wrong["kid"] = try node.work.did("payer")
        cases.append(("attestation_malformed", wrong))
        for (member, value) in [("v", 2), ("issued_at", "now"), ("subject", "nobody")] as [(String, Any)] {
            wrong = good
            var payload = try #require(good["payload"] as? [String: Any])
            payload[member] = value
            wrong["payload"] = payload
            cases.append(("attestation_malformed", wrong))
        }
        let tokens = try Python.tokens(cases.map(\.1) + [good])
        for (token, expected) in zip(tokens, cases) {
            let run = try verify([node], [try node.work.folder.write("a.jws", token)])
            #expect(run.status == 1)
            #expect(try run.object()["code"] as? String == expected.0, "\(run.out)")
        }
        let cut = String(tokens[cases.count].dropLast(8)) + "AAAAAAAA"
        let run = try verify([node], [try node.work.folder.write("a.jws", cut)])
        #expect(try run.object()["valid"] as? Bool == false)
    }

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
