/// The member `sig1` of `Signature-Input` (RFC 9421, section 4.1), read strictly.
struct SignatureInput {
    typealias Failure = StructuredFieldParser.Failure

    /// The label of the one signature that is looked at.
    static let label: StaticString = "sig1"

    private(set) var components: [SignatureComponent] = []
    private(set) var created: Int64?
    private(set) var expires: Int64?
    private(set) var nonce: String?
    private(set) var keyID: String?
    private(set) var algorithm: String?
    /// The member's value as received: what the last line of the base repeats.
    private(set) var text: ArraySlice<UInt8> = []

    /// Reads the header field; other labels are read past.
    init(_ value: String) throws(Failure) {
        var parser = StructuredFieldParser(value)
        parser.skipSpaces()
        var isFound = false
        repeat {
            let key = try parser.key()
            guard Self.isLabel(key) else {
                try parser.skipValue()
                continue
            }
            guard !isFound else { throw Failure("sig1 stands twice in Signature-Input") }
            isFound = true
            guard parser.skip(UInt8(ascii: "=")) else { throw Failure("sig1 is not an inner list") }
            let start = parser.index
            try readComponents(&parser)
            try parser.parameters { (name, item) throws(Failure) in try self.take(name, item) }
            text = parser.bytes[start..<parser.index]
        } while try parser.nextMember()
        guard isFound else { throw Failure("Signature-Input has no sig1") }
    }

    static func isLabel(_ key: ArraySlice<UInt8>) -> Bool {
        key.elementsEqual(UnsafeBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount))
    }

    private mutating func readComponents(_ parser: inout StructuredFieldParser) throws(Failure) {
        guard parser.skip(UInt8(ascii: "(")) else { throw Failure("sig1 is not an inner list") }
        components.reserveCapacity(SignatureComponent.allCases.count)
        parser.skipSpaces()
        while !parser.skip(UInt8(ascii: ")")) {
            let start = parser.index
            let (range, _) = try parser.rawString()
            guard let component = SignatureComponent.named(parser.bytes[range]) else {
                throw Failure("a covered component that is not accepted stands at \(start)")
            }
            guard !components.contains(component) else { throw Failure("\(component.name) is covered twice") }
            components.append(component)
            let end = parser.index
            parser.skipSpaces()
            guard parser.index > end || parser.bytes[safe: end] == UInt8(ascii: ")") else {
                throw Failure("the list of components is not well-formed at \(end)")
            }
        }
    }

    private mutating func take(_ name: ArraySlice<UInt8>, _ item: StructuredFieldParser.Item) throws(Failure) {
        switch (String(decoding: name, as: UTF8.self), item) {
        case ("created", .integer(let seconds)) where created == nil && seconds >= 0: created = seconds
        case ("expires", .integer(let seconds)) where expires == nil && seconds >= 0: expires = seconds
        case ("nonce", .string(let text)) where nonce == nil:
            guard (1...ServiceLimits.nonce).contains(text.utf8.count) else {
                throw Failure("nonce is not 1 to \(ServiceLimits.nonce) characters")
            }
            nonce = text
        case ("keyid", .string(let text)) where keyID == nil: keyID = text
        case ("alg", .string(let text)) where algorithm == nil: algorithm = text
        case (let name, _): throw Failure("the parameter \(name) is unknown, stands twice or is of the wrong type")
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { index < count ? self[index] : nil }
}

/// The member `sig1` of `Signature`, and `sha-256` of `Content-Digest`: byte sequences in a dictionary.
enum ByteSequenceField {
    /// The bytes under `key`; nil when the dictionary has no such member.
    static func member(_ key: StaticString, of value: String) throws(StructuredFieldParser.Failure) -> [UInt8]? {
        var parser = StructuredFieldParser(value)
        parser.skipSpaces()
        var found: [UInt8]?
        let expected = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        repeat {
            guard try parser.key().elementsEqual(expected) else {
                try parser.skipValue()
                continue
            }
            guard found == nil else { throw StructuredFieldParser.Failure("\(key) stands twice") }
            guard parser.skip(UInt8(ascii: "=")), case .bytes(let bytes) = try parser.item() else {
                throw StructuredFieldParser.Failure("\(key) is not a byte sequence")
            }
            try parser.parameters { (_, _) throws(StructuredFieldParser.Failure) in }
            found = bytes
        } while try parser.nextMember()
        return found
    }
}
