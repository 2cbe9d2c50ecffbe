/// A value of the dag-cbor data model without floating point. Text is compared and hashed by its UTF-8 bytes.
public indirect enum CBORValue: Sendable {
    /// Nothing.
    case null
    /// A truth value.
    case bool(Bool)
    /// An integer.
    case int(Int64)
    /// A byte string.
    case bytes([UInt8])
    /// Text, as it is: nothing is normalised.
    case text(String)
    /// Values in order.
    case array([CBORValue])
    /// Values by name.
    case map(CBORMap)
    /// A reference to other content.
    case link(CID)

    /// The map's value for a key; nil when there is none or this is no map.
    public subscript(key: String) -> CBORValue? {
        if case .map(let map) = self { return map[key] }
        return nil
    }
}

extension CBORValue: Hashable {
    /// Whether both are the same value; text by its bytes.
    public static func == (left: CBORValue, right: CBORValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.bytes(let left), .bytes(let right)): left == right
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.link(let left), .link(let right)): left == right
        default: false
        }
    }

    /// Hashes the value; text by its bytes.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null:
            hasher.combine(0)
        case .bool(let value):
            hasher.combine(value)
        case .int(let value):
            hasher.combine(value)
        case .bytes(let value):
            hasher.combine(value)
        case .text(let value):
            value.utf8.withByteBuffer { hasher.combine(bytes: $0) }
        case .array(let values):
            hasher.combine(values)
        case .map(let map):
            hasher.combine(map)
        case .link(let cid):
            hasher.combine(cid)
        }
    }
}

extension CBORValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Null.
    public init(nilLiteral: ()) { self = .null }

    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }

    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }

    /// Values in order.
    public init(arrayLiteral elements: CBORValue...) { self = .array(elements) }

    /// Values by name. A key that is written twice in a literal is a mistake of the program, and stops it.
    public init(dictionaryLiteral elements: (String, CBORValue)...) {
        guard let map = try? CBORMap(elements) else { preconditionFailure("a map literal has a key twice") }
        self = .map(map)
    }
}
