/// One event as a handler gets it: it was verified, is stored, and comes at least once.
public struct InboundEvent: Sendable {
    /// Where it came from.
    public let source: WebhookSource
    /// What it says of itself.
    public let envelope: EventEnvelope
    /// Its bytes as they were received.
    public let payload: [UInt8]
    /// When it was stored first, Unix milliseconds.
    public let receivedAtMs: Int64
    /// How often it has been handed to a handler since it was stored, or since an operator asked to try it again; this
    /// time counts.
    public let attempts: Int64
}
