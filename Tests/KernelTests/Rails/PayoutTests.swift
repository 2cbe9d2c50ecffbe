import Kernel
import Testing

/// A payout's machine, step by step.
@Suite("payout")
struct PayoutTests {
    private static let now: Int64 = 1_774_958_400_000
    private static let refusal = RailRefusal(code: "account_closed", reason: "closed")

    private static func payout() -> Payout {
        Payout(
            id: "po_1", payee: "did:imajin:soft:ada", rail: .stripe, destination: "acct_1", amountMinor: 5000,
            currency: "USD", cause: .schedule, creator: "node", nowMs: now)
    }

    private static func facts(_ standing: RailStanding, _ reference: String = "tr_1") -> TransferEvent {
        .observed(RailFacts(standing: standing, reference: reference, amountMinor: 5000))
    }

    @Test("paid moves the held money once, and the same again moves nothing")
    func paid() throws {
        var payout = Self.payout()
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        let moves = try payout.apply(Self.facts(.done), nowMs: Self.now)
        #expect(moves.contains(.pendingDebit(.cash(payout.payee, "USD"), -5000)))
        #expect(moves.contains(.debit(.cash(payout.payee, "USD"), 5000)))
        #expect(moves.contains(.credit(.clearing(.stripe, "USD"), 5000)))
        #expect(try payout.apply(Self.facts(.done), nowMs: Self.now).isEmpty)
        #expect(payout.status == .paid)
    }

    @Test("paid and then failed gives the money back and tries again")
    func returned() throws {
        var payout = Self.payout()
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        _ = try payout.apply(Self.facts(.done), nowMs: Self.now)
        let moves = try payout.apply(Self.facts(.failed(Self.refusal)), nowMs: Self.now)
        #expect(moves == [.debit(.clearing(.stripe, "USD"), 5000), .payIn(payout.payee, currency: "USD", 5000)])
        #expect(payout.status == .failed)
        #expect(payout.dueAtMs == Self.now + 2 * 86_400_000)
        #expect(try payout.apply(Self.facts(.failed(Self.refusal)), nowMs: Self.now).isEmpty)
    }

    @Test("taken back whole, nobody pays it again unasked; an operator may", arguments: [true, false])
    func takenBack(wasPaid: Bool) throws {
        var facts = RailFacts(standing: .failed(Self.refusal), reference: "tr_1", amountMinor: 5000)
        facts.returnedMinor = 5000
        var payout = Self.payout()
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        if wasPaid { _ = try payout.apply(Self.facts(.done), nowMs: Self.now) }
        let moves = try payout.apply(.observed(facts), nowMs: Self.now)
        #expect(moves.contains(.payIn(payout.payee, currency: "USD", 5000)) == wasPaid)
        #expect(payout.status == .stopped && payout.dueAtMs == nil && payout.refusal == Self.refusal)
        _ = try payout.apply(.retried, nowMs: Self.now)
        #expect(payout.status == .held)
    }

    @Test("three tries over seven days, each under a reference of its own, then it stops with the reason")
    func stops() throws {
        var payout = Self.payout()
        var now = Self.now
        var references: Set<String> = []
        for number in 1...3 {
            if number > 1 { _ = try payout.apply(.retried, nowMs: now) }
            _ = try payout.apply(.began(prepared: []), nowMs: now)
            references.insert(try #require(payout.attempt?.reference))
            let released = try payout.apply(.refused(Self.refusal), nowMs: now)
            #expect(released.contains(.pendingDebit(.cash(payout.payee, "USD"), -5000)))
            now = payout.dueAtMs ?? now
        }
        #expect(references == ["po_1-1", "po_1-2", "po_1-3"])
        #expect(payout.status == .stopped)
        #expect(payout.refusal == Self.refusal)
        #expect(payout.dueAtMs == nil)
        #expect(now - Self.now == 7 * 86_400_000)
    }

    @Test("what may be on its way is neither cancelled nor sent again")
    func inFlight() throws {
        var payout = Self.payout()
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        for event: TransferEvent in [.cancelled(reason: "no"), .retried, .began(prepared: []), .resumed()] {
            #expect(throws: Refusal.self) { try payout.apply(event, nowMs: Self.now) }
        }
        _ = try payout.apply(.unanswered, nowMs: Self.now)
        #expect(throws: Refusal.self) { try payout.apply(.retried, nowMs: Self.now) }
    }

    @Test("a try that lapses keeps the money held, counts no failure, and the next has a reference of its own")
    func lapses() throws {
        var payout = Self.payout()
        var now = Self.now
        var pauses: [Int64] = []
        for number in 1...12 {
            _ = try payout.apply(.began(prepared: [1]), nowMs: now)
            #expect(payout.attempt?.reference == "po_1-\(number)")
            #expect(try payout.apply(.lapsed, nowMs: now).isEmpty)
            #expect(payout.status == .held && payout.failures == 0 && payout.attempt == nil)
            pauses.append((payout.dueAtMs ?? 0) - now)
            now = payout.dueAtMs ?? now
        }
        #expect(
            pauses[0] <= 2_000 && Array(pauses.prefix(9)) == pauses.prefix(9).sorted() && pauses[11] <= 900_000
                && pauses[11] > 600_000)
        #expect(throws: Refusal.self) { try payout.apply(.lapsed, nowMs: now) }
        _ = try payout.apply(.began(prepared: [1]), nowMs: now)
        _ = try payout.apply(Self.facts(.pending), nowMs: now)
        #expect(throws: Refusal.self, "what the rail has does not lapse") { try payout.apply(.lapsed, nowMs: now) }
    }

