/// Header fields in the order in which they are sent or came, with lookup regardless of the case of names.
///
/// Values may be secrets: the description holds names only.
public struct HTTPHeaders: Sendable, Equatable {
    /// One field. What is not UTF-8 in a value that came was replaced by U+FFFD.
    public struct Field: Sendable, Equatable {
        /// The name as written.
        public let name: String
        /// The value without the space around it.
        public let value: String

        /// Makes a field; it is checked when it is sent.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The fields in order.
    public private(set) var fields: [Field]

    /// Makes a list of fields.
    public init(_ fields: [Field] = []) { self.fields = fields }

    /// The value of the first field of that name; nil where there is none.
    public subscript(name: String) -> String? {
        fields.first { Self.isSame($0.name, name) }?.value
    }

    /// The values of every field of that name, in order.
    public func values(of name: String) -> [String] {
        fields.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// Adds a field after the others.
    public mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// Puts one field in the place of all of that name.
    public mutating func set(_ name: String, _ value: String) {
        fields.removeAll { Self.isSame($0.name, name) }
        append(name, value)
    }

    /// Names are tokens, so ASCII letters are the only ones with a case (RFC 9110, section 5.1).
    static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// Makes a list of fields, in the order of the literal.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Field(name: $0.0, value: $0.1) })
    }
}

extension HTTPHeaders: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names, in order.
    public var description: String { "[" + fields.map(\.name).joined(separator: ", ") + "]" }

    /// The names, in order.
    public var debugDescription: String { description }

    /// The names, in order: `dump` shows no values either.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: fields.map(\.name)) }
}

extension HTTPHeaders.Field: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name.
    public var description: String { name }

    /// The name.
    public var debugDescription: String { name }

    /// The name alone.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
