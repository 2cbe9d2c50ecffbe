/// The authorities under which a node may be addressed: a signature for another node's is refused, so that it cannot
/// be sent on (RFC 9421, section 7.2.2).
public struct PublicOrigins: Sendable {
    private let accepted: [(host: String, canonical: String)]
    private let allowsLoopback: Bool

    /// Reads origins such as `https://pay.example` or `http://10.0.0.1:3004`.
    ///
    /// - Parameter allowLoopback: accepts `localhost`, `127.0.0.0/8` and `[::1]` with any port, for development.
    /// - Throws: `ServiceSetupError` for what is not an origin.
    public init(_ origins: [String], allowLoopback: Bool) throws(ServiceSetupError) {
        var accepted: [(host: String, canonical: String)] = []
        for origin in origins {
            let origin = origin.lowercased()
            let defaultPort: String
            let rest: Substring
            if origin.hasPrefix("https://") {
                (defaultPort, rest) = (":443", origin.dropFirst(8))
            } else if origin.hasPrefix("http://") {
                (defaultPort, rest) = (":80", origin.dropFirst(7))
            } else {
                throw ServiceSetupError("\(origin) is not an http or https origin")
            }
            guard !rest.isEmpty, rest.utf8.allSatisfy(Self.isAuthorityByte) else {
                throw ServiceSetupError("\(origin) is not an origin: scheme, host and port only")
            }
            let canonical = String(rest.hasSuffix(defaultPort) ? rest.dropLast(defaultPort.count) : rest)
            accepted.append((canonical, canonical))
            accepted.append((canonical + defaultPort, canonical))
        }
        self.accepted = accepted
        self.allowsLoopback = allowLoopback
    }

    /// The authority that a signature for this `Host` covers: lower case, without the default port; nil when the node
    /// is not addressed so.
    public func authority(ofHost host: String) -> String? {
        for origin in accepted where origin.host == host { return origin.canonical }
        if allowsLoopback, Self.isLoopback(host) { return Self.withoutPort80(host) }
        let lower = host.lowercased()
        guard lower != host else { return nil }
        for origin in accepted where origin.host == lower { return origin.canonical }
        return allowsLoopback && Self.isLoopback(lower) ? Self.withoutPort80(lower) : nil
    }

    private static func withoutPort80(_ host: String) -> String {
        host.hasSuffix(":80") ? String(host.dropLast(3)) : host
    }

    private static func isLoopback(_ host: String) -> Bool {
        var bytes = Array(host.utf8)[...]
        if host.hasPrefix("127.") {
            var parts = 0
            while parts < 4 {
                var number = 0
                var digits = 0
                while let byte = bytes.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits < 3 {
                    number = number * 10 + Int(byte - UInt8(ascii: "0"))
                    digits += 1
                    bytes.removeFirst()
                }
                guard digits > 0, number < 256 else { return false }
                parts += 1
                if parts < 4, bytes.popFirst() != UInt8(ascii: ".") { return false }
            }
        } else if host.hasPrefix("localhost") {
            bytes.removeFirst(9)
        } else if host.hasPrefix("[::1]") {
            bytes.removeFirst(5)
        } else {
            return false
        }
        guard let colon = bytes.popFirst() else { return true }
        return colon == UInt8(ascii: ":") && (1...5).contains(bytes.count)
            && bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isAuthorityByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): true
        default: false
        }
    }
}
