import Cryptography
import Foundation
import Kernel
import LedgerDouble
import LedgerStore
import Settlement
import Testing

/// The operator's commands for payments, payouts and rails, against a running node whose rails are off.
struct RailCommandTests {
    /// Somebody with money.
    private func person(_ node: TestNode, funds: Int) throws -> DID {
        let did = try DID(kind: .soft, id: "rail-\(UUID().uuidString)")
        if funds > 0 { try node.fund(did.string, funds) }
        return did
    }

    /// A name of somebody's own.
    private func key(_ did: DID) -> String { String(did.string.split(separator: ":").last ?? "") }

    @Test("a stopped payout is seen, retried, and called off, and the audit log says by whom")
    func payouts() async throws {
        let node = try await TestNode.running()
        let payee = try person(node, funds: 1000)
        var id = ""
        try await RailBook.with(node) { id = try await $0.stoppedPayout(key(payee), payee, 600) }
        let list = try node.run(["payout", "list", "--status", "stopped", "--did", payee.string]).rows()
        #expect(list.map { $0["id"] as? String } == [id])
        #expect(list[0]["amount"] as? Int == 600)
        #expect((list[0]["reason"] as? String)?.hasPrefix("rail_declined") == true)
        let csv = try node.run(["payout", "list", "--did", payee.string, "--rail", "emt", "--format", "csv"])
        #expect(csv.out.hasPrefix("id,created_at,did,") && csv.out.split(separator: "\n").count == 1)

        let shown = try node.run(["payout", "show", id, "--format", "json"]).object()
        let events = try #require(shown["events"] as? [[String: Any]])
        #expect(events.first?["event"] as? String == "payout_opened")
        #expect(events.last?["event"] as? String == "payout_stopped")
        let table = try node.run(["payout", "show", id, "--format", "table"])
        #expect(table.out.contains("payout_retried") && table.out.contains("6.00 USD"), "\(table.out)")

        let retried = try node.run(["payout", "retry", id, "--reason", "account open again"])
        #expect(retried.status == 0, "\(retried.err)")
        #expect(try retried.object()["status"] as? String == "held")
        let cancelled = try node.run(["payout", "cancel", id, "--reason", "wrong account"])
        #expect(cancelled.status == 0, "\(cancelled.err)")
        #expect(try cancelled.object()["status"] as? String == "cancelled")
        let again = try node.run(["payout", "cancel", id, "--reason", "wrong account"])
        #expect(again.status == 1 && again.err.contains("state_conflict"), "\(again.err)")
        let balance = try node.run(["ledger", "balances", "--did", payee.string]).rows()
        #expect(balance.map { $0["balance"] as? Int } == [1000])
        let audit = try node.run(["account", "audit"]).rows().filter { $0["subject"] as? String == id }
        #expect(audit.compactMap { $0["action"] as? String } == ["payout_cancelled", "payout_retried"])
        #expect(audit.allSatisfy { ($0["actor"] as? String)?.hasPrefix("operator:") == true })
        let unknown = try node.run(["payout", "show", "po_none"])
        #expect(unknown.status == 1 && unknown.err.contains("mjn payout list"), "\(unknown.err)")
    }

    @Test("money in suspense is given to a person, or sent back")
    func suspense() async throws {
        let node = try await TestNode.running()
        let (payer, finder) = (try person(node, funds: 0), try person(node, funds: 0))
        var ids: [String] = []
        try await RailBook.with(node) { book in
            for number in 0..<2 {
                ids.append(
                    try await book.payment("\(key(payer))-\(number)", payer, 1000, arrived: 990 + Int64(number)))
            }
        }
        let list = try node.run(
            ["payment", "list", "--status", "suspended", "--unspent", "--did", payer.string]
        ).rows()
        #expect(Set(list.compactMap { $0["id"] as? String }) == Set(ids))
        let assigned = try node.run(
            ["payment", "assign", ids[0], "--to", finder.string, "--reason", "found the order"])
        #expect(assigned.status == 0, "\(assigned.err)")
        let balance = try node.run(["ledger", "balances", "--did", finder.string]).rows()
        #expect(balance.map { $0["balance"] as? Int } == [990])
        let refund = try node.run(["payment", "refund", ids[1], "--reason", "overpaid elsewhere"])
        #expect(refund.status == 0, "\(refund.err)")
        let reply = try refund.object()
        #expect(reply["object"] as? String == "rail_refund" && reply["amount"] as? Int == 991)
        let shown = try node.run(["payment", "show", ids[1], "--format", "json"]).object()
        #expect(shown["returning"] as? Int == 991 && shown["unspent"] as? Int == 0)
        let twice = try node.run(["payment", "refund", ids[1], "--reason", "again"])
        #expect(twice.status == 1 && twice.err.contains("no unspent money"), "\(twice.err)")
        let verify = try node.run(["ledger", "verify"])
        #expect(verify.status == 0, "\(verify.out)")
    }

