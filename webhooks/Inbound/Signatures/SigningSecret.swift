public import Cryptography

/// A secret that an endpoint's events are signed with. Never printed.
public struct SigningSecret: Sendable, CustomStringConvertible, CustomReflectable {
    let key: HMACSHA256.Key

    /// Takes the secret as the provider shows it, `whsec_…`; nil when it is empty or has blanks, as a setting that was
    /// cut badly has.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        key = HMACSHA256.Key(text.utf8)
    }

    /// A fixed text.
    public var description: String { "SigningSecret(redacted)" }

    /// No children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
