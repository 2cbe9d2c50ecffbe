/// A whole response, whatever its status. Redirects are responses too: none is followed.
public struct HTTPResponse: Sendable, Equatable {
    /// The status, 200 to 999. Interim responses (1xx) are passed over.
    public let status: Int
    /// The header fields in order. Fields after the body (trailers) are not kept.
    public let headers: HTTPHeaders
    /// The body as it came: no encoding but that of the connection is undone.
    public let body: [UInt8]

    /// Makes a response; for doubles of a client.
    public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Whether the status is 200 to 299.
    public var isSuccess: Bool { (200..<300).contains(status) }
}
