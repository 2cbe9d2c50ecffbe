import Cryptography

/// A secret that a receiver knows its deliveries by. It is never printed.
///
/// It is stored as it is, as session keys' secrets are: who reads the database can sign. It is shown once, in the
/// answer that made it, and stands in no log and no other answer.
public struct WebhookSecret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// 24 to 64 bytes (Standard Webhooks, "Signature scheme").
    let bytes: [UInt8]

    /// Bytes of a new secret: as many as the hash has.
    public static let byteCount = 32
    private static let byteRange = 24...64
    private static let prefix = "whsec_"

    /// A secret of these bytes; nil for fewer than 24 or more than 64.
    public init?(bytes: [UInt8]) {
        guard Self.byteRange.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// `whsec_` and the bytes in base 64, what a receiver's library takes.
    public var text: String { Self.prefix + Base64.encode(bytes) }

    /// A fixed text.
    public var description: String { "WebhookSecret(redacted)" }
    /// No children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Deliveries as the Standard Webhooks specification (version 1.0.0) has them, with symmetric signatures (`v1`).
public enum StandardWebhook {
    /// The header fields of an attempt.
    ///
    /// - Parameters:
    ///   - id: the delivery's, the same in every attempt; it holds no dot.
    ///   - timestampSeconds: of the attempt, Unix seconds; receivers refuse what is older than five minutes.
    ///   - body: the exact bytes that are sent.
    ///   - secrets: all that are valid now, newest first: a receiver needs to know one of them.
    public static func headers(
        id: String, timestampSeconds: Int64, body: [UInt8], secrets: [WebhookSecret]
    ) -> [(name: String, value: String)] {
        precondition(!id.utf8.contains(UInt8(ascii: ".")), "a dot would let one signature be read as another's")
        let signed = Array("\(id).\(timestampSeconds).".utf8) + body
        let signatures = secrets.map { "v1," + Base64.encode(HMACSHA256.authenticate(signed, key: $0.bytes)) }
        return [
            ("webhook-id", id), ("webhook-timestamp", String(timestampSeconds)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}
