import HTTPClient
import Stripe
import Testing

@Suite("The client of Stripe")
struct ClientTests {
    static let secret = "sk_test_51NeverShowThis0123456789"

    static func client(
        _ http: ScriptedHTTP, _ time: ManualTime = ManualTime(), jitter: Int64 = 0
    ) throws -> StripeClient {
        StripeClient(
            key: try StripeSecretKey(secret), settings: try StripeSettings(), http: http,
            timing: time.timing(jitter: jitter))
    }

    static func transfer() throws -> StripeCall {
        .createTransfer(
            StripeAmount(amount: 100, currency: "cad"), to: try #require(StripeID("acct_1")), reference: "po_1-1",
            group: "pay_1")
    }

    static func outcome(_ steps: [ScriptedHTTP.Step]) async throws -> (String, ScriptedHTTP) {
        let http = ScriptedHTTP(steps)
        let outcome = try await client(http).write(
            try transfer(), idempotencyKey: "po_1-1", as: StripeTransfer.self)
        return (word(outcome), http)
    }

    static func word<Object>(_ outcome: StripeOutcome<Object>) -> String {
        switch outcome {
        case .done: "done"
        case .refused(let refusal): "refused \(refusal.stripeCode ?? refusal.type.text)"
        case .notCarriedOut(let failure): "not carried out: \(failure.code.rawValue)"
        case .unknown(let failure): "unknown: \(failure.code.rawValue)"
        }
    }

    @Test("a write names its version, key, account and idempotency key, and sends the stored bytes")
    func headers() async throws {
        let http = ScriptedHTTP([.answer(200, [:], "{}")])
        let account = try #require(StripeID("acct_9"))
        let call = StripeCall.createPayout(
            StripeAmount(amount: 500, currency: "cad"), reference: "po_9-1", on: account)
        _ = try await Self.client(http).write(call, idempotencyKey: "po_9-1")
        let request = try #require(http.requests.first)
        #expect(http.requests.count == 1)
        #expect(request.method == .post)
        #expect(request.url == "https://api.stripe.com/v1/payouts")
        #expect(request.headers["Authorization"] == "Bearer \(Self.secret)")
        #expect(request.headers["Stripe-Version"] == "2026-10-28.endive")
        #expect(request.headers["Idempotency-Key"] == "po_9-1")
        #expect(request.headers["Stripe-Account"] == "acct_9")
        #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "amount=500&currency=cad&metadata%5Bmjn_ref%5D=po_9-1")
    }

