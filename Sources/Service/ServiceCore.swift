import Cryptography
import Logging
import NIOCore

/// What the connections of one service share. Immutable, or safe from any thread.
final class ServiceCore: Sendable {
    let name: String
    let routes: [Route]
    let timeouts: ServiceTimeouts
    let metrics: RequestMetrics
    let bodies: BodyBudget
    let clock: @Sendable () -> Int64
    let logger: Logger
    private let router: Router
    private let dialects: DialectTable
    private let verifier: SignatureVerifier?

    init(name: String, routes: [Route], configuration: ServiceConfiguration) throws(ServiceSetupError) {
        self.name = name
        self.routes = routes
        router = try Router(routes)
        dialects = DialectTable(configuration.dialects)
        timeouts = configuration.timeouts
        metrics = RequestMetrics(service: name, routes: routes, registry: configuration.metrics)
        bodies = BodyBudget(limit: configuration.bodiesInMemory)
        clock = configuration.clock
        logger = configuration.logger
        verifier = configuration.signatures.map(SignatureVerifier.init(policy:))
        if verifier == nil, let route = routes.first(where: \.isSigned) {
            throw ServiceSetupError("\(route.path) is signed and the service has no signature policy")
        }
    }

    // MARK: - When the header fields are complete

    /// Finds the request's route, or why it is refused.
    func route(_ request: inout PendingRequest) {
        request.dialect = dialects.index(of: request.head.target)
        if let dialect = dialect(of: request), dialect.answersOptions, request.head.method == .options {
            request.answer = .empty(204)
            return
        }
        do throws(Problem) {
            try match(&request)
        } catch {
            request.refusal = error
        }
    }

    private func match(_ request: inout PendingRequest) throws(Problem) {
        let target = request.head.target
        guard target.utf8.first == UInt8(ascii: "/") else {
            throw Problem(.malformedRequest, "the target is not a path")
        }
        let path = target.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(target[..<$0]) } ?? target
        switch router.match(request.head.method, path: path) {
        case .notFound: throw Problem(.notFound, "no route \(path.prefix(200))")
        case .methodNotAllowed(let allow):
            var problem = Problem(.methodNotAllowed, "this path answers \(allow)")
            problem.headers = [("allow", allow)]
            throw problem
        case .route(let index, let parameters):
            request.route = index
            try checkFields(request, routes[index])
            if !parameters.isEmpty {
                let bytes = Array(path.utf8)
                for (name, range) in parameters {
                    guard let value = PercentEncoding.decode(bytes[range], plusIsSpace: false) else {
                        throw Problem(.queryInvalid, "\(name) is not UTF-8 in percent-encoding")
                    }
                    request.parameters.append((name, value))
                }
            }
        }
    }

    private func checkFields(_ request: PendingRequest, _ route: Route) throws(Problem) {
        let fields = request.head.fields
        if let name = fields.duplicate {
            let isSignature = route.isSigned && name != "Host" && name != "Content-Type"
            throw Problem(isSignature ? .signatureInvalid : .malformedRequest, "\(name) is sent twice")
        }
        if fields.host == nil, !request.head.isHTTP10 { throw Problem(.malformedRequest, "Host is required") }
        if let length = fields.contentLength, length > route.bodyLimit { throw bodyTooLarge(route) }
        if route.request != nil, route.requestType.isRequired, let type = fields.contentType, !Self.isJSON(type) {
            throw Problem(.unsupportedMediaType, "the body is application/json")
        }
    }

    /// `application/json`, with whatever parameters.
    static func isJSON(_ contentType: String) -> Bool {
        if contentType == "application/json" { return true }
        let type = contentType.prefix { $0 != ";" }
        return type.lowercased().filter { $0 != " " && $0 != "\t" } == "application/json"
    }

    func bodyTooLarge(_ route: Route) -> Problem {
        Problem(.bodyTooLarge, "the body is over \(route.bodyLimit) bytes")
    }

    // MARK: - Refusing

    private func dialect(of request: PendingRequest) -> Dialect? { request.dialect.map { dialects.dialects[$0] } }

    /// A refusal as the request's dialect says it.
    func refusal(_ problem: Problem, of request: PendingRequest) -> Reply {
        let trace = request.head.trace.description
        return dialect(of: request)?.refuse(problem, trace) ?? problem.reply(traceID: trace)
    }

    /// An answer with what its dialect adds to every answer.
    func dressed(_ reply: Reply, for request: PendingRequest) -> Reply {
        guard let dialect = dialect(of: request), !dialect.headers.isEmpty else { return reply }
        var reply = reply
        reply.headers += dialect.headers
        return reply
    }

    // MARK: - While the body arrives

    /// Adds bytes to a request's body; says why they cannot be kept.
    func keep(_ bytes: ByteBuffer, in request: inout PendingRequest) -> Problem? {
        if request.bodyBytes > ServiceLimits.bodyUncounted {
            guard bodies.take(bytes.readableBytes) else {
                return Problem(.overloaded, "too many bodies are being received")
            }
            request.budgeted += bytes.readableBytes
        }
        if request.body == nil {
            request.body = bytes
        } else {
            request.body?.writeImmutableBuffer(bytes)
        }
        return nil
    }

    // MARK: - When the request is complete

    /// Verifies who sent the request and runs its handler. Every error becomes an answer.
    func respond(to request: PendingRequest) async -> Reply {
        guard let index = request.route else { return internalError(request, "a request without a route was run") }
        let route = routes[index]
        do {
            let body = request.body.map { Array($0.readableBytesView) } ?? []
            var key: String?
            if let field = request.head.fields.idempotencyKey { key = try IdempotencyKey.parse(field) }
            var caller: Caller?
            if route.isSigned, let verifier {
                let signed = SignatureVerifier.Request(
                    method: request.head.methodName, target: request.head.target, fields: request.head.fields,
                    body: body,
                    keyMakesReplayHarmless: route.idempotency != .none)
                caller = try await verifier.verify(signed, now: request.receivedAt / 1000)
            }
            if key == nil, route.idempotency == .required { throw Problem(.idempotencyKeyMissing) }
            return try await route.handler(
                Call(request, route: route, caller: caller, idempotencyKey: key, body: body))
        } catch let problem as Problem {
            return refusal(problem, of: request)
        } catch {
            return internalError(request, String(reflecting: error))
        }
    }

    private func internalError(_ request: PendingRequest, _ reason: String) -> Reply {
        let trace = request.head.trace.description
        logger.error(
            "request failed",
            metadata: [
                "trace_id": .string(trace), "route": .string(request.route.map { routes[$0].path } ?? ""),
                "error": .string(reason),
            ])
        return refusal(Problem(.internalError), of: request)
    }
}
