/// A node that is asked, and how often it may be.
public struct SolanaEndpoint: Hashable, Sendable {
    /// Its JSON-RPC address. It may hold a key: it is never logged.
    public let url: String
    /// Requests a second over any second or more.
    public let requestsPerSecond: Int64
    /// Requests at once after a pause.
    public let burst: Int64

    /// An endpoint; numbers below 1 count as 1.
    public init(url: String, requestsPerSecond: Int64 = 10, burst: Int64 = 20) {
        self.url = url
        self.requestsPerSecond = min(max(requestsPerSecond, 1), 100_000)
        self.burst = min(max(burst, 1), 100_000)
    }
}

extension SolanaEndpoint: CustomStringConvertible, CustomReflectable {
    /// How often it may be asked, without its address.
    public var description: String { "a Solana endpoint, \(requestsPerSecond)/s" }

    /// The same.
    public var customMirror: Mirror { Mirror(self, children: ["endpoint": description]) }
}
