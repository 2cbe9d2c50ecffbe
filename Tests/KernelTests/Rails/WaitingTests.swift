import Kernel
import Testing

/// What a lifecycle does when a step is not possible now.
@Suite("waiting")
struct WaitingTests {
    private static let now: Int64 = 1_774_958_400_000
    private static let refusal = RailRefusal(code: "insufficient_funds", reason: "spent meanwhile")

    @Test("another try whose money is gone is a failure, and the last one stops the payout")
    func moneyGone() throws {
        var payout = Payout(
            id: "po_1", payee: "did:imajin:soft:ada", rail: .stripe, destination: "acct_1", amountMinor: 5000,
            currency: "USD", cause: .schedule, creator: "node", nowMs: Self.now)
        _ = try payout.apply(.refused(Self.refusal), nowMs: Self.now)
        #expect(payout.status == .failed)
        #expect(try payout.apply(.refused(Self.refusal), nowMs: Self.now).isEmpty, "nothing is held to let go of")
        #expect(payout.status == .failed && payout.dueAtMs == Self.now + 5 * 86_400_000)
        #expect(try payout.apply(.refused(Self.refusal), nowMs: Self.now).isEmpty)
        #expect(payout.status == .stopped && payout.refusal == Self.refusal && payout.dueAtMs == nil)
    }

    @Test("what is taken back of a payout is the payee's again, each part once, first against what is owed")
    func partlyReturned() throws {
        var payout = Payout(
            id: "po_1", payee: "did:imajin:soft:ada", rail: .stripe, destination: "acct_1", amountMinor: 5000,
            currency: "USD", cause: .schedule, creator: "node", nowMs: Self.now)
        _ = try payout.apply(.began(prepared: []), nowMs: Self.now)
        var facts = RailFacts(standing: .done, reference: "tr_1", amountMinor: 5000, feeMinor: 0)
        _ = try payout.apply(.observed(facts), nowMs: Self.now)
        func back(_ total: Int64) throws -> [Move] {
            facts.returnedMinor = total
            return try payout.apply(.observed(facts), nowMs: Self.now)
        }
        func moves(_ amount: Int64) -> [Move] {
            [.debit(.clearing(.stripe, "USD"), amount), .payIn(payout.payee, currency: "USD", amount)]
        }
        #expect(try back(1200) == moves(1200))
        #expect(try back(1200).isEmpty && back(800).isEmpty, "old news")
        #expect(try back(2000) == moves(800))
        #expect(payout.status == .paid && payout.returnedMinor == 2000)
        facts.standing = .failed(Self.refusal)
        #expect(try back(5000) == moves(3000))
        #expect(payout.status == .stopped)
        _ = try payout.apply(.retried, nowMs: Self.now)
        #expect(payout.returnedMinor == nil)
    }

    @Test("a refund that cannot be sent yet waits, and its money stays aside")
    func refundWaits() throws {
        var payment = Self.received()
        var refund = RailRefund(
            id: "rrf_1", payment: payment, creator: "node", amountMinor: 400, reason: "", nowMs: Self.now)
        _ = try refund.open(done: nil, payment: &payment, nowMs: Self.now)
        #expect(try refund.apply(.unanswered, payment: &payment, nowMs: Self.now).isEmpty)
        #expect(refund.status == .held && payment.returningMinor == 400)
        #expect(try #require(refund.dueAtMs) > Self.now)
    }

    @Test("a payment with a refund under way is not moved to suspense: the refund may still come back")
    func refundBeforeSuspense() throws {
        var payment = Self.received()
        try payment.beginReturn(400)
        #expect(throws: Refusal.self) { try payment.apply(.suspended(Self.refusal), nowMs: Self.now) }
        payment.abandonReturn(400, nowMs: Self.now)
        #expect(try payment.apply(.suspended(Self.refusal), nowMs: Self.now).count == 2)
    }

    @Test("a refund that comes back after its payment went to suspense comes back to suspense")
    func refundReturnsToSuspense() throws {
        var payment = Self.received()
        var refund = RailRefund(
            id: "rrf_1", payment: payment, creator: "node", amountMinor: 400, reason: "", nowMs: Self.now)
        let facts = RailFacts(standing: .done, reference: "re_1", amountMinor: 400, feeMinor: 0)
        _ = try refund.open(done: facts, payment: &payment, nowMs: Self.now)
        _ = try payment.apply(.suspended(Self.refusal), nowMs: Self.now)
        var failed = facts
        failed.standing = .failed(Self.refusal)
        let moves = try refund.apply(.observed(failed), payment: &payment, nowMs: Self.now)
        #expect(moves == [.debit(.clearing(.stripe, "USD"), 400), .credit(.suspense(.stripe, "USD"), 400)])
        #expect(payment.unspentMinor == 1000 && payment.returnedMinor == 0)
    }

    @Test("a refund of a converted payment is booked by what left the account, and not before that is known")
    func convertedRefund() throws {
        var payment = Self.received()
        payment.feeCurrency = "CAD"
        var refund = RailRefund(
            id: "rrf_1", payment: payment, creator: "node", amountMinor: 400, reason: "", nowMs: Self.now)
        #expect(
            try refund.open(done: nil, payment: &payment, nowMs: Self.now)
                == [.pendingDebit(.payments(.stripe, "USD"), 400), .pendingCredit(.exchange(.stripe, "USD"), 400)])
        _ = try refund.apply(.began(prepared: []), payment: &payment, nowMs: Self.now)
        var facts = RailFacts(standing: .done, reference: "re_1", amountMinor: 400, feeMinor: 0)
        #expect(try refund.apply(.observed(facts), payment: &payment, nowMs: Self.now).isEmpty)
        #expect(refund.status == .sent && payment.returningMinor == 400)
        (facts.settledCurrency, facts.settledMinor) = ("CAD", 550)
        let moves = try refund.apply(.observed(facts), payment: &payment, nowMs: Self.now)
        #expect(moves.contains(.credit(.clearing(.stripe, "CAD"), 550)))
        #expect(moves.contains(.credit(.exchange(.stripe, "USD"), 400)))
        #expect(refund.status == .done && payment.returnedMinor == 400)
        facts.standing = .failed(Self.refusal)
        facts.returnedSettledMinor = 540
        // What came back is another amount: the difference stays in the exchange accounts.
        let back = try refund.apply(.observed(facts), payment: &payment, nowMs: Self.now)
        #expect(back.contains(.debit(.clearing(.stripe, "CAD"), 540)))
        #expect(back.contains(.credit(.payments(.stripe, "USD"), 400)))
    }

    private static func received() -> Payment {
        var payment = Payment(
            id: "pay_1", rail: .stripe, creator: "did:imajin:soft:shop", payer: "did:imajin:soft:ada",
            amountMinor: 1000, surchargeMinor: 0, currency: "USD", purpose: .spend, feeBearer: .node, isDirect: false,
            service: "shop", type: "order", metadataJSON: [], successURL: "", cancelURL: "", expiresAtMs: now)
        (payment.status, payment.receivedMinor, payment.unspentMinor) = (.received, 1000, 1000)
        return payment
    }
}
