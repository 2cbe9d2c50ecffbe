import Foundation
import Testing

/// Against one running node, on a Postgres of its own.
struct LedgerTests {
    /// A payer with money, and a signed manifest of two.
    private func scene(_ node: TestNode, funds: Int = 10_000) throws -> (work: Work, manifest: String) {
        let work = try Work(keys: ["payer", "artist", "producer"])
        let manifest = try work.manifest(
            [("artist", "artist", "0.6"), ("producer", "producer", "0.4")], id: "urn:test:\(UUID().uuidString)")
        try node.fund(try work.did("payer"), funds)
        return (work, try work.sign(manifest, by: "artist"))
    }

    @Test("a settlement is paid once, and the same key gets the same bytes again")
    func settle() async throws {
        let node = try await TestNode.running()
        let (work, manifest) = try scene(node)
        let first = try node.settle(work, manifest: manifest, from: "payer", amount: 1000, key: "order-1")
        #expect(first.status == 0, "\(first.err)")
        let reply = try first.object()
        #expect(reply["status"] as? String == "settled")
        let splits = try #require(reply["splits"] as? [[String: Any]])
        #expect(splits.map { $0["amount"] as? Int } == [600, 400])
        let again = try node.settle(work, manifest: manifest, from: "payer", amount: 1000, key: "order-1")
        #expect(again.out == first.out)
        #expect(again.err.contains("first answer"))
        let other = try node.settle(work, manifest: manifest, from: "payer", amount: 999, key: "order-1")
        #expect(other.status == 1)
        #expect(other.err.contains("idempotency_key_reused"))
        let balances = try node.run(["ledger", "balances", "--did", try work.did("payer")]).rows()
        #expect(balances.map { $0["balance"] as? Int } == [9000])
    }

    @Test("refusals have the exit codes of their kind")
    func refusals() async throws {
        let node = try await TestNode.running()
        let (work, manifest) = try scene(node, funds: 10)
        let poor = try node.settle(work, manifest: manifest, from: "payer", amount: 11)
        #expect(poor.status == 1)
        #expect(poor.err.contains("insufficient_funds"))
        let malformed = try node.run(["settle", "-", "--key", work.key("payer")], input: "{}")
        #expect(malformed.status == 65, "\(malformed.out)")
        let body =
            #"{"from_did":"\#(try work.did("payer"))","amount":1,"currency":"USD","service":"s","type":"t","#
            + #""fair_manifest":\#(try String(contentsOfFile: manifest, encoding: .utf8))}"#
        let stranger = try node.run(["settle", "-", "--key", work.key("artist")], input: body)
        #expect(stranger.status == 77, "\(stranger.out)")
    }

