import Cryptography
import StripeSimulator
import Testing

/// Refunds and disputes.
@Suite struct MoneyBackTests {
    @Test("a charge is refunded in parts, never more than it was; Stripe keeps its fee")
    func refund() throws {
        var shop = Shop()
        let sale = try shop.sale(1000)
        #expect(try shop.post("/v1/refunds", "charge=\(sale.charge)&amount=1001").status == 400)
        #expect(try shop.post("/v1/refunds", "charge=\(sale.charge)&amount=400").string("status") == "succeeded")
        #expect(shop.pending() == 941 - 400)
        #expect(try shop.post("/v1/refunds", "payment_intent=\(sale.intent)&amount=601").status == 400)
        #expect(try shop.post("/v1/refunds", "payment_intent=\(sale.intent)").int("amount") == 600)
        #expect(try shop.post("/v1/refunds", "charge=\(sale.charge)").code == "charge_already_refunded")
        #expect(shop.pending() == -59)
        shop.wait()
        #expect(shop.available() == -59)
        #expect(try shop.get("/v1/charges/\(sale.charge)")["refunded"]?.bool == true)
        shop.isSound()
    }

    @Test("parts of a converted charge's refund sum to the charge")
    func convertedRefunds() throws {
        var shop = Shop()
        let sale = try shop.sale(1001, "eur")
        for amountMinor in [1, 333, 1, 665, 1] {
            #expect(try shop.post("/v1/refunds", "charge=\(sale.charge)&amount=\(amountMinor)").status == 200)
        }
        // What is left is the fee.
        #expect(shop.pending() == -74)
        shop.isSound()
    }

    @Test("a refund that fails later brings the money back")
    func failed() throws {
        var shop = Shop()
        let sale = try shop.sale(1000)
        let refund = try shop.post("/v1/refunds", "charge=\(sale.charge)&amount=400").id
        _ = shop.delivered()
        try shop.world.failRefund(refund, nowMs: shop.nowMs)
        #expect(shop.delivered() == ["refund.updated", "refund.failed"])
        let now = try shop.get("/v1/refunds/\(refund)", "expand[0]=failure_balance_transaction")
        #expect(now.string("status") == "failed")
        #expect(now["failure_balance_transaction"]?["amount"]?.int64 == 400)
        #expect(now["failure_balance_transaction"]?["reporting_category"]?.string == "refund_failure")
        #expect(shop.pending() + shop.available() == 941)
        #expect(try shop.get("/v1/charges/\(sale.charge)").int("amount_refunded") == 0)
        #expect(throws: StripeHookError.self) { try shop.world.failRefund(refund, nowMs: shop.nowMs) }
        shop.isSound()
    }

    @Test("where refunds wait for money, one is pending until the balance covers it")
    func short() throws {
        var shop = Shop { $0.refundsWhenShort = .pending }
        let sale = try shop.sale(1000)
        let refund = try shop.post("/v1/refunds", "charge=\(sale.charge)&amount=900")
        #expect(refund.string("status") == "pending")
        #expect(refund.string("pending_reason") == "insufficient_funds")
        #expect(refund["balance_transaction"]?.isNull == true)
        _ = shop.delivered()
        shop.wait()
        #expect(shop.available() == 41)
        #expect(shop.delivered() == ["balance.available", "refund.updated"])
        #expect(try shop.get("/v1/refunds/\(refund.id)").string("status") == "succeeded")
        shop.isSound()
    }

    @Test("a dispute takes the money and a fee; won, it brings the money back and not the fee")
    func won() throws {
        var shop = Shop()
        let sale = try shop.sale(1000)
        shop.wait()
        _ = shop.delivered()
        let dispute = try shop.world.openDispute(charge: sale.charge, nowMs: shop.nowMs)
        #expect(shop.delivered() == ["charge.dispute.created", "charge.dispute.funds_withdrawn"])
        #expect(shop.available() == 941 - 1000 - 1500)
        #expect(try shop.post("/v1/refunds", "charge=\(sale.charge)").code == "charge_disputed")
        let evidence = try shop.post("/v1/disputes/\(dispute)", "evidence[product_description]=Shirt&submit=true")
        #expect(evidence.string("status") == "under_review")
        try shop.world.closeDispute(dispute, won: true, nowMs: shop.nowMs)
        #expect(shop.available() == 941 - 1500)
        #expect(
            shop.delivered() == [
                "charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed",
            ])
        let rows = try shop.get("/v1/balance_transactions", "source=\(dispute)").rows
        #expect(rows.map { $0["type"]?.string } == ["adjustment", "adjustment"])
        #expect(rows.map { $0["reporting_category"]?.string } == ["dispute_reversal", "dispute"])
        #expect(rows.map { $0["net"]?.int64 } == [1000, -2500])
        #expect(try shop.post("/v1/refunds", "charge=\(sale.charge)").status == 200)
        shop.isSound()
    }

    @Test("a dispute in part that is closed is lost; an inquiry takes nothing until it becomes one")
    func lost() throws {
        var shop = Shop()
        let sale = try shop.sale(1000)
        let dispute = try shop.world.openDispute(charge: sale.charge, amountMinor: 300, nowMs: shop.nowMs)
        #expect(try shop.post("/v1/disputes/\(dispute)/close").string("status") == "lost")
        #expect(shop.pending() + shop.available() == 941 - 1800)
        #expect(try shop.post("/v1/disputes/\(dispute)/close").status == 400)

        let other = try shop.sale(1000)
        let inquiry = try shop.world.openDispute(charge: other.charge, withdrawing: false, nowMs: shop.nowMs)
        #expect(try shop.get("/v1/disputes/\(inquiry)").string("status") == "warning_needs_response")
        #expect(shop.pending() + shop.available() == 2 * 941 - 1800)
        try shop.world.escalate(inquiry, nowMs: shop.nowMs)
        #expect(shop.pending() + shop.available() == 2 * 941 - 1800 - 2500)
        shop.isSound()
    }
}
