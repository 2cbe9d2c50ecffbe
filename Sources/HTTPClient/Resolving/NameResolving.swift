/// Finds the addresses of a name.
public protocol NameResolving: Sendable {
    /// The addresses of a host name, at least one, in the order in which they are to be tried.
    ///
    /// The client asks once for a name that many requests wait for, cancels the task where none waits any more, and
    /// keeps the answer for `HTTPClientConfiguration.addressesKeptFor`.
    func addresses(of host: String) async throws(NameResolutionError) -> [IPAddress]
}

/// Why there are no addresses.
public enum NameResolutionError: String, Error, Sendable, Equatable {
    /// The name does not exist, or has no address.
    case unknown = "the name has no address"
    /// Nobody answered for it.
    case unanswered = "no name server answered"
    /// Too many names are being looked up.
    case overloaded = "too many names are being looked up"
    /// Nobody waits for it any more.
    case cancelled = "the lookup was cancelled"
}
