/// A secret or restricted API key (`sk_…`, `rk_…`). No description of it holds it.
public struct StripeSecretKey: Sendable, Equatable {
    /// The key itself: for the `Authorization` header alone.
    let text: String

    /// Stripe's keys have about 110 characters; past this it is something else.
    static let bytesMax = 255

    /// Takes a key as it stands in the environment or in a file, space around it removed.
    ///
    /// - Throws: `stripe_key_invalid`; the error repeats nothing of it.
    public init(_ text: String) throws(StripeSettingsError) {
        let trimmed = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        let isWord = trimmed.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F
        }
        guard isWord, (9...Self.bytesMax).contains(trimmed.utf8.count),
            trimmed.hasPrefix("sk_") || trimmed.hasPrefix("rk_")
        else { throw .keyInvalid }
        self.text = trimmed
    }

    /// Whether it moves real money.
    public var isLive: Bool { text.hasPrefix("sk_live_") || text.hasPrefix("rk_live_") }
}

extension StripeSecretKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The sort of key, nothing of the key.
    public var description: String { isLive ? "a live Stripe key (redacted)" : "a test Stripe key (redacted)" }

    /// The same.
    public var debugDescription: String { description }

    /// The same.
    public var customMirror: Mirror { Mirror(self, children: ["key": description]) }
}
