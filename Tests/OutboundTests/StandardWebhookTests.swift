import Cryptography
import Outbound
import PythonRunning
import Testing

@Suite("Signatures of deliveries")
struct StandardWebhookTests {
    /// The example of the Standard Webhooks specification's reference libraries.
    private static let secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private static let body = #"{"test": 2432232314}"#

    @Test("the known answer of the specification's libraries comes out")
    func knownAnswer() throws {
        let bytes = try #require(Base64.decode(Self.secret))
        let secret = try #require(WebhookSecret(bytes: bytes))
        #expect(secret.text == "whsec_" + Self.secret)
        let headers = StandardWebhook.headers(
            id: Self.id, timestampSeconds: 1_614_265_330, body: Array(Self.body.utf8), secrets: [secret])
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(
            headers.map(\.value) == [
                Self.id, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ])
    }

    @Test("another implementation makes the same signature, with every secret of several")
    func other() async throws {
        let secrets = try (1...3).map { number in
            try #require(WebhookSecret(bytes: [UInt8](repeating: UInt8(number), count: 20 + 4 * number)))
        }
        let headers = StandardWebhook.headers(
            id: "msg_1", timestampSeconds: 1_774_958_400, body: Array("{}".utf8), secrets: secrets)
        let script = """
            import sys
            from datetime import datetime, timezone
            from standardwebhooks.webhooks import Webhook
            when = datetime.fromtimestamp(1774958400, timezone.utc)
            print(" ".join(Webhook(secret).sign("msg_1", when, "{}") for secret in sys.argv[1:]))
            """
        let outcome = try await Python.run(["-c", script] + secrets.map(\.text))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(headers[2].value + "\n" == outcome.output)
    }

    @Test("a secret has the length that the specification asks for, and is never printed")
    func secrets() throws {
        #expect(WebhookSecret(bytes: [UInt8](repeating: 7, count: 23)) == nil)
        #expect(WebhookSecret(bytes: [UInt8](repeating: 7, count: 65)) == nil)
        let secret = try #require(WebhookSecret(bytes: [UInt8](repeating: 7, count: 24)))
        var dumped = "\(secret) \(String(reflecting: secret))"
        dump(secret, to: &dumped)
        #expect(!dumped.contains(secret.text) && !dumped.contains("7, 7"))
    }
}
