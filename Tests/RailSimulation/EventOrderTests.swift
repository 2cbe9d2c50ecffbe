import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Testing

/// Webhooks come in any order.
@Suite("the order of events")
struct EventOrderTests {
    /// A payment's life as its rail tells it: each item once, from the rail's own object.
    private static func life(_ id: String) -> [RailNews] {
        let paid = RailFacts(
            standing: .done, reference: "r_\(id)-1", amountMinor: 10_000, feeMinor: 320, source: "ch_1")
        var waiting = paid
        (waiting.standing, waiting.feeMinor) = (.pending, nil)
        let contested = DisputeFacts(
            reference: "dp_1", standing: .open, amountMinor: 4000, withdrawnMinor: 4000, reinstatedMinor: 0,
            feeMinor: 1500, feeReturnedMinor: 0, reason: "fraudulent")
        var won = contested
        (won.standing, won.reinstatedMinor, won.feeReturnedMinor) = (.won, 4000, 1500)
        return [
            .instruction(reference: "\(id)-1", waiting), .instruction(reference: "\(id)-1", paid),
            .refund(paymentID: id, RailFacts(standing: .done, reference: "re_1", amountMinor: 2500)),
            .dispute(paymentID: id, contested), .dispute(paymentID: id, won),
        ]
    }

    @Test("a payment's five events end in one state in all 120 orders, with what came too early told again")
    func allOrders() async throws {
        var first: [String]?
        var orders = 0
        for order in permutations([0, 1, 2, 3, 4]) {
            let world = World(seed: 1, faults: .none, lossPerThousand: 0)
            let id = await world.checkOut(10_000, purpose: .settle(manifestCID: "bafytest"))
            let life = Self.life(id)
            var waiting = order
            // What was parked is told again later, as an inbox does; a life of five needs at most five rounds.
            for _ in 0..<5 where !waiting.isEmpty {
                var parked: [Int] = []
                for index in waiting {
                    if case .parked = try await world.worker.take(life[index], from: .stripe) { parked.append(index) }
                }
                waiting = parked
            }
            #expect(waiting.isEmpty, "order \(order) leaves \(waiting) parked")
            let state = Self.state(world)
            if let first { #expect(state == first, "order \(order)") } else { first = state }
            orders += 1
            // All of it once more changes nothing.
            let seq = world.ledger.inner.book.head.seq
            for news in life { _ = try await world.worker.take(news, from: .stripe) }
            #expect(world.ledger.inner.book.head.seq == seq, "order \(order): old news made an entry")
        }
        #expect(orders == 120)
        // 10,000 less 320 to the payees, 2,500 back; the dispute was won and cost nothing.
        let state = try #require(first)
        #expect(state.contains("asset:clearing:stripe:USD 7180"))
        #expect(state.contains("asset:disputed:stripe:USD 0"))
    }

    @Test("a dispute that is lost, then won, then lost again costs the same in every order, and what came back is kept")
    func overturned() async throws {
        func facts(_ standing: DisputeFacts.Standing, _ withdrawn: Int64, _ reinstated: Int64) -> DisputeFacts {
            DisputeFacts(
                reference: "dp_1", standing: standing, amountMinor: 4000, withdrawnMinor: withdrawn,
                reinstatedMinor: reinstated, feeMinor: 1500, feeReturnedMinor: 0, reason: "fraudulent")
        }
        for order in permutations([0, 1, 2, 3]) {
            let world = World(seed: 1, faults: .none, lossPerThousand: 0)
            let id = await world.checkOut(10_000, purpose: .settle(manifestCID: "bafytest"))
            let life = [
                Self.life(id)[1], .dispute(paymentID: id, facts(.lost, 4000, 0)),
                .dispute(paymentID: id, facts(.won, 4000, 4000)), .dispute(paymentID: id, facts(.lost, 8000, 4000)),
            ]
            for _ in 0..<4 {
                for index in order { _ = try await world.worker.take(life[index], from: .stripe) }
                _ = try await world.worker.pass()
            }
            #expect(world.balance(.clearing(.stripe, "USD")) == 10_000 - 320 - 4000 - 1500, "order \(order)")
            #expect(world.balance(.disputed(.stripe, "USD")) == 0, "order \(order)")
            guard case .dispute(let dispute)? = world.ledger.inner.book.lifecycles["dsp_dp_1"]?.lifecycle else {
                Issue.record("no dispute in order \(order)")
                continue
            }
            #expect(dispute.status == .lost && dispute.contestedMinor == 0, "order \(order)")
            // Paid in 10,000 less 320; one withdrawal of 4,000 is theirs in the end, whoever holds the rest, but for
            // the part of it that the rail's fee is of the whole: that is the node's.
            let held = world.cash(People.ada) + world.cash(People.bob) + (world.payment(id)?.unspentMinor ?? 0)
            #expect(held == 10_000 - 320 - 4000 + 128, "order \(order)")
        }
    }

    /// Balances, and how everything stands, without the times of the next looks.
    private static func state(_ world: World) -> [String] {
        let book = world.ledger.inner.book
        let balances = book.accounts.values.map {
            "\($0.key.name) \($0.counters.balance($0.key.kind.accountClass))"
        }
        let lives = book.lifecycles.values.map { row in
            switch row.lifecycle {
            case .payment(let payment):
                "\(row.id) \(payment.status) \(payment.unspentMinor) \(payment.returnedMinor) \(payment.settlementID)"
            case .dispute(let dispute):
                "\(row.id) \(dispute.status) \(dispute.withdrawnMinor) \(dispute.reinstatedMinor) \(dispute.feeMinor)"
            default: "\(row.id) \(row.lifecycle.facts.status)"
            }
        }
        return (balances + lives).sorted()
    }

    private func permutations(_ items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index in
            var rest = items
            let item = rest.remove(at: index)
            return permutations(rest).map { [item] + $0 }
        }
    }
}
