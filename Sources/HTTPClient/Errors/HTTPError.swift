/// Why there is no response.
///
/// It never holds a path, a query, a header's value or a body: it is safe to log and to show to an operator.
public struct HTTPError: Error, Sendable, Equatable {
    /// The sort of failure. A raw value never changes its meaning.
    public enum Code: String, Sendable, Equatable, CaseIterable {
        /// The address is none that is spoken to: not absolute, not http or https, with a user name in it.
        case addressInvalid = "http_address_invalid"
        /// A header or body that must not be sent, a line break in a value for example.
        case requestInvalid = "http_request_invalid"
        /// The client's settings make no sense.
        case configurationInvalid = "http_configuration_invalid"
        /// The policy of the client forbids that host, port or address.
        case egressRefused = "http_egress_refused"
        /// The name has no address, or nobody could be asked for it.
        case nameUnresolved = "http_name_unresolved"
        /// Nobody took the connection, or it broke before the request.
        case connectFailed = "http_connect_failed"
        /// The connection was not there in time.
        case connectTimedOut = "http_connect_timed_out"
        /// No trusted TLS connection could be made.
        case tlsFailed = "http_tls_failed"
        /// Too many requests wait already.
        case overloaded = "http_overloaded"
        /// The client was shut down.
        case closed = "http_client_closed"
        /// The caller's task was cancelled.
        case cancelled = "http_cancelled"
        /// The deadline passed.
        case timedOut = "http_timed_out"
        /// The connection broke before the response was whole.
        case connectionLost = "http_connection_lost"
        /// What came is no HTTP.
        case responseMalformed = "http_response_malformed"
        /// The headers or the body of the response are past their limit.
        case responseTooLarge = "http_response_too_large"
        /// libcurl failed in a way that is nobody's answer, for want of memory for example.
        case clientFailed = "http_client_failed"
    }

    /// What can be said about the effect of the request.
    public enum Outcome: String, Sendable, Equatable {
        /// Not a byte of the request left: sending it again cannot do it twice.
        case nothingSent = "nothing_sent"
        /// It was sent, wholly or in part: it may have been carried out. Find out before paying again.
        case unknown = "unknown"
    }

    /// The sort of failure.
    public let code: Code
    /// Whether the request can have had an effect.
    public let outcome: Outcome
    /// One line for the log, without anything of the request but scheme, host and port.
    public let message: String
    /// The status, where the headers of a response had come.
    public let status: Int?
    /// Why the policy refused, where it did.
    public let refusal: EgressRefusal?

    /// Makes an error; for doubles of a client.
    public init(
        _ code: Code, _ outcome: Outcome, _ message: String, status: Int? = nil, refusal: EgressRefusal? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.message = message
        self.status = status
        self.refusal = refusal
    }

    static func refused(_ refusal: EgressRefusal, _ target: HTTPTarget) -> HTTPError {
        HTTPError(.egressRefused, .nothingSent, "\(target.origin): \(refusal.reason)", refusal: refusal)
    }
}

extension HTTPError: CustomStringConvertible {
    /// One line for the log.
    public var description: String {
        "\(code.rawValue) (\(outcome == .nothingSent ? "nothing sent" : "outcome unknown")): \(message)"
    }
}
