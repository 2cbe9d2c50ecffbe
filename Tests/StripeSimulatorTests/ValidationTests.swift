import Cryptography
import StripeSimulator
import Testing

/// Requests against the specification.
@Suite struct ValidationTests {
    @Test(
        "a request that the specification does not allow is answered 400, and noted",
        arguments: [
            ("/v1/transfers", "amount=1&currency=cad&destination=a&colour=red", "parameter_unknown", "colour"),
            ("/v1/transfers", "amount=1&currency=cad", "parameter_missing", "destination"),
            ("/v1/transfers", "amount=x&currency=cad&destination=a", "parameter_invalid_integer", "amount"),
            ("/v1/transfers", "amount=1.5&currency=cad&destination=a", "parameter_invalid_integer", "amount"),
            ("/v1/transfers", "amount=+1&currency=cad&destination=a", "parameter_invalid_integer", "amount"),
            ("/v1/transfers", "amount=1&currency[x]=cad&destination=a", nil, "currency"),
            ("/v1/transfers", "amount=1&currency=cad&destination=a&metadata=x", nil, "metadata"),
            ("/v1/transfers", "amount=1&currency=cad&destination=a&expand[1]=x", nil, "expand"),
            ("/v1/transfers", "amount=1&currency=cad&destination=a&expand=x", nil, "expand"),
            ("/v1/refunds", "charge=ch_1&reason=because", nil, "reason"),
            ("/v1/payment_intents", "amount=100&currency=cad&confirm=yes", nil, "confirm"),
            (
                "/v1/payment_intents", "amount=100&currency=cad&payment_method_types[0]=card", "parameter_unknown",
                "payment_method_types"
            ),
            (
                "/v1/payment_intents", "amount=100&currency=cad&automatic_payment_methods[allow_redirects]=never",
                "parameter_missing", "automatic_payment_methods[enabled]"
            ),
            ("/v1/account_links", "account=a&type=other", nil, "type"),
            ("/v1/transfers", "amount=1&amount=2&currency=cad&destination=a", nil, "amount"),
        ] as [(String, String, String?, String)])
    func refused(path: String, form: String, code: String?, param: String) throws {
        var shop = Shop()
        let answer = try shop.post(path, form)
        #expect(answer.status == 400)
        #expect(answer.type == "invalid_request_error")
        #expect(answer.code == code)
        #expect(answer["error"]?["param"]?.string == param)
        #expect(shop.world.violations.count == 1)
        #expect(shop.world.ids(of: "event").isEmpty)
    }

    @Test("a key, a version, a path and an account that are unknown are refused")
    func outside() throws {
        var shop = Shop()
        var request = Shop.request("GET", "/v1/balance")
        request.authorization = "Bearer sk_test_other"
        #expect(shop.world.handle(request, nowMs: shop.nowMs).status == 401)
        request.authorization = "Basic c2tfdGVzdF9zaW11bGF0b3I6"
        #expect(shop.world.handle(request, nowMs: shop.nowMs).status == 200)
        request.version = "2020-01-01"
        #expect(shop.world.handle(request, nowMs: shop.nowMs).status == 400)
        #expect(try shop.get("/v1/balances").status == 404)
        #expect(try shop.get("/v1/balance", account: "acct_unknown").status == 403)
        #expect(try shop.get("/v1/balance", "colour=red").code == "parameter_unknown")
    }

    @Test("what the simulator leaves out is refused, not passed over")
    func leftOut() throws {
        var shop = Shop()
        let form = "amount=100&currency=cad&transfer_data[destination]=acct_1"
        #expect(try shop.post("/v1/payment_intents", form).code == "not_simulated")
        #expect(try shop.get("/v1/topups").code == "not_simulated")
        #expect(shop.world.violations.count == 2)
    }
}
