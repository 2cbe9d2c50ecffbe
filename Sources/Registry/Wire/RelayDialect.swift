import Cryptography
public import Service

/// The relay protocol's shapes: `{"error": prose}` for every refusal, and answers that any web page may read.
public enum RelayDialect {
    /// The families of paths that a relay has, below its base path.
    static let families = [
        "/.well-known/dfos-relay", "/proof", "/content", "/index", "/revocations", "/signing", "/1.0",
    ]

    /// `X-Credential` is the header that a reader presents a credential in.
    static let cors: [(name: String, value: String)] = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, POST, PUT, OPTIONS"),
        ("access-control-allow-headers", "Content-Type, Authorization, X-Credential"),
    ]

    static let errorSchema = Schema.named(
        "RelayError",
        .object(
            [.required("error", .string("What is wrong, for people; programs compare the status."))],
            additional: true))

    /// The dialect of a relay at these base paths. Under a base path of its own every path speaks it, at the root only
    /// the relay's families do.
    public static func make(basePaths: [String]) -> Dialect {
        Dialect(
            prefixes: basePaths.flatMap { $0.isEmpty ? families : [$0] }, headers: cors, answersOptions: true,
            errorSchema: errorSchema, refuse: refuse)
    }

    @Sendable
    static func refuse(_ problem: Problem, traceID: String) -> Reply {
        var reply = Reply.json(problem.status) { out in
            out.beginObject()
            out.field("error", problem.detail ?? problem.code.title)
            out.endObject()
        }
        reply.headers = problem.headers
        if let seconds = problem.retryAfterSeconds { reply.headers.append(("retry-after", String(seconds))) }
        return reply
    }
}

/// The relay's own reasons for refusals. Only their status is on the wire.
extension ProblemCode {
    /// No auth token, or none that holds.
    static let relayUnauthenticated = Self("relay_unauthenticated", 401, "Authentication is required")
    /// The caller is known and may not.
    static let relayForbidden = Self("relay_forbidden", 403, "The caller is not allowed to do this")
    /// Something else stands there already.
    static let relayConflict = Self("relay_conflict", 409, "Something else is here already")
}
