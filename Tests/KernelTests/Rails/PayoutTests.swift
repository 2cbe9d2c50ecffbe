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
        for event: TransferEvent in [.cancelled(reason: "no"), .retried, .began(prepared: []), .resumed] {
            #expect(throws: Refusal.self) { try payout.apply(event, nowMs: Self.now) }
        }
        _ = try payout.apply(.unanswered, nowMs: Self.now)
        #expect(throws: Refusal.self) { try payout.apply(.retried, nowMs: Self.now) }
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
        #expect(next(.manual) == nil)
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
