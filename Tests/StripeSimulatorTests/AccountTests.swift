import Cryptography
import StripeSimulator
import Testing

/// Connected accounts and their links.
@Suite struct AccountTests {
    @Test("an account is inactive until it is onboarded")
    func onboarding() throws {
        var shop = Shop()
        let form =
            "country=CA&email=s@shop.test&controller[fees][payer]=application&controller[losses][payments]=application"
            + "&controller[stripe_dashboard][type]=express&capabilities[transfers][requested]=true&metadata[did]=d1"
        let account = try shop.post("/v1/accounts", form)
        #expect(account["capabilities"]?["transfers"]?.string == "inactive")
        #expect(account["controller"]?["losses"]?["payments"]?.string == "application")
        #expect(account["requirements"]?["currently_due"]?.count == 3)
        #expect(account.string("type") == "express")
        #expect(try shop.post("/v1/accounts/\(account.id)/login_links").status == 400)
        try shop.world.onboard(account.id, nowMs: shop.nowMs)
        let now = try shop.get("/v1/accounts/\(account.id)")
        #expect(now["capabilities"]?["transfers"]?.string == "active")
        #expect(now["payouts_enabled"]?.bool == true && now["requirements"]?["currently_due"]?.count == 0)
        let capability = try shop.get("/v1/accounts/\(account.id)/capabilities/transfers")
        #expect(capability.string("status") == "active")
        #expect(try shop.post("/v1/accounts/\(account.id)/login_links").status == 200)
        #expect(shop.delivered() == ["account.updated", "capability.updated"])
        shop.isSound()
    }

    @Test("each account link is new")
    func links() throws {
        var shop = Shop()
        let id = try shop.seller()
        let form = "type=account_onboarding&refresh_url=https://s.test/r&return_url=https://s.test/d&account="
        let first = try shop.post("/v1/account_links", form + id)
        let second = try shop.post("/v1/account_links", form + id)
        #expect(first.string("url").hasPrefix("https://connect.stripe.com/setup/"))
        #expect(first.string("url") != second.string("url"))
        #expect((first.int("expires_at") ?? 0) - (first.int("created") ?? 0) == 300)
        #expect(try shop.post("/v1/account_links", form + "acct_unknown").code == "resource_missing")
    }

    @Test("metadata is merged, a key is unset by an empty text, all of it too")
    func metadata() throws {
        var shop = Shop()
        let id = try shop.post("/v1/accounts", "metadata[a]=1&metadata[b]=2").id
        func metadata(_ form: String) throws -> [String: String] {
            let answer = try shop.post("/v1/accounts/\(id)", form)
            return Dictionary(
                uniqueKeysWithValues: Array(try #require(answer["metadata"]).members).map {
                    ($0.key, $0.value.string ?? "")
                })
        }
        #expect(try metadata("metadata[c]=3&metadata[a]=") == ["b": "2", "c": "3"])
        #expect(try metadata("email=x@y.test") == ["b": "2", "c": "3"])
        #expect(try metadata("metadata=") == [:])
    }

    @Test("an account with money is not deleted; one without is gone")
    func deletion() throws {
        var shop = Shop()
        let id = try shop.seller()
        shop.world.topUp(amountMinor: 100, currency: "cad", nowMs: shop.nowMs)
        let transfer = try shop.post("/v1/transfers", "amount=100&currency=cad&destination=\(id)").id
        let request = Shop.request("DELETE", "/v1/accounts/\(id)")
        #expect(shop.world.handle(request, nowMs: shop.nowMs).status == 400)
        _ = try shop.post("/v1/transfers/\(transfer)/reversals")
        #expect(shop.world.handle(request, nowMs: shop.nowMs).status == 200)
        #expect(try shop.get("/v1/accounts/\(id)").status == 404)
        #expect(try shop.get("/v1/accounts").rows.isEmpty)
        shop.isSound()
    }
}
