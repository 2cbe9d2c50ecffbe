public import Service

/// What the relay counts.
public struct RelayMetrics: Sendable {
    private let results: [IngestResult.Status: Counter]
    private let missing: Counter
    private let sequenced: Counter
    private let dropped: Counter
    private let pending: Gauge
    private let limited: Counter
    private let peers: [String: Counter]

    private static let peerEvents = [
        "gossip_sent", "gossip_failed", "gossip_dropped", "sync_pages", "sync_failed", "read_through",
        "read_through_hit",
    ]

    /// Makes the instruments.
    public init(_ registry: MetricsRegistry) {
        let name = "mjn_relay_operations_total"
        let help = "Operations that were brought, by what became of them."
        results = Dictionary(
            uniqueKeysWithValues: [IngestResult.Status.new, .duplicate, .rejected].map {
                ($0, registry.counter(name, help, labels: [("status", $0.rawValue)]))
            })
        missing = registry.counter(
            "mjn_relay_dependency_missing_total", "Rejected operations that wait for something that may arrive.")
        sequenced = registry.counter(
            "mjn_relay_logged_total", "Operations that entered the log, those that had waited included.")
        dropped = registry.counter(
            "mjn_relay_pending_dropped_total", "Waiting operations that were dropped because the pool was full.")
        pending = registry.gauge("mjn_relay_pending", "Operations that wait for what they depend on.")
        limited = registry.counter(
            "mjn_relay_rate_limited_total", "Writes refused because their address sent too many.")
        peers = Dictionary(
            uniqueKeysWithValues: Self.peerEvents.map {
                ($0, registry.counter("mjn_relay_peer_total", "Exchanges with peers.", labels: [("event", $0)]))
            })
    }

    func ingested(_ outcome: IngestOutcome) {
        for result in outcome.results {
            results[result.status]?.increment()
            if result.isDependencyMissing { missing.increment() }
        }
        sequenced.increment(by: Int64(outcome.newTokens.count))
        dropped.increment(by: Int64(outcome.dropped))
        pending.set(outcome.waiting)
    }

    func wasLimited() { limited.increment() }

    func peer(_ event: String, by amount: Int = 1) { peers[event]?.increment(by: Int64(amount)) }
}
