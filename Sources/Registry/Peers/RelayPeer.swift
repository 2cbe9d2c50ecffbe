/// Reaches other relays. One method is one request; nothing is tried again.
public protocol RelayPeer: Sendable {
    /// Reads a URL.
    ///
    /// - Parameter bytesMax: bytes of an answer; more is no answer.
    /// - Throws: when there is no answer in time, for whatever reason; what it says goes to the log.
    func fetch(_ url: String, bytesMax: Int, timeoutMilliseconds: Int64) async throws -> RelayPeerAnswer

    /// Sends JSON to a URL. Throws as ``fetch(_:bytesMax:timeoutMilliseconds:)`` does; it may have been taken then.
    func post(_ url: String, json: [UInt8], timeoutMilliseconds: Int64) async throws -> RelayPeerAnswer
}

/// What a peer answered, whatever its status.
public struct RelayPeerAnswer: Sendable, Hashable {
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
