/// Takes secrets out of text that Stripe, or a proxy before it, sent us, before it reaches an error or a log.
struct StripeRedaction: Sendable {
    private let key: StripeSecretKey

    /// What an error's text may have; Stripe's have a sentence or two.
    static let textBytesMax = 600
    /// How secrets of Stripe begin: keys, webhook secrets.
    private static let beginnings = ["sk_", "rk_", "whsec_", "pk_"]
    private static let replacement = "[redacted]"

    init(_ key: StripeSecretKey) { self.key = key }

    /// The text on one line, cut to its limit, without this key and without anything that looks like a secret of
    /// Stripe, whole or with its middle masked.
    func clean(_ text: String) -> String {
        var rest = text.replacing(key.text, with: Self.replacement)[...]
        var clean = ""
        while let character = rest.first {
            if let word = Self.secret(at: rest), !(clean.last.map(Self.isWordCharacter) ?? false) {
                clean += Self.replacement
                rest = rest[word.endIndex...]
            } else {
                clean.append(character.isNewline || character == "\t" ? " " : character)
                rest = rest.dropFirst()
            }
            if clean.utf8.count >= Self.textBytesMax { return clean + "…" }
        }
        return clean
    }

    private static func secret(at text: Substring) -> Substring? {
        guard beginnings.contains(where: { text.hasPrefix($0) }) else { return nil }
        return text.prefix { isWordCharacter($0) || $0 == "*" || $0 == "•" }
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }
}

extension StripeRedaction: CustomStringConvertible, CustomReflectable {
    var description: String { "redaction of \(key)" }
    var customMirror: Mirror { Mirror(self, children: ["key": key.description]) }
}
