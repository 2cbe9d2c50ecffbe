public import HTTPClient

/// Reaches peers by the HTTP client. Whom it may call is the client's policy: peers are the operator's choice.
public struct HTTPRelayPeer: RelayPeer {
    private let client: any HTTPExchanging

    /// Uses a client, which belongs to whoever made it.
    public init(_ client: any HTTPExchanging) { self.client = client }

    /// Reads a URL. Throws `HTTPError`.
    public func fetch(_ url: String, bytesMax: Int, timeoutMilliseconds: Int64) async throws -> RelayPeerAnswer {
        try await send(
            HTTPRequest(
                .get, url, headers: ["Accept": "application/json"], deadline: .milliseconds(timeoutMilliseconds),
                responseBytesMax: bytesMax))
    }

    /// Sends JSON. Throws `HTTPError`.
    public func post(_ url: String, json: [UInt8], timeoutMilliseconds: Int64) async throws -> RelayPeerAnswer {
        try await send(
            HTTPRequest(
                .post, url, headers: ["Content-Type": "application/json"], body: json,
                deadline: .milliseconds(timeoutMilliseconds), responseBytesMax: RelayLimits.body))
    }

    private func send(_ request: HTTPRequest) async throws -> RelayPeerAnswer {
        let response = try await client.send(request)
        return RelayPeerAnswer(status: response.status, body: response.body)
    }
}
