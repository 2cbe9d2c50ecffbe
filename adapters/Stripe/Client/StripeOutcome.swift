public import Cryptography

/// What became of a request that may move money. Not knowing is one of the outcomes, never an error to try again
/// blindly.
public enum StripeOutcome<Object: Sendable>: Sendable {
    /// Stripe did it, now or when the same key was first sent.
    case done(Object, StripeReceipt)
    /// Stripe's own word that it did not and, with this key, will not.
    case refused(StripeRefusal)
    /// Certainly not carried out: nothing was sent, or it was turned away before it began. The same key may be sent
    /// again later.
    case notCarriedOut(StripeFailure)
    /// It may have been carried out. Look it up, or send the same bytes with the key that ``StripeKeyAge`` says; never
    /// with any other.
    case unknown(StripeFailure)
}

/// What belongs to an answer beside its object.
public struct StripeReceipt: Sendable, Equatable {
    /// `Request-Id`: what Stripe's support asks for.
    public let requestID: String?
    /// Whether it is the stored answer to an earlier request with the same key.
    public let isReplayed: Bool
}

/// An answer with status 2xx: the JSON and what belongs to it.
public struct StripeReply: Sendable {
    /// The object, or the list.
    public let document: JSONDocument
    /// What belongs to it.
    public let receipt: StripeReceipt
}

/// Stripe's refusal of a request: nothing of it was carried out.
public struct StripeRefusal: Error, Sendable, Equatable {
    /// The HTTP status, 400 to 499.
    public let status: Int
    /// The sort of error, such as `card_error`.
    public let type: StripeOpen<StripeErrorType>
    /// Stripe's stable code, such as `balance_insufficient`; nil where it gave none.
    public let stripeCode: String?
    /// Why the issuer of the card declined, such as `insufficient_funds`.
    public let declineCode: String?
    /// The parameter that it is about.
    public let parameter: String?
    /// For an operator: Stripe's words, without secrets.
    public let message: String
    /// `Request-Id`.
    public let requestID: String?

    /// Whether the object that the request names does not exist.
    public var isMissing: Bool { status == 404 || stripeCode == "resource_missing" }
    /// Whether the account that the request names does not exist, or is no longer ours to speak for.
    public var isAccountGone: Bool { isMissing || stripeCode == "account_invalid" }
    /// Whether our balance at Stripe did not hold the money: it may at another time.
    public var isBalanceInsufficient: Bool { stripeCode == "balance_insufficient" }
}

extension StripeRefusal: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        let code = [type.text, stripeCode, declineCode].compactMap { $0 }.joined(separator: "/")
        return "stripe_refused \(status) \(code) (\(requestID ?? "no request id")): \(message)"
    }
}

/// The sorts of error that Stripe's v1 API has.
public enum StripeErrorType: String, Sendable, Equatable, CaseIterable {
    /// Something is wrong at Stripe.
    case apiError = "api_error"
    /// The card was declined.
    case cardError = "card_error"
    /// A key was used again with another request.
    case idempotencyError = "idempotency_error"
    /// The request cannot be carried out as it is.
    case invalidRequestError = "invalid_request_error"
}
