/// What Stripe answers.
public struct StripeAnswer: Sendable {
    /// The HTTP status.
    public var status: Int
    /// `Request-Id`, `Stripe-Version`, and where they apply `Idempotency-Key`, `Original-Request`,
    /// `Idempotent-Replayed`, `Stripe-Should-Retry`; `Content-Type` always.
    public var headers: [(name: String, value: String)]
    /// JSON.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name in any case; nil when there is none.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What became of a request, as the network showed it to the sender.
public enum StripeOutcome: Sendable {
    /// The answer arrived.
    case answered(StripeAnswer)
    /// None arrived: for the sender the outcome is unknown. Whether Stripe took the request is for a test to know and
    /// no sender to see; a client must treat both alike.
    case lost(wasTaken: Bool)

    /// The answer; nil where none arrived.
    public var answer: StripeAnswer? {
        if case .answered(let answer) = self { answer } else { nil }
    }
}

/// A request's outcome, and what else happened on the network about it.
public struct StripeExchange: Sendable {
    /// Webhooks that reach the receiver before the reply does; the caller delivers them first.
    public var webhooksBeforeReply: [StripeWebhook]
    /// What became of the request.
    public var outcome: StripeOutcome
    /// How long the answer takes. Until then a second request with the same key is answered 409.
    public var replyDelayMs: Int64
}
