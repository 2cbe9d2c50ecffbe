/// Bounds that every HTTP service keeps, each with the status a caller gets past it.
public enum ServiceLimits {
    /// Bytes of a request body; past it 413 `body_too_large`.
    public static let body = 1 << 20
    /// Bytes of a batch request body; past it 413 `body_too_large`.
    public static let batchBody = 8 << 20
    /// Bytes of a refused body that are read and dropped, so that the client gets to read the answer; past it the
    /// answer is sent at once and the connection closed.
    public static let drainedBody = 4 << 20
    /// Bytes of all header fields and the target; past it 431 `headers_too_large`.
    public static let headers = 16 << 10
    /// Header fields of one request: ten times what a signed request through two proxies carries; past it 431.
    public static let headerFields = 100
    /// Bytes of all request bodies being received at one time, beyond the first 64 KiB of each; past it
    /// 503 `overloaded`. 32 full batches: what a node of 1 GiB can give away.
    public static let bodiesInMemory = 256 << 20
    /// Bytes of a body that are not counted against `bodiesInMemory`: one read of a socket.
    static let bodyUncounted = 64 << 10
    /// Requests that wait on one connection behind the one being answered (pipelining), in HTTP parts; past it the
    /// connection is not read until the queue is empty.
    static let pipelinedParts = 64
    /// Characters of an `Idempotency-Key`; past it 400 `idempotency_key_invalid`.
    public static let idempotencyKey = 255
    /// Characters of a signature's nonce; past it 401 `signature_invalid`.
    public static let nonce = 128
    /// Bytes of a cursor before encoding; past it 400 `cursor_invalid`.
    public static let cursor = 512
    /// Query parameters of one request; past it 400 `query_invalid`.
    public static let queryItems = 64
}

/// How long a service waits, in milliseconds. Tests shorten them.
public struct ServiceTimeouts: Sendable {
    /// From the first byte of a request to the end of its header fields; past it 408 `request_timeout` and close.
    public var headersMilliseconds: Int64 = 10_000
    /// From the end of the header fields to the end of the body; past it 408 `request_timeout` and close.
    public var bodyMilliseconds: Int64 = 30_000
    /// Between two requests of a connection; past it the connection is closed.
    public var idleMilliseconds: Int64 = 75_000
    /// For a client to take up a reply that does not fit its socket buffer; past it the connection is closed.
    public var writeMilliseconds: Int64 = 30_000
    /// After an answer that ends a connection early, for the client to read it; then the connection is closed.
    public var lingerMilliseconds: Int64 = 2_000
    /// For requests in flight when the service is told to stop; past it their connections are closed.
    public var shutdownMilliseconds: Int64 = 10_000
    /// For all readiness checks together; a check that takes longer has failed.
    public var readinessMilliseconds: Int64 = 2_000

    /// The timeouts of a node in service.
    public init() {}

    /// How often a connection looks at its deadline: a timeout is kept to a quarter of the shortest one.
    var tickMilliseconds: Int64 {
        let shortest = min(headersMilliseconds, bodyMilliseconds, idleMilliseconds, writeMilliseconds)
        return max(10, min(shortest, lingerMilliseconds * 4) / 4)
    }
}
