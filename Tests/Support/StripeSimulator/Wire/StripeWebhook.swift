/// One delivery of an event to one endpoint.
public struct StripeWebhook: Hashable, Sendable {
    /// The delivery's own number, for ``StripeWorld/refuseWebhook(_:nowMs:)``.
    public let id: Int
    /// The endpoint's id, `we_…`.
    public let endpoint: String
    /// The endpoint's URL.
    public let url: String
    /// The event's id, `evt_…`.
    public let event: String
    /// The event's type, `charge.succeeded`.
    public let type: String
    /// 1 for the first delivery; more for those that a receiver refused.
    public let attempt: Int
    /// The body, exactly the bytes that are signed.
    public let body: [UInt8]
    /// `Stripe-Signature`: `t=<unix>,v1=<hex>`, one `v1` for each secret that is good at the time.
    public let signature: String
}

/// Where events are delivered.
public struct StripeEndpoint: Hashable, Sendable {
    /// The id, `we_…`.
    public var id: String
    /// The URL; the world itself opens no connection.
    public var url: String
    /// Whether it hears events of connected accounts, which carry `account`, rather than the platform's own.
    public var isConnect: Bool
    /// The secrets that sign, `whsec_…`: two while one replaces the other.
    public var secrets: [String]
    /// The types it hears; `*` is every type.
    public var types: [String]

    /// Makes an endpoint.
    public init(
        id: String, url: String = "http://127.0.0.1/", isConnect: Bool = false, secrets: [String],
        types: [String] = ["*"]
    ) {
        self.id = id
        self.url = url
        self.isConnect = isConnect
        self.secrets = secrets
        self.types = types
    }
}
