/// Where events come from: the first part of an event's key after the book, since two senders may use one id.
public struct WebhookSource: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The stable name: stored, and shown to operators.
    public let rawValue: String

    /// A source by its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Stripe's events of the platform's own account.
    public static let stripe = Self(rawValue: "stripe")
    /// Stripe's events of connected accounts.
    public static let stripeConnect = Self(rawValue: "stripe-connect")

    /// The name.
    public var description: String { rawValue }
}
