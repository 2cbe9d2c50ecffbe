/// A request method that routes can have.
public enum Method: String, Sendable, CaseIterable, Hashable {
    /// Reads; answers `HEAD` as well.
    case get = "GET"
    /// The headers of `GET`, without a body. Routes do not register it: it follows from `get`.
    case head = "HEAD"
    /// Does something; money moves only by it.
    case post = "POST"
    /// Replaces a thing.
    case put = "PUT"
    /// Changes a part of a thing.
    case patch = "PATCH"
    /// Removes a thing.
    case delete = "DELETE"
    /// Asks what is allowed; answered 405 with `Allow` where no route registers it.
    case options = "OPTIONS"
}
