/// What sends a request and waits for the response: the client, or what stands in for it.
public protocol HTTPExchanging: Sendable {
    /// Sends a request, once, and returns the response, whatever its status.
    ///
    /// - Throws: `HTTPError`, which says whether anything can have been sent.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}