    @Test("a read has no body and no idempotency key, and its parameters stand in the query")
    func reads() async throws {
        let http = ScriptedHTTP([.answer(200, [:], #"{"object":"list","data":[],"has_more":false}"#)])
        let reading = try await Self.client(http).list(.events, StripeFilter(createdFromMs: 1_700_000_000_999))
        #expect(reading.isWhole && reading.elements.isEmpty)
        let request = try #require(http.requests.first)
        #expect(request.method == .get && request.body.isEmpty)
        #expect(request.headers["Idempotency-Key"] == nil)
        #expect(request.url == "https://api.stripe.com/v1/events?created%5Bgte%5D=1700000000&limit=100")
    }

    @Test(
        "what one answer means for a write",
        arguments: [
            ([.transfer], "done", 1),
            (
                [.error(400, type: "invalid_request_error", code: "parameter_missing", "x")],
                "refused parameter_missing", 1
            ),
            ([.error(402, type: "card_error", code: "card_declined", "x")], "refused card_declined", 1),
            (
                [.error(404, type: "invalid_request_error", code: "resource_missing", "x")], "refused resource_missing",
                1
            ),
            ([.error(400, type: "idempotency_error", "x")], "unknown: stripe_key_reused", 1),
            ([.error(401, type: "invalid_request_error", "x")], "not carried out: stripe_unauthorized", 1),
            ([.error(403, type: "invalid_request_error", "x")], "not carried out: stripe_unauthorized", 1),
            ([.error(403, type: "invalid_request_error", code: "account_invalid", "x")], "refused account_invalid", 1),
            ([.answer(404, [:], "<html>")], "unknown: stripe_answer_malformed", 1),
            ([.answer(302, [:], "")], "unknown: stripe_answer_malformed", 1),
            ([.answer(200, [:], "{}")], "unknown: stripe_answer_malformed", 1),
            ([.answer(200, [:], "not json")], "unknown: stripe_answer_malformed", 1),
            ([.status(500, ["Stripe-Should-Retry": "false"])], "unknown: stripe_server_error", 1),
            ([.status(409, ["Stripe-Should-Retry": "false"])], "unknown: stripe_conflict", 1),
            ([.status(429, ["Stripe-Should-Retry": "false"])], "not carried out: stripe_rate_limited", 1),
        ] as [([ScriptedHTTP.Step], String, Int)])
    func single(steps: [ScriptedHTTP.Step], word: String, tries: Int) async throws {
        let (outcome, http) = try await Self.outcome(steps)
        #expect(outcome == word)
        #expect(http.requests.count == tries)
    }

    @Test(
        "what is tried again, and what it comes to",
        arguments: [
            ([.status(500), .transfer], "done", 2),
            ([.status(503), .status(502), .status(500), .status(500), .transfer], "done", 5),
            (
                [.status(500), .status(500), .status(500), .status(500), .status(500), .transfer],
                "unknown: stripe_server_error", 5
            ),
            ([.error(409, type: "idempotency_error", code: "idempotency_key_in_use", "x"), .transfer], "done", 2),
            ([.error(429, type: "invalid_request_error", code: "rate_limit", "x"), .transfer], "done", 2),
            ([.error(400, type: "invalid_request_error", code: "rate_limit", "x"), .transfer], "done", 2),
            ([.error(402, ["Stripe-Should-Retry": "true"], type: "card_error", "x"), .transfer], "done", 2),
            ([.refusedConnection, .transfer], "done", 2),
            ([.lost, .transfer], "done", 2),
            (
                [.refusedConnection, .refusedConnection, .refusedConnection, .refusedConnection, .refusedConnection],
                "not carried out: stripe_unreachable", 5
            ),
            ([.lost, .lost, .lost, .lost, .lost], "unknown: stripe_unreachable", 5),
            (
                [.status(429), .status(429), .status(429), .status(429), .status(429)],
                "not carried out: stripe_rate_limited", 5
            ),
            // Turned away later says nothing about the try that may have been carried out.
            ([.lost, .status(429), .status(429), .status(429), .status(429)], "unknown: stripe_rate_limited", 5),
            ([.status(500), .error(401, type: "invalid_request_error", "x")], "unknown: stripe_unauthorized", 2),
            (
                [.lost, .refusedConnection, .refusedConnection, .refusedConnection, .refusedConnection],
                "unknown: stripe_unreachable", 5
            ),
            // The same key: had the first try been carried out, this would be its answer.
            (
                [.lost, .error(400, type: "invalid_request_error", code: "balance_insufficient", "x")],
                "refused balance_insufficient", 2
            ),
        ] as [([ScriptedHTTP.Step], String, Int)])
    func repeated(steps: [ScriptedHTTP.Step], word: String, tries: Int) async throws {
        let (outcome, http) = try await Self.outcome(steps)
        #expect(outcome == word)
        #expect(http.requests.count == tries)
        #expect(Set(http.requests.map { $0.headers["Idempotency-Key"] }) == ["po_1-1"])
        #expect(Set(http.requests.map(\.body)).count == 1)
    }

    @Test("an answer from the cache of the key is done, and said to be a replay")
    func replay() async throws {
        guard case .answer(_, _, let body) = ScriptedHTTP.Step.transfer else { return }
        let http = ScriptedHTTP([.answer(200, ["Idempotent-Replayed": "true", "Request-Id": "req_7"], body)])
        let outcome = try await Self.client(http).write(
            try Self.transfer(), idempotencyKey: "k", as: StripeTransfer.self)
        guard case .done(let transfer, let receipt) = outcome else {
            Issue.record("not done")
            return
        }
        #expect(transfer.id.text == "tr_1")
        #expect(receipt.isReplayed)
        #expect(receipt.requestID == "req_7")
    }

    @Test("a key that cannot be one is not sent", arguments: ["", "a b", "ä", String(repeating: "k", count: 256)])
    func keys(key: String) async throws {
        let http = ScriptedHTTP([])
        let outcome = try await Self.client(http).write(try Self.transfer(), idempotencyKey: key)
        #expect(Self.word(outcome) == "not carried out: stripe_request_invalid")
        #expect(http.requests.isEmpty)
    }

    @Test("a failing read says that it is not known; a missing object, that it is missing")
    func failingReads() async throws {
        let http = ScriptedHTTP([.lost, .lost, .lost, .lost, .lost])
        let id = try #require(StripeID("tr_1"))
        let failed = await #expect(throws: StripeReadError.self) {
            try await Self.client(http).read(.transfer(id), as: StripeTransfer.self)
        }
        #expect(failed?.code == "stripe_unreachable")
        #expect(failed?.isMissing == false)
        let missing = await #expect(throws: StripeReadError.self) {
            let http = ScriptedHTTP([.error(404, type: "invalid_request_error", code: "resource_missing", "x")])
            return try await Self.client(http).read(.transfer(id), as: StripeTransfer.self)
        }
        #expect(missing?.isMissing == true)
    }
}
