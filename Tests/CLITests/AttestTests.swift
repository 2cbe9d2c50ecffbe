import Foundation
import Testing

struct AttestTests: Attesting {
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
}
