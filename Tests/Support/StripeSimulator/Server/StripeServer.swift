/// A ``StripeWorld`` behind HTTP on loopback, for the adapter and for Stripe's own libraries.
///
/// A lost request or reply shows as a connection that closes without an answer. It is used from any thread; requests
/// are answered one after another.
public final class StripeServer: Sendable {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// - Parameter clock: Unix milliseconds that never go back.
    public static func start(world: StripeWorld, clock: @escaping @Sendable () -> Int64) async throws -> StripeServer {
        StripeServer()
    }

    /// Where it answers: `http://127.0.0.1:<port>`.
    public var url: String { "" }

    /// Looks at the world or changes it, between requests.
    public func withWorld<Result, Failure: Error>(
        _ body: (inout StripeWorld) throws(Failure) -> Result
    ) throws(Failure) -> Result { fatalError() }

    /// Delivers the webhooks that are due to their endpoints' URLs, one after another, and those that this makes due;
    /// what is not answered 2xx is given back. Answers how many were answered 2xx.
    @discardableResult
    public func pump() async -> Int { 0 }

    /// Closes every connection and the port.
    public func stop() async {}
}
