/// The identifier of an object of Stripe, such as `pi_3Nq…` or `acct_1Ab…`: letters, digits, `_` and `-`, so that
/// it can stand in a path and in a log as it is.
public struct StripeID: Sendable, Hashable, CustomStringConvertible {
    /// The identifier as Stripe writes it.
    public let text: String

    /// Stripe says 255 at most.
    static let bytesMax = 255

    /// Takes an identifier; nil where it is none.
    public init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
            default: false
            }
        }
        guard isPlain, (1...Self.bytesMax).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    /// The identifier.
    public var description: String { text }
}
