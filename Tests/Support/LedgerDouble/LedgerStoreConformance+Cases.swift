import Cryptography
import Kernel
import Settlement

extension LedgerStoreConformance {
    @Sendable static func settles(_ probe: inout Probe) async throws {
        let (payer, payee) = (probe.did("settle-payer"), probe.did("settle-payee"))
        _ = try await probe.run(Commands.fund(probe.key("settle-1"), payer, 70))
        _ = try await probe.run(Commands.fund(probe.key("settle-2"), payer, 30, asCredit: true))
        let outcome = try await probe.run(Commands.settle(probe.key("settle"), payer: payer, to: [(payee, 80)]))
        let stored = try await probe.store.settlement(outcome.reference ?? "")
        probe.expect(stored?.reply == outcome.body, "the reply is stored")
        probe.expect(stored?.grossMinor == 80 && stored?.creditMinor == 30, "gross and credit are stored")
        probe.expect(stored?.payer == payer && stored?.refundedMinor == 0, "payer and refunded are stored")
        let (left, gained) = (try await probe.balance(payer), try await probe.balance(payee))
        probe.expect(left.cashMinor == 20 && left.creditMinor == 0, "the payer has \(left)")
        probe.expect(gained.cashMinor == 80 && gained.availableMinor == 80, "the payee has \(gained)")
    }

    @Sendable static func replays(_ probe: inout Probe) async throws {
        let who = probe.did("replay")
        let command = Commands.fund(probe.key("replay"), who, 5)
        let first = try await probe.run(command)
        let second = try await probe.run([command], atomically: false)
        probe.expect(second == [.replayed(first)], "the retry got \(second)")
        let reused = try await probe.run(Commands.fund(probe.key("replay"), who, 6))
        probe.expect(reused.code == "idempotency_key_reused", "another body got \(reused)")
        let balance = try await probe.balance(who)
        probe.expect(balance.cashMinor == 5, "the balance is \(balance)")
    }

    @Sendable static func refuses(_ probe: inout Probe) async throws {
        let (poor, rich) = (probe.did("refuse-poor"), probe.did("refuse-rich"))
        let decisions = try await probe.run(
            [
                Commands.fund(probe.key("refuse-1"), rich, 10),
                Commands.settle(probe.key("refuse-2"), payer: poor, to: [(rich, 1)]),
                Commands.fund(probe.key("refuse-3"), rich, 10),
            ], atomically: false)
        let codes = decisions.map(\.outcome.code)
        probe.expect(codes == [nil, "insufficient_funds", nil], "the codes are \(codes)")
        let balance = try await probe.balance(rich)
        probe.expect(balance.cashMinor == 20, "the balance is \(balance)")
    }

    @Sendable static func groups(_ probe: inout Probe) async throws {
        let (one, other) = (probe.did("group-1"), probe.did("group-2"))
        let fund = Commands.fund(probe.key("group-1"), one, 10)
        let tooMuch = Commands.settle(probe.key("group-2"), payer: one, to: [(other, 11)])
        let refused = try await probe.run([fund, tooMuch], atomically: true).map(\.outcome.code)
        probe.expect(refused == ["batch_aborted", "insufficient_funds"], "the codes are \(refused)")
        let before = try await probe.balance(one)
        probe.expect(before.cashMinor == 0, "something of a refused group was done")
        let fits = Commands.settle(probe.key("group-3"), payer: one, to: [(other, 10)])
        let done = try await probe.run([fund, fits], atomically: true).map(\.outcome.isDone)
        probe.expect(done == [true, true], "a good group was refused")
        let after = try await probe.balance(other)
        probe.expect(after.cashMinor == 10, "the balance is \(after)")
    }

    @Sendable static func refunds(_ probe: inout Probe) async throws {
        let (payer, payee, other) = (probe.did("refund-1"), probe.did("refund-2"), probe.did("refund-3"))
        _ = try await probe.run(Commands.fund(probe.key("refund-1"), payer, 100))
        let settlement = Commands.settle(probe.key("refund-2"), payer: payer, to: [(payee, 100)])
        let made = try await probe.run(settlement)
        _ = try await probe.run(Commands.settle(probe.key("refund-3"), payer: payee, to: [(other, 70)]))
        _ = try await probe.run(Commands.refund(probe.key("refund-4"), of: settlement, 40))
        let partly = try await probe.store.settlement(made.reference ?? "")
        probe.expect(partly?.refundedMinor == 40, "refunded is \(partly?.refundedMinor ?? -1)")
        let debtor = try await probe.balance(payee)
        probe.expect(debtor.cashMinor == 0 && debtor.receivableMinor == 10, "the payee has \(debtor)")
        let over = try await probe.run(Commands.refund(probe.key("refund-5"), of: settlement, 61))
        probe.expect(over.code == "refund_exceeds_remainder", "too much got \(over.code ?? "done")")
        _ = try await probe.run(Commands.fund(probe.key("refund-6"), payee, 25))
        let netted = try await probe.balance(payee)
        probe.expect(netted.cashMinor == 15 && netted.receivableMinor == 0, "the payee has \(netted)")
    }

