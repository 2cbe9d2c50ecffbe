public import Logging
import Service

/// The relay's use cases: operations in, documents in and out, sign requests carried, peers kept up with.
///
/// Safe from any thread. Holds no state of its own but what only costs time when it is lost: rate limits, what waits to
/// be passed on, which chains peers did not know a moment ago.
public final class Relay: Sendable {
    /// How it is set up.
    public let settings: RelaySettings
    /// Its store.
    public let store: RelayStore
    /// The relay's own DID.
    public let did: String
    let clock: @Sendable () -> Int64
    let logger: Logger
    let metrics: RelayMetrics
    let peers: PeerExchange
    let misses = MissMemory()
    private let limiter: RateLimiter

    /// A relay on its store, which has been given its identity; see ``RelayIdentity``.
    ///
    /// - Parameters:
    ///   - peerClient: reaches the peers of the settings; nil: there are none to reach.
    ///   - clock: milliseconds since 1970.
    public init(
        settings: RelaySettings, store: RelayStore, did: String, peerClient: (any RelayPeer)? = nil,
        metrics: RelayMetrics, clock: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.settings = settings
        self.store = store
        self.did = did
        self.clock = clock
        self.logger = logger
        self.metrics = metrics
        peers = PeerExchange(peers: settings.peers, client: peerClient, metrics: metrics, logger: logger)
        let rate = Double(max(1, settings.writesPerSecond))
        limiter = RateLimiter(
            perSecond: rate, burst: max(rate * Self.burstSeconds, Double(RelayLimits.writesPerRequest)))
    }

    /// How many seconds' worth of writes an address may send at once: a client that catches up sends a history.
    private static let burstSeconds = 20.0

    /// Takes a request from the allowance of the client's address: one write, and one for each 64 KiB of its body.
    /// - Throws: `rate_limited`, `overloaded`.
    func limitWrites(_ call: Call) throws(Problem) {
        try limitWrites(call, 1 + call.body.count / RelayLimits.writeBytes)
    }

    /// Takes as many writes from the allowance of the client's address.
    /// - Throws: `rate_limited`, `overloaded`.
    func limitWrites(_ call: Call, _ count: Int) throws(Problem) {
        guard count > 0 else { return }
        let address = ClientAddress.of(call, trusting: settings.trustedProxies)
        do throws(Problem) {
            try limiter.take(address, tokens: Double(count), nowMilliseconds: clock())
        } catch {
            metrics.wasLimited()
            throw error
        }
    }

    /// Decides operations and passes on what is new.
    ///
    /// - Returns: a result for each, in order.
    public func ingest(_ tokens: [String], from source: OperationSource) async throws(RelayFailure) -> [IngestResult] {
        let outcome = try await take(tokens, from: source)
        peers.gossip(outcome.newTokens)
        return outcome.results
    }

    /// Decides operations.
    func take(_ tokens: [String], from source: OperationSource) async throws(RelayFailure) -> IngestOutcome {
        let submissions = tokens.map { Submission($0, from: source) }
        let outcome = try await store.ingest(submissions, bounds: bounds, nowMs: clock())
        metrics.ingested(outcome)
        if outcome.dropped > 0 {
            logger.warning(
                "waiting operations were dropped", metadata: ["count": .stringConvertible(outcome.dropped)])
        }
        return outcome
    }

    var bounds: PendingBounds {
        PendingBounds(operations: settings.pendingOperations, bytes: settings.pendingBytes)
    }
}
