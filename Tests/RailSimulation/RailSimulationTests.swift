import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Testing

/// Everything that rails share, run with faults at every call.
@Suite("rails under faults")
struct RailSimulationTests {
    /// Seeds of the suite: some ten seconds.
    static let seeds: UInt64 = 1000
    /// Of so many seeds, one is lived again in Postgres and verified.
    static let durableEvery: UInt64 = 10

    @Test("with faults at every call nobody is paid twice, nothing is forgotten, and ledger and rail agree")
    func faults() async throws {
        let books = try await DurableBooks.make()
        var seen = Tally()
        for seed in 1...Self.seeds {
            let world = World(seed: seed, faults: .harsh, lossPerThousand: 60)
            for step in 0..<30 { await act(world, step) }
            await settleDown(world)
            var findings = Audit(world).findings
            if seed % Self.durableEvery == 0 { findings += try await books.findings(world.ledger, world.book) }
            #expect(findings.isEmpty, "seed \(seed): \(findings.joined(separator: "; "))")
            var paid = Set<String>()
            var decided: [String: String] = [:]
            for event in world.ledger.inner.book.lifecycleEvents {
                seen.count(event.name)
                if event.name == "dispute_won" || event.name == "dispute_lost" {
                    if let before = decided[event.id] { seen.count("\(event.name) after it was \(before)") }
                    decided[event.id] = event.status
                }
                if event.status == "paid" || event.status == "done" { paid.insert(event.id) }
                if event.status == "failed", paid.contains(event.id) { seen.count("\(event.name) afterwards") }
            }
            for row in world.ledger.inner.book.lifecycles.values {
                switch row.lifecycle {
                case .refund(let refund) where refund.settledMinor != nil: seen.count("refund converted")
                case .dispute(let dispute):
                    if dispute.settled != nil { seen.count("dispute converted, \(dispute.status)") }
                    if dispute.regainedMinor != nil { seen.count("dispute regained") }
                default: break
                }
            }
            if !findings.isEmpty { return }
        }
        // What the faults are for must have happened.
        for name in [
            "payment_unanswered", "payment_absent", "payment_resumed", "payment_received", "payment_cancelled",
            "payout_unanswered", "payout_absent", "payout_resumed", "payout_paid", "payout_failed", "payout_retried",
            "payout_stopped", "rail_refund_done", "rail_refund_failed", "rail_refund_unanswered", "dispute_won",
            "dispute_lost", "dispute_charged_back", "payment_absorbed", "payment_reclaimed", "payment_distributed",
            "payout_failed afterwards", "payout_returned", "refund converted", "dispute converted, won",
            "dispute converted, lost",
            "dispute regained", "dispute_won after it was lost", "dispute_lost after it was won",
            "rail_refund_failed afterwards",
        ] {
            #expect(seen[name] >= 3, "\(name) happened \(seen[name]) times")
        }
    }

    @Test("without faults everything ends where it should", arguments: [UInt64(1), 2, 3])
    func calm(seed: UInt64) async throws {
        let world = World(seed: seed, faults: .none, lossPerThousand: 0)
        let id = await world.checkOut(10_000, purpose: .settle(manifestCID: "bafytest"))
        #expect(world.payment(id)?.status == .pending)
        world.rail.pay("\(id)-1")
        await world.deliver()
        #expect(world.payment(id)?.status == .settled)
        // 10,000 less the rail's 30, seven to three.
        #expect(world.cash(People.ada) == 6979)
        #expect(world.cash(People.bob) == 2991)
        #expect(world.balance(.railFees(.stripe, "USD")) == 0)
        await world.withdraw(People.ada, 6000)
        #expect(world.cash(People.ada) == 979)
        #expect(world.balance(.clearing(.stripe, "USD")) == 3970)
        #expect(world.rail.balance("USD") == 3970)
    }

    /// One thing that somebody does.
    private func act(_ world: World, _ step: Int) async {
        switch world.random.below(15) {
        case 0, 1, 2:
            let purposes: [Payment.Purpose] = [
                .settle(manifestCID: "bafytest"), .settle(manifestCID: "bafytest"), .topUp, .spend,
            ]
            let purpose = world.random.pick(purposes) ?? .spend
            _ = await world.checkOut(
                world.random.within(100...20_000),
                world.random.chance(perMille: 300) ? World.foreign : World.currency, purpose: purpose,
                isDirect: world.random.chance(perMille: 300))
        case 3, 4: if let id = world.random.pick(world.payments) { world.rail.pay("\(id)-1") }
        case 5: await world.deliver()
        case 6:
            let did = world.random.chance(perMille: 500) ? People.ada : People.bob
            let cash = world.cash(did)
            guard cash > 0 else { break }
            let isClosed = world.random.chance(perMille: 150)
            await world.withdraw(
                did, world.random.within(1...cash), to: isClosed ? World.closedDestination : "acct_open")
        case 7:
            if let id = world.random.pick(world.payments), let payment = world.payment(id), payment.receivedMinor > 0 {
                await world.refund(id, world.random.within(1...payment.receivedMinor))
            }
        case 8: if let id = world.random.pick(world.payments) { world.dispute(id) }
        case 9:
            if let id = world.random.pick(world.payments) {
                world.decide(id, isWon: world.random.chance(perMille: 500))
            }
        case 10:
            if let id = world.random.pick(world.payments), let payment = world.payment(id), payment.receivedMinor > 0 {
                world.refundAtRail(id, world.random.within(1...payment.receivedMinor))
            }
        case 11: if let id = world.random.pick(world.disputes.keys.sorted()) { world.overturn(id) }
        case 12, 13: world.clock.advance(world.random.within(1000...7_200_000))
        default: _ = try? await world.worker.pass()
        }
        if step % 3 == 0 { _ = try? await world.worker.pass() }
    }

    /// The faults end, time goes on, and everything that can end ends.
    private func settleDown(_ world: World) async {
        for id in world.disputes.keys.sorted() { world.decide(id, isWon: world.random.chance(perMille: 500)) }
        // Nothing is asked for any more, and banks still change their minds.
        for _ in 0..<5 { await world.deliver() }
        world.ledger.calm()
        for round in 0..<40 {
            if round == 10 {
                for id in world.disputes.keys.sorted() where world.random.chance(perMille: 500) { world.overturn(id) }
            }
            world.rail.calm()
            await world.deliver()
            world.clock.advance(21_600_000)
            for _ in 0..<20 { if (try? await world.worker.pass()) ?? 0 == 0 { break } }
        }
    }
}

/// How often something happened.
private struct Tally {
    private var counts: [String: Int] = [:]
    subscript(name: String) -> Int { counts[name] ?? 0 }
    mutating func count(_ name: String) { counts[name, default: 0] += 1 }
}
