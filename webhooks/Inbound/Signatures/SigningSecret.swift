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

    /// Reads the setting of an endpoint: its secrets, separated by commas; none when it is empty. Nil when one is not
    /// as it must be, or there are more than ``StripeSignature/secretsMax``.
    public static func list(_ setting: String) -> [SigningSecret]? {
        if setting.isEmpty { return [] }
        let texts = setting.split(separator: ",", omittingEmptySubsequences: false)
        let secrets = texts.compactMap { SigningSecret(String($0)) }
        guard secrets.count == texts.count, secrets.count <= StripeSignature.secretsMax else { return nil }
        return secrets
    }

    /// A fixed text.
    public var description: String { "SigningSecret(redacted)" }

    /// No children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
