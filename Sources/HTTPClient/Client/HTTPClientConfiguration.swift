/// The settings of a client.
public struct HTTPClientConfiguration: Sendable {
    /// Where it may connect to.
    public var egress: EgressPolicy
    /// For the name, the connection and the TLS handshake together.
    public var connectTimeout: Duration
    /// For the whole exchange, from `send` to the last byte of the response; a request may set its own.
    public var deadline: Duration
    /// Bytes of body a response may have; a request may set its own.
    public var responseBytesMax: Int
    /// Requests at the same time. Others wait their turn, within their deadline.
    public var inFlightMax: Int
    /// Requests at the same time to one scheme, host and port, so that a slow one does not hold up the rest.
    public var inFlightPerOriginMax: Int
    /// Requests that wait for their turn; more are refused with `overloaded`.
    public var waitingMax: Int
    /// Connections that are kept open when idle; past that the oldest is closed.
    public var idleConnectionsMax: Int
    /// An idle connection older than this is not used again: servers close theirs after about a minute.
    public var idleSecondsMax: Int
    /// How long the addresses of a name are used again; zero looks them up for each request.
    public var addressesKeptFor: Duration
    /// Certificates to trust beside the system's, a PEM file.
    public var extraAuthorityFile: String?
    /// The system's certificates beside that file, a folder of hashed names; nil: the one that libcurl was built with.
    package var authorityFolder: String?
    /// The `User-Agent` where a request has none.
    public var userAgent: String

    /// Makes settings; the defaults suit calls to services on the internet.
    public init(
        egress: EgressPolicy = .publicInternet, connectTimeout: Duration = .seconds(10),
        deadline: Duration = .seconds(30), responseBytesMax: Int = 1 << 20, inFlightMax: Int = 64,
        inFlightPerOriginMax: Int = 16, waitingMax: Int = 1024, idleConnectionsMax: Int = 32, idleSecondsMax: Int = 30,
        addressesKeptFor: Duration = .seconds(30), extraAuthorityFile: String? = nil, userAgent: String = "mjn"
    ) {
        self.egress = egress
        self.connectTimeout = connectTimeout
        self.deadline = deadline
        self.responseBytesMax = responseBytesMax
        self.inFlightMax = inFlightMax
        self.inFlightPerOriginMax = inFlightPerOriginMax
        self.waitingMax = waitingMax
        self.idleConnectionsMax = idleConnectionsMax
        self.idleSecondsMax = idleSecondsMax
        self.addressesKeptFor = addressesKeptFor
        self.extraAuthorityFile = extraAuthorityFile
        self.userAgent = userAgent
    }

    /// The longest span that is counted: a day. Longer ones are cut to it.
    static let spanMax = Duration.seconds(86_400)

    /// - Throws: `configurationInvalid`.
    func check() throws(HTTPError) {
        let counts = [inFlightMax, inFlightPerOriginMax, idleConnectionsMax]
        guard counts.allSatisfy({ (1...65_536).contains($0) }), (0...1_000_000).contains(waitingMax),
            responseBytesMax >= 0, (1...86_400).contains(idleSecondsMax)
        else { throw HTTPError(.configurationInvalid, .nothingSent, "a limit of the HTTP client is out of range") }
        guard connectTimeout > .zero, deadline > .zero, addressesKeptFor >= .zero else {
            throw HTTPError(.configurationInvalid, .nothingSent, "a span of the HTTP client is not positive")
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, from 1 to a day: what libcurl takes as a timeout. Zero would mean none to it.
    var timeoutMilliseconds: Int {
        let span = min(max(self, .zero), HTTPClientConfiguration.spanMax)
        let milliseconds =
            span.components.seconds * 1000 + (span.components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(1, Int(milliseconds))
    }
}