    @Test("what the rail took is booked for each try, also for one that moved nothing")
    func fees() throws {
        var payout = Self.payout()
        func facts(_ standing: RailStanding, _ feeMinor: Int64) -> TransferEvent {
            .observed(
                RailFacts(
                    standing: standing, reference: "s", amountMinor: 5000, feeMinor: feeMinor, settledCurrency: "SOL"))
        }
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        let failed = try payout.apply(facts(.failed(Self.refusal), 7), nowMs: Self.now)
        #expect(
            failed.contains(.debit(.railFees(.stripe, "SOL"), 7))
                && failed.contains(.credit(.feeFund(.stripe, "SOL"), 7)))
        #expect(failed.contains(.pendingDebit(.cash(payout.payee, "USD"), -5000)))
        #expect(try payout.apply(facts(.failed(Self.refusal), 7), nowMs: Self.now).isEmpty, "told again")
        _ = try payout.apply(.retried, nowMs: Self.now)
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        let paid = try payout.apply(facts(.done, 5), nowMs: Self.now)
        #expect(paid.contains(.debit(.railFees(.stripe, "SOL"), 5)) && payout.feeMinor == 12)
    }

    @Test("a rail that is not ready is looked at again soon, then ever later, up to an hour")
    func waits() throws {
        var payout = Self.payout()
        var pauses: [Int64] = []
        for _ in 0..<12 {
            _ = try payout.apply(.unanswered, nowMs: Self.now)
            pauses.append((payout.dueAtMs ?? 0) - Self.now)
        }
        #expect(pauses[0] <= 30_000 && Array(pauses.prefix(7)) == pauses.prefix(7).sorted())
        #expect(pauses[11] > 2_600_000 && pauses[11] <= 3_600_000)
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        #expect(payout.waits == nil)
    }

    @Test("schedules fall on UTC midnights")
    func schedules() {
        // 2026-03-31, a Tuesday, at noon.
        func next(_ schedule: PayoutPolicy.Schedule) -> String? {
            schedule.next(after: Self.now).map { CivilDate(ms: $0).rfc3339 }
        }
        #expect(next(.daily) == "2026-04-01T00:00:00.000Z")
        #expect(next(.weekly) == "2026-04-06T00:00:00.000Z")
        #expect(next(.monthly) == "2026-04-01T00:00:00.000Z")
        #expect(next(.manual) == nil && next(.instant) == nil)
        let monday: Int64 = 1_775_433_600_000
        #expect(PayoutPolicy.Schedule.weekly.next(after: monday) == monday + 7 * 86_400_000)
    }

    @Test("a change of a payee's wishes is in force when its time has come, and not before")
    func changes() {
        let first = PayoutPolicy(
            destinations: [.init(rail: .stripe, currency: "USD", address: "acct_1")], defaultRail: nil,
            schedule: .daily, minimumMinor: [:])
        let second = PayoutPolicy(
            destinations: [.init(rail: .stripe, currency: "USD", address: "acct_2")], defaultRail: nil,
            schedule: .manual, minimumMinor: [:])
        var payee = Payee(did: "did:imajin:soft:ada")
        payee.apply(.changed(first, effectiveAtMs: Self.now + 10), nowMs: Self.now)
        #expect(payee.policy(at: Self.now) == nil)
        #expect(payee.policy(at: Self.now + 10) == first)
        payee.apply(.ran, nowMs: Self.now + 10)
        #expect(payee.policy == first)
        payee.apply(.changed(second, effectiveAtMs: Self.now + 50), nowMs: Self.now + 20)
        #expect(payee.policy(at: Self.now + 49) == first)
        payee.apply(.ran, nowMs: Self.now + 50)
        #expect(payee.policy == second)
        #expect(payee.nextRunAtMs == nil)
    }
}
