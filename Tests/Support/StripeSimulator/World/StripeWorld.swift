/// A simulated Stripe: accounts, payments, balances, events, and everything that can go wrong on the way to them.
///
/// A value without input or output: time comes in with each call, as Unix milliseconds that never go back, and
/// randomness from a seed; the same calls give the same bytes. Copying it is a snapshot.
///
/// What holds after every call: the balance of every account in every currency is the sum of the `net` of its balance
/// transactions (``balanceProof()``).
public struct StripeWorld: Sendable {
    /// How the account is set up. Changes hold for what comes after.
    public var configuration: StripeConfiguration
    /// What goes wrong.
    public var faults: StripeFaults

    /// A world with nothing in it.
    public init(seed: UInt64, configuration: StripeConfiguration = .init(), faults: StripeFaults = .init()) {
        self.configuration = configuration
        self.faults = faults
    }

    /// Answers a request with no fault on the way.
    public mutating func handle(_ request: StripeRequest, nowMs: Int64) -> StripeAnswer {
        StripeAnswer(status: 501, headers: [], body: [])
    }

    /// Sends a request over a network with ``faults``.
    public mutating func exchange(_ request: StripeRequest, nowMs: Int64) -> StripeExchange {
        StripeExchange(webhooksBeforeReply: [], outcome: .lost(wasTaken: false), replyDelayMs: 0)
    }

    /// Takes the webhooks whose time has come, signed with the time that it is, in the order in which they arrive.
    /// Those taken count as delivered unless ``refuseWebhook(_:nowMs:)`` gives them back.
    public mutating func takeWebhooks(nowMs: Int64) -> [StripeWebhook] { [] }

    /// When the next webhook is due; nil when none is.
    public var nextWebhookAtMs: Int64? { nil }

    /// The receiver did not answer 2xx: the event counts as not delivered and comes again, after ever longer waits,
    /// for `configuration.webhookRetriedMs`.
    public mutating func refuseWebhook(_ webhook: StripeWebhook, nowMs: Int64) {}

    /// Requests that no correct client sends, in order: unknown or missing parameters, wrong types, malformed forms,
    /// reused keys. A test asserts that there is none.
    public private(set) var violations: [StripeViolation] = []

    /// How many requests arrived.
    public private(set) var requestCount = 0
}

/// A request that does not keep to the API's specification.
public struct StripeViolation: Hashable, Sendable, CustomStringConvertible {
    /// The request.
    public let request: StripeRequest
    /// What is wrong with it, as the answer says it.
    public let message: String

    /// The method, the path and what is wrong.
    public var description: String { "\(request.method) \(request.path): \(message)" }
}
