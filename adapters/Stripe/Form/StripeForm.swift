/// The parameters of a request as Stripe's v1 API takes them: `application/x-www-form-urlencoded`, nested.
///
/// Parameters stand in the order in which they were set, maps of metadata in the order of their names: the same
/// parameters always give the same bytes, which is what an idempotency key is bound to.
public struct StripeForm: Sendable, Equatable {
    private var fields: [StripeFormField] = []

    /// Makes a form without parameters.
    public init() {}

    /// Adds a parameter; nil adds none. A name must not be set twice.
    public mutating func set(_ name: String, _ value: StripeFormValue?) {
        guard let value else { return }
        precondition(!fields.contains { $0.name == name }, "parameter \(name) was set twice")
        fields.append(StripeFormField(name, value))
    }

    /// Every leaf with its full name, such as `line_items[0][price_data][currency]`, in order, nothing escaped.
    public var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for field in fields { Self.append(field.value, named: field.name, to: &pairs) }
        return pairs
    }

    /// The body of a POST, or the query of a GET. Empty where there is nothing to say.
    public var encoded: String {
        pairs.map { Self.escaped($0.name) + "=" + Self.escaped($0.value) }.joined(separator: "&")
    }

    private static func append(
        _ value: StripeFormValue, named name: String, to pairs: inout [(name: String, value: String)]
    ) {
        switch value {
        case .null: break
        case .string(let text): pairs.append((name, text))
        case .integer(let number): pairs.append((name, String(number)))
        case .bool(let isTrue): pairs.append((name, isTrue ? "true" : "false"))
        case .array(let elements):
            for (index, element) in elements.enumerated() { append(element, named: "\(name)[\(index)]", to: &pairs) }
        case .map(let members):
            for member in members { append(member.value, named: "\(name)[\(member.name)]", to: &pairs) }
        }
    }

    /// Letters, digits, `_`, `.`, `-` and `~` stay, a space is `+`, every other byte of the UTF-8 is `%XX`.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            case 0x20: bytes.append(0x2B)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
