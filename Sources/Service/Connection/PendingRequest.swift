import NIOCore
import NIOHTTP1

/// What is known of a request when its header fields are complete. A class, for it goes with the request through every
/// step, and copying a dozen strings each time would cost more than all else.
final class RequestHead: Sendable {
    let fields: RequestFields
    let method: Method?
    let methodName: String
    let target: String
    let trace: TraceID
    /// When its header fields were complete, monotonic.
    let startedAt: NIODeadline
    let headers: HTTPHeaders
    /// The client's address; nil when the socket does not say.
    let clientAddress: String?
    /// Whether `Host` may be left out.
    let isHTTP10: Bool
    /// Whether the connection can carry another request after this one.
    let keepsAlive: Bool

    init(_ head: HTTPRequestHead, fields: RequestFields, trace: TraceID, clientAddress: String? = nil) {
        self.fields = fields
        self.clientAddress = clientAddress
        self.trace = trace
        methodName = head.method.rawValue
        method = Method(rawValue: methodName)
        target = head.uri
        startedAt = .now()
        headers = head.headers
        isHTTP10 = head.version == .http1_0
        keepsAlive = head.isKeepAlive && !fields.hasUpgrade
    }
}

/// A request while it arrives and until it is answered.
struct PendingRequest: Sendable {
    let head: RequestHead
    /// When it was complete, Unix milliseconds; 0 before.
    var receivedAt: Int64 = 0
    /// The index of the route that matched.
    var route: Int?
    var parameters: [(name: String, value: String)] = []
    /// The index of the dialect that its path speaks.
    var dialect: Int?
    /// Why it is refused; the rest of its body is then read and dropped.
    var refusal: Problem?
    /// Its answer, when that follows from the header fields alone.
    var answer: Reply?
    var body: ByteBuffer?
    /// Bytes of the body so far, dropped ones included.
    var bodyBytes = 0
    /// Bytes taken from the service's body budget.
    var budgeted = 0

    init(_ head: RequestHead) { self.head = head }
}
