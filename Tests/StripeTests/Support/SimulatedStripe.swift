import HTTPClient
import Stripe
import StripeSimulator
import Synchronization
import Testing

/// The simulated Stripe on the other side of the client, in process, on a clock that only tests move.
final class SimulatedStripe: HTTPExchanging {
    let time = ManualTime()
    private let state: Mutex<StripeWorld>

    init(seed: UInt64 = 1, configure: (inout StripeConfiguration) -> Void = { _ in }) {
        var configuration = StripeConfiguration()
        configuration.accountsStartActive = true
        configure(&configuration)
        state = Mutex(StripeWorld(seed: seed, configuration: configuration))
    }

    /// Looks at the world or changes it, at the time that it is.
    @discardableResult
    func world<Result: Sendable>(_ body: (inout StripeWorld, Int64) throws -> Result) rethrows -> Result {
        try state.withLock { try body(&$0, time.now) }
    }

    func client() throws -> StripeClient {
        StripeClient(
            key: try StripeSecretKey("sk_test_simulator"), settings: try StripeSettings(), http: self,
            timing: time.timing())
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let exchange = world { world, nowMs in world.exchange(StripeRequest(request), nowMs: nowMs) }
        time.advance(exchange.replyDelayMs)
        switch exchange.outcome {
        case .answered(let answer):
            let fields = answer.headers.map { HTTPHeaders.Field(name: $0.name, value: $0.value) }
            return HTTPResponse(status: answer.status, headers: HTTPHeaders(fields), body: answer.body)
        case .lost: throw HTTPError(.connectionLost, .unknown, "the connection broke")
        }
    }

    /// Lets time go by, for both sides.
    func pass(_ milliseconds: Int64) {
        time.advance(milliseconds)
        world { world, nowMs in world.advance(nowMs: nowMs) }
    }

    /// A seller's account that takes transfers.
    func seller(_ name: String = "did:imajin:seller") async throws -> String {
        let call = StripeCall.createAccount(country: "CA", email: nil, reference: name)
        let outcome = await (try client()).write(call, idempotencyKey: "account-\(name)", as: StripeAccount.self)
        guard case .done(let account, _) = outcome else { throw Stripe.StripeFailure(.unreachable, "\(outcome)") }
        return account.id.text
    }

    /// What no correct client sends, and balances that do not add up: none of either.
    func expectCorrect(_ location: SourceLocation = #_sourceLocation) {
        let (violations, proof) = world { world, _ in (world.violations.map(\.description), world.balanceProof()) }
        #expect(violations.isEmpty, sourceLocation: location)
        #expect(proof.isEmpty, sourceLocation: location)
    }
}

extension StripeRequest {
    /// What our client sent.
    init(_ request: HTTPRequest) {
        self.init(
            method: request.method.rawValue, target: String(request.url.dropFirst("https://api.stripe.com".count)),
            form: request.body, authorization: request.headers["Authorization"],
            version: request.headers["Stripe-Version"], account: request.headers["Stripe-Account"],
            idempotencyKey: request.headers["Idempotency-Key"], contentType: request.headers["Content-Type"])
    }
}
