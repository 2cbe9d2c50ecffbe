import Cryptography
import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Stripe
import StripeSimulator
import Testing

@Suite("Direct payments that Stripe converts")
struct ConvertedTests {
    @Test("their sellers keep a balance in the payment's currency: what Stripe could transfer is in another")
    func balances() async throws {
        let node = try await StripeNode(seed: 12)
        node.calm()
        let payment = Payment(
            id: "pay_1", rail: .stripe, creator: People.shop.string, payer: People.cyd.string, amountMinor: 10_000,
            surchargeMinor: 0, currency: "EUR", purpose: .settle(manifestCID: "bafytest"), feeBearer: .node,
            isDirect: true, service: "shop", type: "order", metadataJSON: [], successURL: "https://shop.example/thanks",
            cancelURL: "https://shop.example/cart", expiresAtMs: node.stripe.time.now + 86_400_000)
        for payee in PlainSettling.payees {
            let row = try #require(try await node.ledger.lifecycle(Payee.id(payee.string))?.row)
            let policy = PayoutPolicy(
                destinations: [.init(rail: .stripe, currency: "EUR", address: node.account(payee))], defaultRail: nil,
                schedule: .manual, minimumMinor: [:])
            await node.ledger.untilDone(
                LifecycleCommands.step(
                    .payee(.changed(policy, effectiveAtMs: node.stripe.time.now)), of: row))
        }
        await node.ledger.open(payment)
        try await node.worker.drive("pay_1")
        let session = try #require(node.payment("pay_1")).reference
        try node.stripe.world { world, nowMs in try world.completeCheckout(session, payment: .paid, nowMs: nowMs) }
        for _ in 0..<8 {
            node.stripe.pass(600_000)
            await node.hear()
            _ = try await node.worker.pass()
        }
        #expect(node.payment("pay_1")?.status == .settled && node.payment("pay_1")?.dueAtMs == nil)
        #expect(node.objects("transfer").isEmpty)
        #expect(
            node.ledger.inner.book.lifecycles.keys.allSatisfy { !$0.hasPrefix("po_") }, "no payout is bound to fail")
        #expect(PlainSettling.payees.map { node.balance(.cash($0.string, "EUR")) } == [7_000, 3_000])
        node.stripe.expectCorrect()
    }
}
