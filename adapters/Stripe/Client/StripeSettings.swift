public import HTTPClient

/// The settings of the client: where the API is, in which version it is spoken, how often and how fast.
public struct StripeSettings: Sendable {
    /// Scheme, host and port of the API, without a slash at its end.
    public let apiBase: String
    /// The endpoint that the client of HTTP must be allowed to reach, and no other.
    public let endpoint: EgressPolicy.Endpoint
    /// For one try, connecting included.
    public var deadline: Duration = .seconds(30)
    /// Tries of one request: 5, some 15 s of waiting at most. Past that the caller's own schedule takes over.
    public var triesMax = 5
    /// After this no further try begins, so that the last one ends before another process takes the request up
    /// (`RailTiming.callMs`, 180 s).
    public var totalMillisecondsMax: Int64 = 140_000
    /// Stripe's sandbox takes 25 requests a second and each endpoint in live mode too: more would be answered 429.
    public var requestsPerSecond: Int64 = 25
    /// How long a request may wait for its turn; past that it is not sent (`stripe_busy`).
    public var turnMillisecondsMax: Int64 = 10_000

    /// The version of the API that every request names: what the types here were made from.
    public static let version = "2026-10-28.endive"
    /// Where Stripe is.
    public static let publicBase = "https://api.stripe.com"
    /// Bytes of one response: a page of 100 objects, expanded, stays below.
    public static let responseBytesMax = 8 << 20

    /// Reads an address such as `https://api.stripe.com` or, in development, `http://127.0.0.1:12111`.
    ///
    /// - Parameter isDevelopment: allows plain `http`, to this machine alone: the key must not cross a network openly.
    /// - Throws: `stripe_api_base_invalid`.
    public init(apiBase: String = publicBase, isDevelopment: Bool = false) throws(StripeSettingsError) {
        let bare = apiBase.hasSuffix("/") ? String(apiBase.dropLast()) : apiBase
        let isPlain = bare.hasPrefix("http://")
        guard isPlain || bare.hasPrefix("https://") else { throw .apiBaseInvalid("is neither http nor https") }
        let authority = bare.dropFirst(isPlain ? 7 : 8)
        guard let endpoint = Self.endpoint(authority, defaultPort: isPlain ? 80 : 443) else {
            throw .apiBaseInvalid("is no scheme, host and port alone")
        }
        let isLocal = ["127.0.0.1", "localhost", "::1"].contains(endpoint.host)
        guard !isPlain || (isDevelopment && isLocal) else {
            throw .apiBaseInvalid("is http: that goes to this machine only, and on a development node only")
        }
        self.apiBase = bare
        self.endpoint = endpoint
    }

    /// Where the client of HTTP may connect: to the API, and nowhere else.
    public var egress: EgressPolicy { .only([endpoint]) }

    private static func endpoint(_ authority: Substring, defaultPort: UInt16) -> EgressPolicy.Endpoint? {
        let isPlainText = authority.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5B, 0x5D: true
            default: false
            }
        }
        guard isPlainText, !authority.isEmpty else { return nil }
        let bracket = authority.lastIndex(of: "]")
        guard let colon = authority[(bracket ?? authority.startIndex)...].lastIndex(of: ":") else {
            return EgressPolicy.Endpoint(host: String(authority), port: defaultPort)
        }
        let host = authority[..<colon]
        guard let port = UInt16(authority[authority.index(after: colon)...]), port > 0, !host.isEmpty,
            bracket != nil || !host.contains(":")
        else { return nil }
        return EgressPolicy.Endpoint(host: String(host), port: port)
    }
}
