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

    private static func received() -> Payment {
        var payment = Payment(
            id: "pay_1", rail: .stripe, creator: "did:imajin:soft:shop", payer: "did:imajin:soft:ada",
            amountMinor: 1000, surchargeMinor: 0, currency: "USD", purpose: .spend, feeBearer: .node, isDirect: false,
            service: "shop", type: "order", metadataJSON: [], successURL: "", cancelURL: "", expiresAtMs: now)
        (payment.status, payment.receivedMinor, payment.unspentMinor) = (.received, 1000, 1000)
        return payment
    }
}
