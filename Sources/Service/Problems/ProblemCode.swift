/// A stable reason for a refusal, with its HTTP status and title. Services add their own in extensions.
public struct ProblemCode: Hashable, Sendable {
    /// The stable name, lower snake case; what scripts compare.
    public let code: String
    /// The HTTP status.
    public let status: Int
    /// One sentence without a full stop, the same for every occurrence.
    public let title: String
    /// Seconds after which a retry makes sense; sent as `Retry-After`.
    public let retryAfterSeconds: Int?

    /// Makes a code. Two codes are equal when their names are.
    public init(_ code: String, _ status: Int, _ title: String, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.status = status
        self.title = title
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Compares names.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// The codes common to all services: the one table from code to status.
extension ProblemCode {
    /// The bytes are not an HTTP/1.1 request.
    public static let malformedRequest = Self("malformed_request", 400, "The request is not well-formed HTTP")
    /// The body is not JSON within the limits.
    public static let malformedJSON = Self("malformed_json", 400, "The body is not acceptable JSON")
    /// A body member is missing, of another type, or out of its range.
    public static let fieldInvalid = Self("field_invalid", 400, "A member of the body is missing or invalid")
    /// A query or path parameter cannot be decoded, or is given twice.
    public static let queryInvalid = Self("query_invalid", 400, "A parameter is invalid")
    /// `limit` is out of range.
    public static let limitInvalid = Self("limit_invalid", 400, "The page limit is invalid")
    /// `cursor` was not given out by this service.
    public static let cursorInvalid = Self("cursor_invalid", 400, "The cursor is invalid")
    /// A route that moves money was called without `Idempotency-Key`.
    public static let idempotencyKeyMissing = Self("idempotency_key_missing", 400, "An Idempotency-Key is required")
    /// `Idempotency-Key` is not 1 to 255 visible ASCII characters.
    public static let idempotencyKeyInvalid = Self("idempotency_key_invalid", 400, "The Idempotency-Key is invalid")
    /// The request carries no signature.
    public static let signatureMissing = Self("signature_missing", 401, "The request is not signed")
    /// The signature, or what it covers, does not verify.
    public static let signatureInvalid = Self("signature_invalid", 401, "The request's signature is invalid")
    /// The signature's time is out of the window, or its session key has ended.
    public static let signatureExpired = Self("signature_expired", 401, "The request's signature has expired")
    /// The signature's nonce was used before.
    public static let signatureReplayed = Self("signature_replayed", 401, "The signed request was sent before")
    /// The caller is known and may not do this.
    public static let callerNotAllowed = Self("caller_not_allowed", 403, "The caller is not allowed to do this")
    /// No such path, or no such thing.
    public static let notFound = Self("not_found", 404, "Nothing is found here")
    /// The path exists under other methods, named in `Allow`.
    public static let methodNotAllowed = Self("method_not_allowed", 405, "The method is not allowed here")
    /// The request did not arrive in time.
    public static let requestTimeout = Self("request_timeout", 408, "The request took too long to arrive")
    /// The first request with this key is still in flight.
    public static let idempotencyInFlight = Self(
        "idempotency_in_flight", 409, "The first request with this Idempotency-Key is still in flight",
        retryAfterSeconds: 1)
    /// The body is over the route's limit.
    public static let bodyTooLarge = Self("body_too_large", 413, "The body is too large")
    /// The target is over the limit.
    public static let targetTooLong = Self("target_too_long", 414, "The request target is too long")
    /// The body's media type is not `application/json`.
    public static let unsupportedMediaType = Self(
        "unsupported_media_type", 415, "The body's media type is not accepted")
    /// The key was used with another body.
    public static let idempotencyKeyReused = Self(
        "idempotency_key_reused", 422, "The Idempotency-Key was used with another request")
    /// The caller sends too much.
    public static let rateLimited = Self("rate_limited", 429, "Too many requests", retryAfterSeconds: 1)
    /// The header fields are over the limit.
    public static let headersTooLarge = Self("headers_too_large", 431, "The header fields are too large")
    /// Something failed that the caller cannot help.
    public static let internalError = Self("internal_error", 500, "The service failed")
    /// The service can do this and is set up not to.
    public static let notImplemented = Self("not_implemented", 501, "This is switched off here")
    /// The service is at a limit of its own.
    public static let overloaded = Self("overloaded", 503, "The service is overloaded", retryAfterSeconds: 1)
    /// The database cannot be reached.
    public static let databaseUnavailable = Self(
        "database_unavailable", 503, "The database is unavailable", retryAfterSeconds: 2)
    /// A signer's keys cannot be known just now: the relay that identities come from is out, and the signer is not
    /// known here, or may have new keys.
    public static let identityUnavailable = Self(
        "identity_unavailable", 503, "A signer's keys cannot be known now", retryAfterSeconds: 2)
    /// A readiness check failed.
    public static let notReady = Self("not_ready", 503, "The service is not ready", retryAfterSeconds: 2)
}
