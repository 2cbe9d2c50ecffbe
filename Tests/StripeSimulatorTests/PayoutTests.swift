import Cryptography
import StripeSimulator
import Testing

/// Money out to banks, and the reports of it.
@Suite struct PayoutTests {
    @Test("a payout takes available money; paid, it may still fail, and then the money is back")
    func payout() throws {
        var shop = Shop()
        let seller = try shop.seller()
        shop.world.topUp(amountMinor: 1000, currency: "cad", nowMs: shop.nowMs)
        _ = try shop.post("/v1/transfers", "amount=800&currency=cad&destination=\(seller)")
        #expect(try shop.post("/v1/payouts", "amount=801&currency=cad", account: seller).code == "balance_insufficient")
        let payout = try shop.post("/v1/payouts", "amount=500&currency=cad", account: seller).id
        #expect(shop.available(seller) == 300)
        #expect(try shop.get("/v1/payouts/\(payout)").status == 404)
        try shop.world.finishPayout(payout, paid: true, nowMs: shop.nowMs)
        try shop.world.finishPayout(payout, paid: false, nowMs: shop.nowMs)
        #expect(shop.available(seller) == 800)
        let now = try shop.get("/v1/payouts/\(payout)", account: seller)
        #expect(now.string("status") == "failed" && now.string("failure_code") == "account_closed")
        let webhooks = shop.world.takeWebhooks(nowMs: shop.nowMs).filter { $0.type.hasPrefix("payout.") }
        #expect(webhooks.map(\.type) == ["payout.created", "payout.paid", "payout.failed"])
        #expect(webhooks.allSatisfy { $0.endpoint == "we_connect" })
        shop.isSound()
    }

    @Test("a payout is cancelled while it is pending; in forints it is of whole units")
    func cancelled() throws {
        var shop = Shop()
        shop.world.topUp(amountMinor: 100_000, currency: "huf", nowMs: shop.nowMs)
        #expect(try shop.post("/v1/payouts", "amount=1050&currency=huf").code == "parameter_invalid_integer")
        let payout = try shop.post("/v1/payouts", "amount=1100&currency=huf").id
        #expect(try shop.post("/v1/payouts/\(payout)/cancel").string("status") == "canceled")
        #expect(shop.available(nil, "huf") == 100_000)
        #expect(try shop.post("/v1/payouts/\(payout)/cancel").status == 400)
        let types = try shop.get("/v1/balance_transactions", "source=\(payout)").rows
        #expect(types.map { $0["reporting_category"]?.string } == ["payout_reversal", "payout"])
        shop.isSound()
    }

    @Test("an automatic payout is the sum of the transactions that it names")
    func reconciliation() throws {
        var shop = Shop()
        let seller = try shop.seller()
        for amountMinor in [1000, 2500, 777] as [Int64] {
            let sale = try shop.sale(amountMinor)
            let form = "amount=300&currency=cad&destination=\(seller)&source_transaction=\(sale.charge)"
            #expect(try shop.post("/v1/transfers", form).status == 200)
            _ = try shop.post("/v1/refunds", "charge=\(sale.charge)&amount=101")
        }
        shop.wait()
        _ = try shop.sale(5000)
        let made = shop.world.payOutAutomatically(currency: "cad", nowMs: shop.nowMs)
        let payout = try #require(made)
        #expect(shop.available() == 0)
        try shop.world.finishPayout(payout, paid: true, nowMs: shop.nowMs)
        #expect(shop.delivered().suffix(2) == ["payout.paid", "payout.reconciliation_completed"])
        let rows = try shop.get("/v1/balance_transactions", "payout=\(payout)&limit=100&expand[0]=data.source").rows
        #expect(rows.count == 10)
        let sum = rows.filter { $0["type"]?.string != "payout" }.compactMap { $0["net"]?.int64 }.reduce(0, +)
        #expect(sum == (try shop.get("/v1/payouts/\(payout)")).int("amount"))
        #expect(rows.compactMap { $0["net"]?.int64 }.reduce(0, +) == 0)
        #expect(Set(rows.compactMap { $0["source"]?["object"]?.string }) == ["charge", "transfer", "refund", "payout"])
        let manual = try shop.post("/v1/payouts", "amount=100&currency=cad")
        #expect(manual.code == "balance_insufficient")
        shop.isSound()
    }

    @Test("a payout that was asked for does not know its transactions")
    func manual() throws {
        var shop = Shop()
        shop.world.topUp(amountMinor: 500, currency: "cad", nowMs: shop.nowMs)
        let payout = try shop.post("/v1/payouts", "amount=100&currency=cad").id
        #expect(try shop.get("/v1/balance_transactions", "payout=\(payout)").status == 400)
        #expect(try shop.get("/v1/balance_transactions", "type=topup&currency=cad").rows.count == 1)
        #expect(try shop.get("/v1/balance_transactions", "type=topup&currency=usd").rows.isEmpty)
        let balance = try shop.get("/v1/balance")
        #expect(balance["available"]?.elements.map { $0["amount"]?.int64 } == [400])
    }
}
