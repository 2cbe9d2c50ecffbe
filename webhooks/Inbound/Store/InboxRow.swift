/// One event of the inbox, for an operator.
public struct InboxRow: Hashable, Sendable {
    /// Where it came from.
    public let source: WebhookSource
    /// The provider's id.
    public let eventID: String
    /// What happened.
    public let eventType: String
    /// What it happened to; nil where that has no id.
    public let objectID: String?
    /// The connected account; nil for the platform's own.
    public let account: String?
    /// When it was stored, Unix milliseconds.
    public let receivedAtMs: Int64
    /// Where it stands.
    public let status: InboxStatus
    /// How often it was handed out, since it was stored or an operator had it tried again.
    public let attempts: Int64
    /// When it is due next, or while it is being handled, when another worker may take it. Unix milliseconds.
    public let nextAtMs: Int64
    /// What the handler said of it; empty where it said nothing.
    public let reason: String

    /// What lists the rows after this one.
    public var cursor: InboxCursor { InboxCursor(receivedAtMs: receivedAtMs, source: source, eventID: eventID) }
}

/// A place in the list of events of a status.
public struct InboxCursor: Hashable, Sendable {
    /// Unix milliseconds.
    public let receivedAtMs: Int64
    /// Where the event came from.
    public let source: WebhookSource
    /// The provider's id.
    public let eventID: String

    /// The place after an event.
    public init(receivedAtMs: Int64, source: WebhookSource, eventID: String) {
        self.receivedAtMs = receivedAtMs
        self.source = source
        self.eventID = eventID
    }
}

/// How many events have a status.
public struct InboxCount: Hashable, Sendable {
    /// The status, one of ``InboxStatus/open``.
    public let status: InboxStatus
    /// How many, at most ``Inbox/countMax``.
    public let count: Int64
    /// When the oldest of them was stored, Unix milliseconds; nil where there is none.
    public let oldestReceivedAtMs: Int64?
}
