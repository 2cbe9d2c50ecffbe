import Cryptography

/// An event on its way to one endpoint.
public struct WebhookDelivery: Hashable, Sendable {
    /// Where it stands. The raw value is stored and shown.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// It is tried, or waits to be.
        case pending
        /// The receiver has it.
        case delivered
        /// It had all its attempts. It can be asked for again.
        case failed
    }

    /// `msg_…`, the `webhook-id` of every attempt: receivers know a repetition by it.
    public let id: String
    /// Where it goes.
    public let endpointID: String
    /// The entry's number; nil for what no entry caused.
    public let seq: Int64?
    /// The event's name.
    public let type: String
    /// Where it stands.
    public let status: Status
    /// Attempts made since it was last asked for.
    public let attempts: Int
    /// Milliseconds since 1970.
    public let createdAtMs: Int64
    /// When it is tried next, milliseconds since 1970; nil: not by itself.
    public let nextAtMs: Int64?
    /// The last attempt; nil: there was none.
    public let last: LastAttempt?

    /// How the last attempt went.
    public struct LastAttempt: Hashable, Sendable {
        /// When it ended, milliseconds since 1970.
        public let atMs: Int64
        /// The receiver's status; nil: it gave none.
        public let status: Int?
        /// Why there is none, or why it counts for nothing: a code. Nil where the status says all.
        public let error: String?
        /// The beginning of the answer's body, printable characters only.
        public let excerpt: String
    }

    /// How long an ended delivery is kept. The journal keeps the event for ever.
    public static let keptMs: Int64 = 30 * 86_400_000

    /// The id of an entry's delivery to an endpoint: always the same, so that writing it twice is writing it once.
    static func id(endpoint: String, seq: Int64) -> String {
        let hash = SHA256.hash(Array("mjn-webhook-v1\u{0}\(endpoint)\u{0}\(seq)".utf8))
        return prefix + Hex.encode(hash.prefix(idByteCount))
    }

    /// 128 bits: nobody meets two of the same.
    private static let idByteCount = 16
    static let prefix = "msg_"
}