    @Test("balances and their history have the shape that scripts read")
    func balances() async throws {
        let node = try await TestNode.running()
        let (work, manifest) = try scene(node)
        let did = try work.did("artist")
        let reply = try node.settle(work, manifest: manifest, from: "payer", amount: 500).object()
        let seq = try #require(reply["entry_seq"] as? Int)
        let row = try #require(try node.run(["ledger", "balances", "--did", did]).rows().first)
        #expect(
            Set(row.keys) == [
                "account", "kind", "owner", "currency", "posted_debits", "posted_credits", "pending_debits",
                "pending_credits", "balance",
            ])
        #expect(row["account"] as? String == "liability:cash:\(did):USD")
        #expect(row["owner"] as? String == did)
        #expect(row["balance"] as? Int == 300)
        let before = try node.run(["ledger", "balances", "--did", did, "--at-seq", "\(seq - 1)"])
        #expect(before.out == "[]\n")
        let at = try node.run([
            "ledger", "balances", "--did", did, "--at", try #require(reply["created_at"] as? String),
        ])
        #expect(try at.rows().first?["balance"] as? Int == 300)
        #expect(try node.run(["ledger", "balances", "--at", "2000-01-01"]).out == "[]\n")
        let statement = try node.run(["ledger", "statement", "--did", try work.did("payer")]).rows()
        #expect(statement.map { $0["amount"] as? Int } == [10_000, -500])
        #expect(statement.map { $0["balance"] as? Int } == [10_000, 9500])
        let entries = try node.run(["ledger", "entries", "--did", did]).rows()
        #expect(entries.map { $0["seq"] as? Int } == [seq])
        #expect((entries.first?["postings"] as? [Any])?.count == 3)
    }

    @Test("the book proves itself, and its trial balance is equal")
    func verify() async throws {
        let node = try await TestNode.running()
        let (work, manifest) = try scene(node)
        _ = try node.settle(work, manifest: manifest, from: "payer", amount: 77)
        let run = try node.run(["ledger", "verify", "--format", "json"])
        #expect(run.status == 0, "\(run.err)")
        let report = try run.object()
        #expect(report["ok"] as? Bool == true)
        #expect((report["findings"] as? [Any])?.isEmpty == true)
        #expect((report["head_hash"] as? String)?.count == 64)
        #expect((report["entries"] as? Int ?? 0) >= 2)
        #expect((report["postings"] as? Int ?? 0) >= 5)
        let trial = try node.run(["ledger", "trial-balance"]).rows()
        let debits = trial.reduce(0) { $0 + ($1["debits"] as? Int ?? 0) }
        #expect(debits > 0)
        #expect(debits == trial.reduce(0) { $0 + ($1["credits"] as? Int ?? 0) })
    }

    @Test("a file funds many balances, and a wrong line funds none")
    func fundFile() async throws {
        let node = try await TestNode.running()
        let name = UUID().uuidString.lowercased()
        let lines = (0..<1200).map { #"{"did":"did:imajin:soft:\#(name)-\#($0)","amount":5,"currency":"MJN"}"# }
        let run = try node.run(["ledger", "fund", "--file", "-"], input: lines.joined(separator: "\n") + "\n")
        #expect(run.status == 0, "\(run.err)")
        #expect(run.out == "{\"funded\":1200}\n")
        let last = try node.run(["ledger", "balances", "--did", "did:imajin:soft:\(name)-1199"]).rows()
        #expect(last.map { $0["balance"] as? Int } == [5])
        let other = "did:imajin:soft:\(UUID().uuidString)"
        let wrong = try node.run(
            ["ledger", "fund", "--file", "-"], input: #"{"did":"\#(other)","amount":5,"currency":"MJN"}"# + "\n{}\n")
        #expect(wrong.status == 65)
        #expect(wrong.err.contains("line 2"))
        #expect(try node.run(["ledger", "balances", "--did", other]).out == "[]\n")
    }

    @Test("credit is funded against promotions")
    func credit() async throws {
        let node = try await TestNode.running()
        let did = "did:imajin:soft:\(UUID().uuidString)"
        let run = try node.run(
            ["ledger", "fund", "--did", did, "--amount", "250", "--currency", "USD", "--as", "credit"])
        #expect(try run.object()["as"] as? String == "credit")
        #expect(try node.run(["ledger", "balances", "--did", did]).rows().first?["kind"] as? String == "credit")
    }

    @Test("a service is allowed, listed, and revoked")
    func services() async throws {
        let node = try await TestNode.running()
        let work = try Work(keys: ["service"])
        let did = try work.did("service")
        let allow = try node.run(
            [
                "service", "allow", did, "--name", "till", "--scope", "settle,read", "--from", "any", "--max-amount",
                "900",
            ])
        #expect(allow.status == 0, "\(allow.err)")
        func row() throws -> [String: Any]? {
            try node.run(["service", "list"]).rows().first { $0["did"] as? String == did }
        }
        #expect(try row()?["scopes"] as? [String] == ["settle", "read"])
        #expect(try row()?["from"] as? String == "any")
        #expect(try row()?["max_amount"] as? Int == 900)
        #expect(try row()?["revoked_at"] is NSNull)
        #expect(try node.run(["service", "revoke", did]).status == 0)
        #expect(try row()?["revoked_at"] is String)
        #expect(try node.run(["service", "revoke", did]).status == 1)
    }

    @Test("a frozen DID cannot pay, and the audit log says why")
    func freeze() async throws {
        let node = try await TestNode.running()
        let (work, manifest) = try scene(node)
        let did = try work.did("payer")
        let frozen = try node.run(["account", "freeze", did, "--reason", "a test, with a comma"])
        #expect(try frozen.object()["frozen"] as? Bool == true)
        #expect(try node.settle(work, manifest: manifest, from: "payer", amount: 1).err.contains("account_frozen"))
        #expect(try node.run(["account", "unfreeze", did, "--reason", "over"]).status == 0)
        #expect(try node.settle(work, manifest: manifest, from: "payer", amount: 1).status == 0)
        let limit = ["account", "limit", did, "--currency", "USD", "--amount", "9990", "--reason", "dispute"]
        #expect(try node.run(limit).status == 0)
        #expect(try node.settle(work, manifest: manifest, from: "payer", amount: 10).err.contains("insufficient_funds"))
        let audit = try node.run(["account", "audit"]).rows().filter { $0["subject"] as? String == did }
        #expect(audit.compactMap { $0["reason"] as? String } == ["dispute", "over", "a test, with a comma"])
    }
}
