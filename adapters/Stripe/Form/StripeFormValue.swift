/// One parameter's value.
public indirect enum StripeFormValue: Sendable, Equatable {
    /// Sends nothing.
    case null
    /// Text as it is. An empty one is sent: it unsets what it names.
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// `true` or `false`.
    case bool(Bool)
    /// Elements under their index. An empty list sends nothing.
    case array([StripeFormValue])
    /// Members under their names, in this order.
    case map([StripeFormField])

    /// A map of texts, in the order of its names.
    public static func metadata(_ texts: [String: String]) -> StripeFormValue {
        let names = texts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return .map(names.map { StripeFormField($0, .string(texts[$0] ?? "")) })
    }
}

/// A name and the value under it.
public struct StripeFormField: Sendable, Equatable {
    /// The name, nothing escaped.
    public let name: String
    /// The value.
    public let value: StripeFormValue

    /// Makes a field.
    public init(_ name: String, _ value: StripeFormValue) {
        self.name = name
        self.value = value
    }
}

extension StripeFormValue: ExpressibleByStringLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension StripeFormValue: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension StripeFormValue: ExpressibleByBooleanLiteral {
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension StripeFormValue: ExpressibleByArrayLiteral {
    /// A list.
    public init(arrayLiteral elements: StripeFormValue...) { self = .array(elements) }
}

extension StripeFormValue: ExpressibleByDictionaryLiteral {
    /// A map, in the order of the literal.
    public init(dictionaryLiteral elements: (String, StripeFormValue)...) {
        self = .map(elements.map { StripeFormField($0.0, $0.1) })
    }
}
