/// A value of an enumeration to which Stripe may add: known to us, or kept as its text.
public enum StripeOpen<Known: RawRepresentable & Sendable & Equatable>: Sendable, Equatable
where Known.RawValue == String {
    /// One that we know.
    case known(Known)
    /// One that is newer than we are.
    case other(String)

    /// Reads the text.
    public init(_ text: String) { self = Known(rawValue: text).map(Self.known) ?? .other(text) }

    /// The text as Stripe writes it.
    public var text: String {
        switch self {
        case .known(let known): known.rawValue
        case .other(let text): text
        }
    }
}
