import Cryptography
import StripeSimulator
import Testing

/// Money to sellers, and back.
@Suite struct TransferTests {
    @Test("without a source, a transfer needs available money; with one, not")
    func source() throws {
        var shop = Shop()
        let seller = try shop.seller()
        let sale = try shop.sale(1000)
        let form = "amount=700&currency=cad&destination=\(seller)"
        #expect(try shop.post("/v1/transfers", form).code == "balance_insufficient")
        let transfer = try shop.post("/v1/transfers", form + "&source_transaction=\(sale.charge)&metadata[part]=1")
        #expect(transfer.status == 200)
        #expect(transfer.string("transfer_group") == "group_\(sale.charge)")
        #expect(shop.pending() == 941 - 700 && shop.pending(seller) == 700)
        shop.wait()
        #expect(shop.available() == 241 && shop.available(seller) == 700)
        #expect(try shop.post("/v1/transfers", "amount=242&currency=cad&destination=\(seller)").code != nil)
        #expect(try shop.post("/v1/transfers", "amount=241&currency=cad&destination=\(seller)").status == 200)
        #expect(shop.available() == 0)
        shop.isSound()
    }

    @Test("all transfers from one source are at most what was charged")
    func sourceLimit() throws {
        var shop = Shop()
        let seller = try shop.seller()
        let sale = try shop.sale(1000)
        let form = "currency=cad&destination=\(seller)&source_transaction=\(sale.charge)"
        #expect(try shop.post("/v1/transfers", form + "&amount=600").status == 200)
        #expect(try shop.post("/v1/transfers", form + "&amount=401").status == 400)
        #expect(try shop.post("/v1/transfers", form + "&amount=400").status == 200)
        shop.isSound()
    }

    @Test("a transfer is in the currency in which its source was settled")
    func currency() throws {
        var shop = Shop()
        let seller = try shop.seller()
        let sale = try shop.sale(1000, "eur")
        let form = "amount=100&destination=\(seller)&source_transaction=\(sale.charge)"
        #expect(try shop.post("/v1/transfers", form + "&currency=eur").json["error"]?["param"]?.string == "currency")
        #expect(try shop.post("/v1/transfers", form + "&currency=cad").status == 200)
    }

    @Test("a destination that is unknown, inactive or gone is refused")
    func destination() throws {
        var shop = Shop()
        shop.world.topUp(amountMinor: 10_000, currency: "cad", nowMs: shop.nowMs)
        func code(_ destination: String) throws -> String? {
            try shop.post("/v1/transfers", "amount=100&currency=cad&destination=\(destination)").code
        }
        #expect(try code("acct_unknown") == "resource_missing")
        let id = try shop.post("/v1/accounts", "country=CA&capabilities[transfers][requested]=true").id
        #expect(try code(id) == "insufficient_capabilities_for_transfer")
        try shop.world.onboard(id, nowMs: shop.nowMs)
        #expect(try code(id) == nil)
        try shop.world.setCapability("transfers", to: "inactive", of: id, nowMs: shop.nowMs)
        #expect(try code(id) == "insufficient_capabilities_for_transfer")
        try shop.world.deauthorize(id, nowMs: shop.nowMs)
        #expect(try code(id) == "resource_missing")
        #expect(try shop.get("/v1/balance", account: id).status == 403)
        shop.isSound()
    }

    @Test("a transfer is reversed in parts, never more than it was or than the seller has")
    func reversal() throws {
        var shop = Shop()
        shop.world.topUp(amountMinor: 1000, currency: "cad", nowMs: shop.nowMs)
        let seller = try shop.seller()
        let transfer = try shop.post("/v1/transfers", "amount=500&currency=cad&destination=\(seller)").id
        let path = "/v1/transfers/\(transfer)/reversals"
        #expect(try shop.post(path, "amount=501").json["error"]?["param"]?.string == "amount")
        let first = try shop.post(path, "amount=200&metadata[why]=refund")
        #expect(first.status == 200 && shop.available() == 700 && shop.available(seller) == 300)
        #expect(try shop.post("/v1/payouts", "amount=250&currency=cad", account: seller).status == 200)
        #expect(try shop.post(path).code == "balance_insufficient")
        #expect(try shop.post(path, "amount=50").status == 200)
        let now = try shop.get("/v1/transfers/\(transfer)")
        #expect(now.int("amount_reversed") == 250 && now["reversed"]?.bool == false)
        #expect(now["reversals"]?["data"]?.count == 2)
        let listed = try shop.get(path)
        #expect(listed.rows.last?["id"]?.string == first.id && listed.rows.count == 2)
        let payment = try shop.get("/v1/charges/\(now.string("destination_payment"))", account: seller)
        #expect(payment.int("amount_refunded") == 250)
        shop.isSound()
    }

    @Test("money on its way to a seller is taken back from what is on its way")
    func pendingReversal() throws {
        var shop = Shop()
        let seller = try shop.seller()
        let sale = try shop.sale(1000)
        let form = "amount=500&currency=cad&destination=\(seller)&source_transaction=\(sale.charge)"
        let transfer = try shop.post("/v1/transfers", form).id
        #expect(try shop.post("/v1/transfers/\(transfer)/reversals").status == 200)
        #expect(shop.pending(seller) == 0 && shop.available(seller) == 0 && shop.pending() == 941)
        #expect(try shop.get("/v1/transfers/\(transfer)")["reversed"]?.bool == true)
        #expect(try shop.post("/v1/transfers/\(transfer)/reversals").status == 400)
        shop.wait()
        #expect(shop.available() == 941)
        shop.isSound()
    }

    @Test("transfers are listed by group, in pages, latest first")
    func listing() throws {
        var shop = Shop()
        shop.world.topUp(amountMinor: 10_000, currency: "cad", nowMs: shop.nowMs)
        let seller = try shop.seller()
        var ids: [String] = []
        for index in 1...7 {
            let group = index % 2 == 0 ? "even" : "odd"
            let form = "amount=\(index)&currency=cad&destination=\(seller)&transfer_group=\(group)"
            ids.append(try shop.post("/v1/transfers", form).id)
            shop.nowMs += 1000
        }
        let odd = [ids[6], ids[4], ids[2], ids[0]]
        let first = try shop.get("/v1/transfers", "transfer_group=odd&limit=3")
        #expect(first.rows.map { $0["id"]?.string } == Array(odd.prefix(3)))
        #expect(first["has_more"]?.bool == true)
        let second = try shop.get("/v1/transfers", "transfer_group=odd&limit=3&starting_after=\(odd[2])")
        #expect(second.rows.map { $0["id"]?.string } == [odd[3]])
        #expect(second["has_more"]?.bool == false)
        let back = try shop.get("/v1/transfers", "ending_before=\(ids[2])&limit=2")
        #expect(back.rows.map { $0["id"]?.string } == [ids[4], ids[3]])
        #expect(back["has_more"]?.bool == true)
        let seconds = Shop.startMs / 1000
        let range = "created[gt]=\(seconds + 1)&created[lte]=\(seconds + 3)"
        #expect(try shop.get("/v1/transfers", range).rows.map { $0["id"]?.string } == [ids[3], ids[2]])
        #expect(try shop.get("/v1/transfers", "limit=101").status == 400)
    }
}
