/// Reaches peers over HTTP. One method is one request; nothing is tried again.
public protocol RelayPeerClient: Sendable {
    /// Sends a request to a URL.
    ///
    /// - Parameters:
    ///   - body: JSON to `POST`; nil: `GET`.
    ///   - bytesMax: bytes of an answer; more is a failure.
    ///   - timeoutMilliseconds: for the whole exchange.
    /// - Throws: when there was no answer, for whatever reason; what it says goes to the log.
    func send(
        _ url: String, body: [UInt8]?, bytesMax: Int, timeoutMilliseconds: Int64
    ) async throws -> RelayPeerAnswer
}

/// What a peer answered.
public struct RelayPeerAnswer: Sendable {
    /// The status.
    public let status: Int
    /// The body.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
