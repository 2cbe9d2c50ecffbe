/// A request. Nothing in it is checked before it is sent.
public struct HTTPRequest: Sendable {
    /// The method.
    public var method: HTTPMethod
    /// The absolute address, `http` or `https`, in ASCII: a host that is not goes in its `xn--` form. Path and query go
    /// out as they stand here, dot segments included; a fragment does not.
    public var url: String
    /// The fields to send. `Host`, lengths and what belongs to the connection are the client's.
    public var headers: HTTPHeaders
    /// The body; none with GET and HEAD.
    public var body: [UInt8]
    /// How long the whole exchange may take, waiting for a turn included; nil: the client's.
    public var deadline: Duration?
    /// How many bytes of body the response may have; nil: the client's.
    public var responseBytesMax: Int?

    /// Makes a request.
    public init(
        _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        deadline: Duration? = nil, responseBytesMax: Int? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.responseBytesMax = responseBytesMax
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The method and where to, without path, query and values of headers, any of which may hold a secret.
    public var description: String { "\(method.rawValue) \((try? HTTPTarget(url))?.origin ?? "?")" }

    /// The same.
    public var debugDescription: String { description }

    /// The same.
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}
