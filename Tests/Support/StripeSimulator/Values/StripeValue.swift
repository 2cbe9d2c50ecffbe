import Cryptography

/// The members of an object of the API.
typealias StripeFields = [String: StripeValue]

/// A JSON value that can be changed. An integer is the only number; `decimal` is the text of any other.
enum StripeValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case decimal(String)
    case string(String)
    case array([StripeValue])
    case object(StripeFields)

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var int: Int64? { if case .int(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var items: [StripeValue]? { if case .array(let value) = self { value } else { nil } }
    var fields: StripeFields? { if case .object(let value) = self { value } else { nil } }

    /// The member of an object; nil where there is none.
    subscript(key: String) -> StripeValue? { fields?[key] }

    /// A string, or null.
    static func optional(_ value: String?) -> StripeValue { value.map { .string($0) } ?? .null }
    /// An integer, or null.
    static func optional(_ value: Int64?) -> StripeValue { value.map { .int($0) } ?? .null }

    /// JSON; the members of an object by name, so that equal values are equal bytes.
    var bytes: [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        write(to: &writer)
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.int(value)
        case .decimal(let text): writer.raw(Array(text.utf8))
        case .string(let value): writer.string(value)
        case .array(let values):
            writer.beginArray()
            for value in values { value.write(to: &writer) }
            writer.endArray()
        case .object(let fields):
            writer.beginObject()
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                writer.key(name)
                value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}

extension StripeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .int(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(nilLiteral: ()) { self = .null }
    init(arrayLiteral elements: StripeValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, StripeValue)...) {
        self = .object(StripeFields(elements, uniquingKeysWith: { $1 }))
    }
}
