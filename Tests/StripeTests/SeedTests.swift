import Cryptography
import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Stripe
import StripeSimulator
import Testing

/// The adapter, the worker and the ledger over the simulated Stripe, with faults at every call.
@Suite("Stripe under faults")
struct SeedTests {
    static let seeds: UInt64 = 1000
    /// Of so many seeds, one is lived again in Postgres and verified.
    static let durableEvery: UInt64 = 20

    @Test("nobody is paid twice, nothing is forgotten, and the clearing accounts are Stripe's balance")
    func seeds() async throws {
        let books = try await DurableBooks.make()
        var seen: [String: Int] = [:]
        var recalled = 0
        for seed in 1...Self.seeds {
            let node = try await StripeNode(seed: seed)
            for step in 0..<24 { await act(node, step) }
            try await settleDown(node)
            var findings = audit(node)
            if seed % Self.durableEvery == 0 { findings += try await books.findings(node.ledger, node.book) }
            #expect(findings.isEmpty, "seed \(seed): \(findings.joined(separator: "; "))")
            if !findings.isEmpty { return }
            for event in node.ledger.inner.book.lifecycleEvents { seen[event.name, default: 0] += 1 }
            recalled += node.objects("transfer_reversal").count
        }
        #expect(recalled > 20, "\(recalled) transfers were taken back with refunds")
        for name in [
            "payment_unanswered", "payment_received", "payout_unanswered", "payout_paid", "payout_returned",
            "rail_refund_done", "rail_refund_failed", "dispute_won", "dispute_lost", "dispute_charged_back",
            "payment_distributed", "payment_reclaimed",
        ] {
            #expect(seen[name, default: 0] >= 3, "\(name) happened \(seen[name, default: 0]) times")
        }
    }

    /// One thing that somebody does.
    private func act(_ node: StripeNode, _ step: Int) async {
        switch node.random.below(14) {
        case 0, 1, 2: await node.checkOut()
        case 3, 4, 5: if let id = node.random.pick(node.payments) { node.pay(id) }
        case 6: await node.withdraw()
        case 7: if let id = node.random.pick(node.payments) { await node.refund(id) }
        case 8: if let id = node.random.pick(node.payments) { node.dispute(id) }
        case 9: node.decideDisputes()
        case 10: node.failRefund()
        case 11: if let id = node.random.pick(node.payments) { node.refundByHand(id) }
        case 12: node.reverseByHand()
        default: node.stripe.pass(node.random.within(60_000...43_200_000))
        }
        await node.hear()
        if step % 3 == 0 { _ = try? await node.worker.pass() }
    }

    /// The faults end, time goes on, and everything that can end ends.
    private func settleDown(_ node: StripeNode) async throws {
        node.calm()
        node.decideDisputes()
        for round in 0..<40 {
            node.stripe.pass(21_600_000)
            await node.hear()
            if round % 10 == 1 { try await node.sweep() }
            for _ in 0..<20 { if (try? await node.worker.pass()) ?? 0 == 0 { break } }
        }
    }

    private func audit(_ node: StripeNode) -> [String] {
        var findings: [String] = []
        for currency in StripeNode.currencies {
            let (ours, theirs) = (
                node.balance(.clearing(.stripe, currency)),
                node.stripe.world { world, _ in world.balance(currency: currency.lowercased()) }
            )
            let total = theirs.availableMinor + theirs.pendingMinor - StripeNode.ownMinor
            if ours != total { findings.append("clearing \(currency) is \(ours), at Stripe \(total)") }
        }
        let foreign = node.balance(.clearing(.stripe, "EUR"))
        if foreign != 0 { findings.append("clearing EUR is \(foreign), and Stripe converts") }
        let (violations, proof) = node.stripe.world { world, _ in
            (world.violations.map(\.description), world.balanceProof())
        }
        findings += violations + proof
        if node.parkedCount > 0 { findings.append("\(node.parkedCount) events are parked") }
        let transfers = Dictionary(grouping: node.objects("transfer"), by: \.reference)
        let refunds = Dictionary(grouping: node.objects("refund"), by: \.reference)
        for (reference, made) in transfers where made.count > 1 { findings.append("\(reference) was paid twice") }
        let recalls = Dictionary(grouping: node.objects("transfer_reversal"), by: \.reference)
        for (reference, made) in recalls where made.count > 1 && !reference.isEmpty {
            findings.append("\(reference) was taken back twice")
        }
        for (reference, made) in refunds where made.count > 1 { findings.append("\(reference) was refunded twice") }
        for row in node.ledger.inner.book.lifecycles.values.sorted(by: { $0.id < $1.id }) {
            findings += finding(row.lifecycle, transfers.mapValues { $0[0].object })
        }
        return findings
    }

    /// What is wrong with one lifecycle at the end.
    private func finding(_ lifecycle: Lifecycle, _ transfers: [String: JSONValue]) -> [String] {
        let facts = lifecycle.facts
        switch lifecycle {
        case .payment(let payment):
            let isLeft = payment.status == .opening || payment.status == .pending
            return isLeft ? ["\(facts.id) is left \(facts.status)"] : []
        case .payout(let payout):
            let living = transfers.filter {
                $0.key.hasPrefix("\(payout.id)-") && $0.value["reversed"]?.bool == false
            }
            if living.count > 1 { return ["\(payout.id) was paid \(living.count) times"] }
            if (living.count == 1) != (payout.status == .paid) {
                return ["\(payout.id) is \(payout.status), at Stripe \(living.keys.sorted())"]
            }
            let returned = living.first?.value["amount_reversed"]?.int64 ?? 0
            if payout.status == .paid, payout.returnedMinor ?? 0 != returned {
                return ["\(payout.id): \(payout.returnedMinor ?? 0) of \(returned) came back"]
            }
            let isLeft = payout.status == .sending || payout.status == .sent
            return isLeft ? ["\(facts.id) is left \(facts.status)"] : []
        case .refund(let refund):
            return refund.status == .done || refund.status == .failed ? [] : ["\(facts.id) is left \(facts.status)"]
        case .dispute(let dispute):
            let isOpen = dispute.status == .open || dispute.contestedMinor != 0
            return isOpen ? ["\(facts.id) is left \(facts.status) with \(dispute.contestedMinor)"] : []
        case .escrow, .payee, .arrival, .cost: return []
        }
    }
}
