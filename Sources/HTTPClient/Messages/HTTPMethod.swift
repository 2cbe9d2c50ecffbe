/// A request method (RFC 9110, section 9; PATCH: RFC 5789).
public enum HTTPMethod: String, Sendable, Equatable, CaseIterable {
    /// Reads.
    case get = "GET"
    /// Reads the headers alone.
    case head = "HEAD"
    /// Asks what may be done.
    case options = "OPTIONS"
    /// Submits.
    case post = "POST"
    /// Replaces.
    case put = "PUT"
    /// Changes a part.
    case patch = "PATCH"
    /// Removes.
    case delete = "DELETE"

    /// Whether asking twice is as good as asking once (RFC 9110, section 9.2.2). Only such a request may go out again
    /// by itself, when a kept connection turns out to be dead.
    public var isIdempotent: Bool {
        switch self {
        case .get, .head, .options, .put, .delete: true
        case .post, .patch: false
        }
    }

    /// Whether a body has a meaning: RFC 9110 gives it none with GET and HEAD.
    var allowsBody: Bool { self != .get && self != .head }

    /// Whether the length of an empty body is sent too, as RFC 9110, section 8.6 asks for.
    var expectsBody: Bool { self == .post || self == .put || self == .patch }
}
