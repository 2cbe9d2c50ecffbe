/// Why there is no verdict on a request. Holds no secret; safe to log and to show to an operator.
public struct StripeFailure: Error, Sendable, Equatable {
    /// The sort of failure. A raw value never changes its meaning.
    public enum Code: String, Sendable, Equatable, CaseIterable {
        /// Stripe could not be reached, or did not answer in time.
        case unreachable = "stripe_unreachable"
        /// Stripe answered 429: too many requests.
        case rateLimited = "stripe_rate_limited"
        /// Too many of our own requests wait for their turn.
        case busy = "stripe_busy"
        /// Stripe answered with an error of its own (500 and above).
        case serverError = "stripe_server_error"
        /// A request with the same key, or on the same object, is under way at Stripe.
        case conflict = "stripe_conflict"
        /// The key is none, was revoked, or may not do this: for the operator.
        case unauthorized = "stripe_unauthorized"
        /// The idempotency key was used before with another request: a defect of ours, for the operator. Never to be
        /// answered with a new key by itself: the first request may have moved the money.
        case keyReused = "stripe_key_reused"
        /// What came is not Stripe's: no JSON, or not the object that was asked for.
        case answerMalformed = "stripe_answer_malformed"
        /// The caller's task was cancelled.
        case cancelled = "stripe_cancelled"
        /// The request cannot be sent as it is: settings, or the guard of outgoing connections.
        case requestInvalid = "stripe_request_invalid"
    }

    /// The sort of failure.
    public let code: Code
    /// For an operator.
    public let message: String
    /// The HTTP status where an answer came.
    public let status: Int?
    /// `Request-Id` where an answer came.
    public let requestID: String?
    /// What Stripe asked us to wait, where it did.
    public let retryAfterMilliseconds: Int64?

    /// Makes a failure; the message must hold no secret.
    public init(
        _ code: Code, _ message: String, status: Int? = nil, requestID: String? = nil,
        retryAfterMilliseconds: Int64? = nil
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.requestID = requestID
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

extension StripeFailure: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        let status = status.map { " \($0)" } ?? ""
        return "\(code.rawValue)\(status) (\(requestID ?? "no request id")): \(message)"
    }
}

/// Why an object could not be read from Stripe.
public enum StripeReadError: Error, Sendable, Equatable {
    /// Stripe's word that there is none, or that we may not see it.
    case refused(StripeRefusal)
    /// It is not known: ask again later.
    case failed(StripeFailure)

    /// Stable, for logs.
    public var code: String {
        switch self {
        case .refused: "stripe_refused"
        case .failed(let failure): failure.code.rawValue
        }
    }

    /// Whether Stripe says that the object does not exist.
    public var isMissing: Bool {
        if case .refused(let refusal) = self { refusal.isMissing } else { false }
    }
}

extension StripeReadError: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .failed(let failure): failure.description
        }
    }
}
