/// Finds the addresses of names, on threads of its own: the client waits for nobody's thread.
public protocol NameResolving: Sendable {
    /// What a lookup ends with: addresses in the order in which they are to be tried, or why there are none.
    typealias Answer = Result<[IPAddress], NameResolutionError>

    /// Begins to look up a host name, and returns at once.
    ///
    /// The client asks once for a name that many requests wait for, and keeps the addresses for
    /// `HTTPClientConfiguration.addressesKeptFor`.
    ///
    /// - Parameters:
    ///   - host: in small letters, without a final dot.
    ///   - answer: called once, from any thread, before or after this returns.
    /// - Returns: ends the lookup where nobody waits for it any more; the answer may then come or not.
    func lookUp(_ host: String, answer: @escaping @Sendable (Answer) -> Void) -> @Sendable () -> Void
}

/// Why there are no addresses.
public enum NameResolutionError: String, Error, Sendable, Equatable {
    /// The name does not exist, or has no address.
    case unknown = "the name has no address"
    /// Nobody answered for it.
    case unanswered = "no name server answered"
    /// Too many names are being looked up.
    case overloaded = "too many names are being looked up"
}
