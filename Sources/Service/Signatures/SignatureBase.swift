/// The bytes that are signed (RFC 9421, section 2.5): one line per covered component, then the parameters as they
/// stand in `Signature-Input`. Signing and verifying share it.
package struct SignatureBase: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() { bytes.reserveCapacity(512) }

    /// Adds `"name": value` and a line feed.
    package mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        bytes.append(contentsOf: value.utf8)
        bytes.append(0x0A)
    }

    mutating func add(_ name: StaticString, _ value: ArraySlice<UInt8>) {
        begin(name)
        bytes.append(contentsOf: value)
        bytes.append(0x0A)
    }

    /// Adds the last line, `"@signature-params": …`, without a line feed.
    package mutating func finish(parameters: ArraySlice<UInt8>) {
        begin("@signature-params")
        bytes.append(contentsOf: parameters)
    }

    private mutating func begin(_ name: StaticString) {
        bytes.append(0x22)
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(0x22)
        bytes.append(0x3A)
        bytes.append(0x20)
    }
}

/// A part of a request that its signature covers.
package enum SignatureComponent: UInt8, Sendable, CaseIterable {
    case method, authority, path, query, contentDigest, idempotencyKey

    package var name: StaticString {
        switch self {
        case .method: "@method"
        case .authority: "@authority"
        case .path: "@path"
        case .query: "@query"
        case .contentDigest: "content-digest"
        case .idempotencyKey: "idempotency-key"
        }
    }

    /// The component of this name, in lower case and without parameters; nil for any other.
    static func named(_ bytes: ArraySlice<UInt8>) -> SignatureComponent? {
        let candidate: SignatureComponent
        switch bytes.count {
        case 5: candidate = .path
        case 6: candidate = .query
        case 7: candidate = .method
        case 10: candidate = .authority
        case 14: candidate = .contentDigest
        case 15: candidate = .idempotencyKey
        default: return nil
        }
        let name = candidate.name
        let expected = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return bytes.elementsEqual(expected) ? candidate : nil
    }
}

/// The values of a request's components, as sent.
package struct SignedParts: Sendable {
    package var method: String
    /// Host, lower case, without the default port.
    package var authority: String
    /// Path, and `?` with the query when there is one.
    package var target: String
    package var contentDigest: String
    /// The header field's value as sent, quotes included.
    package var idempotencyKey: String?

    package init(method: String, authority: String, target: String, contentDigest: String, idempotencyKey: String?) {
        self.method = method
        self.authority = authority
        self.target = target
        self.contentDigest = contentDigest
        self.idempotencyKey = idempotencyKey
    }

    /// The components that a signature over this request must cover, each once, and no other.
    package var required: [SignatureComponent] {
        var components: [SignatureComponent] = [.method, .authority, .path]
        if target.utf8.contains(UInt8(ascii: "?")) { components.append(.query) }
        components.append(.contentDigest)
        if idempotencyKey != nil { components.append(.idempotencyKey) }
        return components
    }

    /// The base for these components in this order.
    package func base(_ components: [SignatureComponent], parameters: ArraySlice<UInt8>) -> [UInt8] {
        var base = SignatureBase()
        let target = Array(target.utf8)
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        for component in components {
            switch component {
            case .method: base.add(component.name, method)
            case .authority: base.add(component.name, authority)
            case .path: base.add(component.name, target[..<mark])
            case .query: base.add(component.name, target[mark...])
            case .contentDigest: base.add(component.name, contentDigest)
            case .idempotencyKey: base.add(component.name, idempotencyKey ?? "")
            }
        }
        base.finish(parameters: parameters)
        return base.bytes
    }
}
