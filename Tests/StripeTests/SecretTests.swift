import HTTPClient
import Stripe
import Testing

@Suite("The secret key")
struct SecretTests {
    private let secret = ClientTests.secret

    @Test("no description, mirror or dump of a key, client or environment holds it")
    func descriptions() throws {
        let key = try StripeSecretKey(secret)
        let environment = try #require(
            try StripeEnvironment([StripeEnvironment.keyName: secret], isDevelopment: true))
        let client = try ClientTests.client(ScriptedHTTP([]))
        var texts: [String] = []
        for value in [key, environment, client] as [Any] {
            texts += ["\(value)", String(reflecting: value), Self.dumped(value)]
        }
        #expect(texts.count == 9)
        #expect(texts.allSatisfy { !$0.contains(secret) && !$0.contains("NeverShow") })
    }

    @Test("no error holds it, whole or in part, when Stripe or a proxy echoes it")
    func echoes() async throws {
        let echo = "Invalid API Key provided: \(secret) (Bearer \(secret)), sk_test_51Ne*****6789, whsec_abc, rk_live_Z"
        let headers: HTTPHeaders = ["Request-Id": "req \(secret)"]
        var texts: [String] = []
        for status in [400, 401, 402, 403, 404, 409, 429, 500] {
            let http = ScriptedHTTP(
                Array(
                    repeating: .error(status, headers, type: secret, code: status == 400 ? secret : nil, echo), count: 5
                ))
            let client = try ClientTests.client(http)
            texts.append(Self.dumped(await client.write(try ClientTests.transfer(), idempotencyKey: "k")))
            do {
                _ = try await client.list(.payouts)
            } catch {
                texts += ["\(error)", Self.dumped(error)]
            }
        }
        let html = ScriptedHTTP([.answer(200, [:], #"{"object":"\#(secret)","data":"\#(secret)"}"#)])
        do {
            _ = try await ClientTests.client(html).list(.payouts)
        } catch {
            texts.append("\(error)")
        }
        #expect(texts.contains { $0.contains("[redacted]") })
        for text in texts {
            #expect(
                !text.contains(secret) && !text.contains("51Ne") && !text.contains("whsec_") && !text.contains("_Z"))
        }
    }

    private static func dumped(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test("what is no secret key is refused", arguments: ["", "pk_test_1", "sk_", "sk_test_ab c"])
    func refused(text: String) throws {
        #expect(throws: StripeSettingsError.keyInvalid) { try StripeSecretKey(text) }
    }

    @Test("a key may stand in a file, with a line break after it")
    func file() throws {
        let path = "/tmp/mjn-stripe-key-\(UInt64.random(in: 0...UInt64.max))"
        try Files.write(secret + "\n", to: path)
        defer { Files.remove(path) }
        let environment = try #require(
            try StripeEnvironment([StripeEnvironment.keyFileName: path], isDevelopment: false))
        #expect(environment.key == (try StripeSecretKey(secret)))
        #expect(throws: StripeSettingsError.keyFileUnreadable("/nonexistent")) {
            try StripeEnvironment([StripeEnvironment.keyFileName: "/nonexistent"], isDevelopment: false)
        }
    }

    @Test("without a key the rail is off")
    func off() throws {
        #expect(try StripeEnvironment([:], isDevelopment: false) == nil)
        #expect(try StripeEnvironment([StripeEnvironment.keyName: ""], isDevelopment: false) == nil)
    }

    @Test(
        "an address of the API is https, or this machine on a development node",
        arguments: [
            ("https://api.stripe.com", false, true), ("https://api.stripe.com/", false, true),
            ("http://127.0.0.1:12111", true, true), ("http://localhost:1", true, true), ("http://[::1]:9", true, true),
            ("http://127.0.0.1:12111", false, false), ("http://api.stripe.com", true, false),
            ("http://10.0.0.1:1", true, false), ("https://user@api.stripe.com", false, false),
            ("https://api.stripe.com/v1", false, false), ("ftp://x", true, false), ("https://", false, false),
            ("https://h:0", false, false), ("https://h:99999", false, false), ("https://a b", false, false),
        ])
    func bases(base: String, isDevelopment: Bool, isGood: Bool) throws {
        let settings = try? StripeSettings(apiBase: base, isDevelopment: isDevelopment)
        #expect((settings != nil) == isGood)
        guard let settings else { return }
        #expect(settings.egress.refusal(of: settings.endpoint) == nil)
        #expect(settings.egress.refusal(of: EgressPolicy.Endpoint(host: "example.com", port: 443)) == .unlisted)
    }
}