    @Test("a payee's policy is shown, and a run without a rail says what is missing")
    func payees() async throws {
        let node = try await TestNode.running()
        let payee = try person(node, funds: 700)
        let policy = PayoutPolicy(
            destinations: [.init(rail: .stripe, currency: "USD", address: "acct_1")], defaultRail: .stripe,
            schedule: .manual, minimumMinor: ["USD": 500])
        try await RailBook.with(node) { book in
            try await book.run(
                LifecycleCommands.open(
                    .payee(.changed(policy, effectiveAtMs: 0)), id: Payee.id(payee.string), owners: [],
                    caller: payee.string, key: "policy", requestHash: LifecycleCommands.hash(payee.string)))
        }
        let shown = try node.run(["payee", "show", payee.string, "--format", "json"]).object()
        #expect(shown["did"] as? String == payee.string)
        let list = try node.run(["payee", "list"]).rows()
        #expect(list.contains { $0["did"] as? String == payee.string })
        let dry = try node.run(["payout", "run", "--dry-run", "--did", payee.string]).rows()
        #expect(dry.map { $0["status"] as? String } == ["skipped"])
        #expect((dry[0]["reason"] as? String)?.hasPrefix("rail_off") == true && dry[0]["amount"] as? Int == 700)
        let run = try node.run(["payout", "run"])
        #expect(run.status == 69 && run.err.contains("MJN_STRIPE_SECRET_KEY is not set"), "\(run.err)")
        let nobody = try node.run(["payout", "run", "--dry-run", "--did", "did:imajin:soft:nobody-at-all"])
        #expect(nobody.status == 1 && nobody.err.contains("no payout policy"), "\(nobody.err)")
    }

    @Test("the rails' state shows what is off, the ledger's side, and what waits")
    func status() async throws {
        let node = try await TestNode.running()
        let payer = try person(node, funds: 0)
        try await RailBook.with(node) { _ = try await $0.payment("\(key(payer))-s", payer, 500, arrived: 400) }
        let run = try node.run(["rail", "status", "--format", "json"])
        #expect(run.status == 0, "\(run.err)")
        let page = try run.object()
        let rails = try #require(page["rails"] as? [[String: Any]])
        let stripe = try #require(rails.first { $0["rail"] as? String == "stripe" })
        #expect(stripe["on"] as? Bool == false && stripe["reason"] as? String == "MJN_STRIPE_SECRET_KEY is not set")
        let balances = try #require(stripe["balances"] as? [[String: Any]])
        let dollars = try #require(balances.first { $0["currency"] as? String == "USD" })
        #expect(dollars["ledger"] is Int && dollars["in_flight"] is Int && dollars["at_rail"] is NSNull)
        let attention = try #require(page["attention"] as? [String: Int])
        #expect((attention["suspended_payments"] ?? 0) > 0)
        let table = try node.run(["rail", "status", "--format", "table"])
        #expect(table.out.contains("payments in suspense"), "\(table.out)")
        let ready = try Program.run(try Program.find("curl"), ["-s", node.payURL + "/api/ready"])
        #expect(ready.out.contains("MJN_STRIPE_SECRET_KEY is not set"), "\(ready.out)")
        #expect(try ready.object()["ready"] as? Bool == true)
        let metrics = try Program.run(try Program.find("curl"), ["-s", node.payURL + "/metrics"])
        #expect(metrics.out.contains("mjn_rail_due ") && metrics.out.contains("mjn_rail_attention{"), "\(metrics.out)")
    }

    @Test("the settings of rails are read, checked, and shown without secrets")
    func settings() throws {
        let folder = try Folder()
        let file = try folder.write("key", "sk_test_from_file\n")
        let good = [
            "MJN_STRIPE_SECRET_KEY_FILE": file, "MJN_STRIPE_WEBHOOK_SECRET": "whsec_hunter2,whsec_hunter3",
            "MJN_RAIL_FEE_BEARER": "payer", "MJN_PAYER_SURCHARGE": "USD=290+30", "MJN_PAYEE_CHANGE_HOURS": "0",
            "MJN_RETURN_ORIGINS": "https://shop.example",
        ]
        let run = try Program.run(["doctor", "--config", "--format", "json"], environment: good)
        #expect(run.status == 0 && !run.out.contains("hunter") && !run.out.contains("sk_test"))
        #expect(run.out.contains("USD=290+30"))
        let checks = try Program.run(
            ["doctor", "--format", "json", "--data-dir", folder("data")], environment: good)
        #expect(!checks.out.contains("hunter") && !checks.out.contains("sk_test"))
        #expect(!checks.out.contains("MJN_STRIPE_SECRET_KEY is not set"), "\(checks.out)")
        let bad: [(String, String)] = [
            ("MJN_STRIPE_SECRET_KEY", "pk_test_hunter2"), ("MJN_STRIPE_SECRET_KEY", "sk_hunter2\u{e9}"),
            ("MJN_STRIPE_SECRET_KEY_FILE", folder("none")), ("MJN_STRIPE_WEBHOOK_SECRET", "whsec hunter2"),
            ("MJN_STRIPE_API_BASE", "http://stripe.example"), ("MJN_RAIL_FEE_BEARER", "nobody"),
            ("MJN_PAYER_SURCHARGE", "USD=290"), ("MJN_PAYER_SURCHARGE", "USD=290+30"),
            ("MJN_RETURN_ORIGINS", "https://shop.example/path"), ("MJN_PAYEE_CHANGE_HOURS", "-1"),
        ]
        for (name, value) in bad {
            let run = try Program.run(
                ["doctor", "--format", "json", "--data-dir", folder("data")], environment: [name: value])
            #expect(run.out.contains("\"settings\"") && run.out.contains(name), "\(name)=\(value): \(run.out)")
            #expect(run.status == 1 && !run.out.contains("hunter2"), "\(name)=\(value): \(run.out)")
        }
    }
}
