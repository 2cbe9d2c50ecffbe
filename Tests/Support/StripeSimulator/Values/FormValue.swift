/// What `application/x-www-form-urlencoded` text says in Stripe's nested form, before anyone knows its types.
package indirect enum FormValue: Hashable, Sendable {
    /// `a=text`
    case text(String)
    /// `a[b]=…`, `a[0]=…`
    case hash([String: FormValue])

    /// How deep names may be nested and how many parameters there may be; past it the form is refused.
    static let depthMax = 16
    static let parametersMax = 10_000

    /// Decodes a form. Throws where it is malformed: no `=`, bad percent-encoding or UTF-8, unbalanced brackets, one
    /// parameter twice, or a name that is both a value and a hash.
    package static func decode(_ bytes: some Collection<UInt8>) throws(StripeFailure) -> [String: FormValue] {
        var root: [String: FormValue] = [:]
        guard !bytes.isEmpty else { return root }
        let pairs = bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        guard pairs.count <= parametersMax else { throw .malformed("too many parameters", nil) }
        for pair in pairs {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                let name = text(pair[..<equals]), let value = text(pair[pair.index(after: equals)...])
            else { throw .malformed("a parameter is no percent-encoded name=value", nil) }
            let keys = try split(name)
            try insert(value, at: keys[...], of: name, into: &root)
        }
        return root
    }

    private static func insert(
        _ value: String, at keys: ArraySlice<String>, of name: String, into hash: inout [String: FormValue]
    ) throws(StripeFailure) {
        guard var key = keys.first else { return }
        // `a[]=x` takes the next index.
        if key.isEmpty { key = String(hash.count) }
        if keys.count == 1 {
            guard hash.updateValue(.text(value), forKey: key) == nil else {
                throw .malformed("parameter is sent twice", name)
            }
            return
        }
        var inner: [String: FormValue] = [:]
        switch hash[key] {
        case nil: break
        case .hash(let present): inner = present
        case .text: throw .malformed("parameter is both a value and a hash", name)
        }
        try insert(value, at: keys.dropFirst(), of: name, into: &inner)
        hash[key] = .hash(inner)
    }

    /// `a[b][0]` → a, b, 0
    private static func split(_ name: String) throws(StripeFailure) -> [String] {
        var keys: [String] = []
        var key = ""
        var isInside = false
        var isClosed = false
        for character in name.unicodeScalars {
            switch character {
            case "[" where !isInside:
                if keys.isEmpty, !isClosed {
                    guard !key.isEmpty else { throw .malformed("parameter has no name", name) }
                    keys.append(key)
                }
                key = ""
                isInside = true
                isClosed = false
            case "]" where isInside:
                keys.append(key)
                key = ""
                isInside = false
                isClosed = true
            case "[", "]": throw .malformed("parameter name has unbalanced brackets", name)
            default:
                guard !isClosed else { throw .malformed("parameter name goes on after a bracket", name) }
                key.unicodeScalars.append(character)
            }
        }
        guard !isInside else { throw .malformed("parameter name has unbalanced brackets", name) }
        if keys.isEmpty { keys.append(key) }
        guard !keys[0].isEmpty, keys.count <= depthMax else { throw .malformed("parameter name is unusable", name) }
        return keys
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index != bytes.endIndex {
            let byte = bytes[index]
            bytes.formIndex(after: &index)
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                var value: UInt8 = 0
                for _ in 0..<2 {
                    guard index != bytes.endIndex, let digit = digit(bytes[index]) else { return nil }
                    value = value << 4 | digit
                    bytes.formIndex(after: &index)
                }
                decoded.append(value)
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
