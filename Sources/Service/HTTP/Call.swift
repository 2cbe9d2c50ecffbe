public import Cryptography
import NIOHTTP1

/// One request, received whole, as a handler sees it.
public final class Call: Sendable {
    /// The route that matched.
    public let route: Route
    /// The method as sent; `head` on a `get` route is possible.
    public let method: Method
    /// The target as sent: path, and `?` with the query when there was one.
    public var target: String { head.target }
    /// The body's bytes, empty when there was none.
    public let body: [UInt8]
    /// The verified sender; set on every signed route, nil elsewhere.
    public let caller: Caller?
    /// `Idempotency-Key` without quotes, when one was sent.
    public let idempotencyKey: String?
    /// When the request had arrived whole, Unix milliseconds by the service's clock.
    public let receivedAt: Int64

    private let head: RequestHead
    private let parameters: [(name: String, value: String)]

    init(_ request: PendingRequest, route: Route, caller: Caller?, idempotencyKey: String?, body: [UInt8]) {
        self.route = route
        self.method = request.head.method ?? route.method
        self.body = body
        self.caller = caller
        self.idempotencyKey = idempotencyKey
        self.receivedAt = request.receivedAt
        self.head = request.head
        self.parameters = request.parameters
    }

    /// The trace, 32 hexadecimal digits; in the reply's `trace-id`, in problems and in the log.
    public var traceID: String { head.trace.description }

    /// The address at the other end of the connection: the client's, or a proxy's; nil when the socket does not say.
    public var clientAddress: String? { head.clientAddress }

    /// The path as sent, escapes and all.
    public var path: String { String(target[..<(target.firstIndex(of: "?") ?? target.endIndex)]) }

    /// What follows the first `?` of the target, as sent; nil without a `?`.
    public var query: String? {
        target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
    }

    /// The decoded value of a `{name}` of the route's template.
    ///
    /// - Precondition: the template has a parameter of this name.
    public func parameter(_ name: String) -> String {
        guard let found = parameters.first(where: { $0.name == name }) else {
            preconditionFailure("\(route.path) has no parameter \(name)")
        }
        return found.value
    }

    /// A header field's value, several fields of the name joined by `, `; nil when there is none.
    public func header(_ name: String) -> String? {
        let values = head.headers[name]
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The decoded value of a query parameter; nil when it is not given.
    ///
    /// - Throws: `query_invalid` when it is given twice or cannot be decoded.
    public func queryValue(_ name: String) throws(Problem) -> String? {
        guard let query else { return nil }
        var value: String?
        let items = query.utf8.split(separator: UInt8(ascii: "&"), maxSplits: ServiceLimits.queryItems)
        guard items.count <= ServiceLimits.queryItems else {
            throw Problem(.queryInvalid, "more than \(ServiceLimits.queryItems) query parameters")
        }
        for item in items {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard PercentEncoding.decode(parts[0], plusIsSpace: true) == name else { continue }
            guard value == nil else { throw Problem(.queryInvalid, "\(name) is given twice") }
            guard let text = PercentEncoding.decode(parts.count > 1 ? parts[1] : item.suffix(0), plusIsSpace: true)
            else { throw Problem(.queryInvalid, "\(name) is not UTF-8 in percent-encoding") }
            value = text
        }
        return value
    }

    /// The verified sender.
    ///
    /// - Throws: `signature_missing` on a route that is not signed.
    public func requireCaller() throws(Problem) -> Caller {
        guard let caller else { throw Problem(.signatureMissing) }
        return caller
    }

    /// The body as JSON, within the route's limits. It is parsed anew on each call: keep the result.
    ///
    /// - Throws: `malformed_json`, with where and why.
    public func json() throws(Problem) -> JSONDocument {
        do {
            return try JSONDocument(parsing: body, limits: route.jsonLimits)
        } catch {
            throw Problem(.malformedJSON, "\(error)")
        }
    }
}
