/// The origins that rails may send people back to: an open redirect would lend the node's name to anybody.
public struct ReturnOrigins: Sendable {
    /// Bytes of a return URL: what every browser and rail takes.
    static let bytesMax = 2048

    private let origins: Set<String>
    private let allowsLoopback: Bool

    /// Reads origins such as `https://shop.example`; scheme, host and port, exactly.
    /// - Parameter allowLoopback: allows `http` and `https` on `localhost`, `127.0.0.1` and `[::1]` with any port, for
    ///   development.
    /// - Throws: `PaySetupError` for what is no origin.
    public init(_ origins: [String], allowLoopback: Bool) throws(PaySetupError) {
        var known = Set<String>()
        for text in origins {
            guard let parts = Self.parse(text), parts.rest.isEmpty || parts.rest == "/" else {
                throw PaySetupError("\(text) is not an http or https origin: scheme, host and port only")
            }
            known.insert(parts.origin)
        }
        self.origins = known
        allowsLoopback = allowLoopback
    }

    /// Whether people may be sent to a URL: an absolute one of an allowed origin.
    public func allows(_ url: String) -> Bool {
        guard url.utf8.count <= Self.bytesMax, let parts = Self.parse(url) else { return false }
        return origins.contains(parts.origin) || allowsLoopback && Self.loopbackHosts.contains(parts.host)
    }

    private static let loopbackHosts: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// Scheme and authority in lower case without the scheme's own port, the host, and what follows; nil for anything
    /// that two readers could read differently: user names, backslashes, spaces, control characters, other schemes.
    private static func parse(_ url: String) -> (origin: String, host: String, rest: Substring)? {
        guard url.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x5c }) else { return nil }
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")]
        where url.utf8.count > scheme.utf8.count && url.prefix(scheme.count).lowercased() == scheme {
            let after = url.dropFirst(scheme.count)
            let end = after.firstIndex { "/?#".contains($0) } ?? after.endIndex
            var authority = after[..<end].lowercased()
            if authority.hasSuffix(port) { authority.removeLast(port.count) }
            guard let host = host(of: authority) else { return nil }
            return (scheme + authority, host, after[end...])
        }
        return nil
    }

    /// The host of `host`, `host:port`, `[address]` or `[address]:port`.
    private static func host(of authority: String) -> String? {
        let isLiteral = authority.hasPrefix("[")
        let end =
            isLiteral
            ? authority.firstIndex(of: "]").map { authority.index(after: $0) }
            : authority.firstIndex(of: ":") ?? authority.endIndex
        guard let end else { return nil }
        let (host, port) = (authority[..<end], authority[end...])
        let allowed = isLiteral ? "0123456789abcdef:[]." : "0123456789abcdefghijklmnopqrstuvwxyz.-_"
        guard !host.isEmpty, host.allSatisfy({ allowed.contains($0) }) else { return nil }
        guard
            port.isEmpty || port.first == ":" && (2...6).contains(port.count) && port.dropFirst().allSatisfy(\.isNumber)
        else { return nil }
        return String(host)
    }
}
