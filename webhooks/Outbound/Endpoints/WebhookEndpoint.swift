public import Cryptography

/// How much of the book a service may be told.
public enum WebhookAccess: Hashable, Sendable {
    /// What it created itself. Balances of other people's accounts are left out of it.
    case own
    /// Everything: the service may read every balance anyway.
    case all
}

/// Where a service has its events delivered.
public struct WebhookEndpoint: Hashable, Sendable {
    /// Whether deliveries go out.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// They do.
        case enabled
        /// They wait. What happens meanwhile is delivered once the endpoint is enabled again.
        case disabled
    }

    /// Why an endpoint is disabled. The raw value is stored and shown.
    public enum DisabledReason: String, Hashable, Sendable, CaseIterable {
        /// Its owner, or the operator, said so.
        case requested
        /// Nothing but failures for ``DeliveryMachine/disabledAfterMs``.
        case failing
        /// The receiver answered 410 Gone.
        case gone
        /// The service may no longer call this node.
        case ownerNotAllowed = "owner_not_allowed"
    }

    /// `whe_…`.
    public let id: String
    /// The service that registered it, the only one that sees it.
    public let owner: DID
    /// Where deliveries are posted.
    public let url: String
    /// What it is told of, in the order in which it was asked for.
    public let subscriptions: [EventSubscription]
    /// Whether deliveries go out.
    public let status: Status
    /// Why not; nil: they do.
    public let disabledReason: DisabledReason?
    /// Attempts in a row that failed, over all its deliveries.
    public let failures: Int64
    /// When the first of them did, milliseconds since 1970; nil: the last attempt succeeded.
    public let failingSinceMs: Int64?
    /// Milliseconds since 1970.
    public let createdAtMs: Int64
    /// Milliseconds since 1970.
    public let updatedAtMs: Int64

    /// How many a service may have. One more is refused with 409 `webhook_endpoints_too_many`; enough for an
    /// environment each and some to move between.
    public static let perOwnerMax = 16
}