    @Sendable static func pages(_ probe: inout Probe) async throws {
        let (who, other) = (probe.did("page-1"), probe.did("page-2"))
        for index in 0..<7 { _ = try await probe.run(Commands.fund(probe.key("page-\(index)"), who, Int64(index + 1))) }
        _ = try await probe.run(Commands.settle(probe.key("page-s"), payer: who, to: [(other, 3)]))
        var lines: [TransactionLine] = []
        for _ in 0..<10 {
            let page = try await probe.store.transactions(of: who, before: lines.last?.cursor, limit: 3)
            probe.expect(page.count <= 3, "a page has \(page.count) lines")
            lines += page
        }
        let amounts = lines.map(\.amountMinor)
        probe.expect(amounts == [3, 7, 6, 5, 4, 3, 2, 1], "the amounts are \(amounts)")
        let balances = lines.map(\.balanceMinor)
        probe.expect(balances == [25, 28, 21, 15, 10, 6, 3, 1], "the balances are \(balances)")
        probe.expect(lines.first?.side == .debit && lines.first?.causeKind == "settlement", "the newest is the debit")
        probe.expect(lines.allSatisfy { $0.account == .cash && $0.currency == Commands.usd }, "all of it is cash")
    }

    @Sendable static func holds(_ probe: inout Probe) async throws {
        let (who, other) = (probe.did("hold-1"), probe.did("hold-2"))
        _ = try await probe.run(Commands.fund(probe.key("hold-1"), who, 10))
        let hold = Commands.hold(probe.key("hold-2"), from: .cash(who), to: .escrow(other), 6)
        _ = try await probe.run(hold)
        let held = try await probe.balance(who)
        probe.expect(held.heldMinor == 6 && held.availableMinor == 4, "held, there is \(held)")
        let post = try await probe.run(Commands.resolve(probe.key("hold-3"), hold, .post(amountMinor: 5)))
        probe.expect(post.isDone, "the post got \(post.code ?? "-")")
        let after = try await probe.balance(who)
        probe.expect(after.cashMinor == 5 && after.heldMinor == 0, "posted, there is \(after)")
        let again = try await probe.run(Commands.resolve(probe.key("hold-4"), hold, .void))
        probe.expect(again.code == "hold_resolved", "a second end got \(again.code ?? "done")")
    }

    @Sendable static func gas(_ probe: inout Probe) async throws {
        let (sender, founder, recipient) = (probe.did("gas-1"), probe.did("gas-2"), probe.did("gas-3"))
        _ = try await probe.run(Commands.fund(probe.key("gas-1"), sender, 1000, "MJN"))
        for index in 2...3 {
            _ = try await probe.run(
                Commands.gas(probe.key("gas-\(index)"), from: sender, to: recipient, cluster: founder))
        }
        let facts = try await probe.store.gasFacts(cluster: founder, recipient: recipient, sinceMs: 0)
        probe.expect(facts.sentCount == 2, "\(facts.sentCount) messages are counted")
        let own = try await probe.store.gasFacts(cluster: sender, recipient: recipient, sinceMs: 0)
        probe.expect(own.sentCount == 0, "the sender alone has \(own.sentCount)")
        let cluster = try await probe.store.gasCluster(of: sender)
        probe.expect(cluster == sender, "an undeclared sender is its own cluster")
        let left = try await probe.store.balances(of: sender).first { $0.currency == "MJN" }?.cashMinor
        probe.expect(left == 750, "after two messages \(left ?? -1) are left")
    }

    @Sendable static func manifests(_ probe: inout Probe) async throws {
        let json = Array(#"{ "id" : "\#(probe.key("song")) " }"#.utf8)
        // A manifest's CID is over its canonical bytes, which are not those that it came in.
        let cid = CID(codec: .raw, hashing: Array(#"{"id":"\#(probe.key("song")) "}"#.utf8))
        let record = ManifestRecord(cid: cid.string, manifestID: probe.key("song"), signer: "ada", json: json)
        let command = Commands.command(
            key: probe.key("record"), body: "record \(cid.string)", .recordManifests([record]))
        let outcome = try await probe.run(command)
        probe.expect(outcome.isDone, "recording got \(outcome.code ?? "-")")
        let found = try await probe.store.manifest(cid)
        probe.expect(found == json, "the manifest is found as it was")
        let other = ManifestRecord(cid: "other", manifestID: probe.key("song"), signer: "bob", json: json)
        let stolen = try await probe.run(
            Commands.command(key: probe.key("steal"), body: "steal", .recordManifests([other])))
        probe.expect(stolen.code == "manifest_owner_changed", "another signer got \(stolen.code ?? "done")")
    }

    @Sendable static func absent(_ probe: inout Probe) async throws {
        let nobody = probe.did("nobody")
        let settlement = try await probe.store.settlement("stl_none")
        let balances = try await probe.store.balances(of: nobody)
        let lines = try await probe.store.transactions(of: nobody, before: nil, limit: 10)
        let manifest = try await probe.store.manifest(CID(codec: .dagCBOR, hashing: [1, 2, 3] as [UInt8]))
        probe.expect(settlement == nil && balances.isEmpty && lines.isEmpty && manifest == nil, "something is found")
    }
}
