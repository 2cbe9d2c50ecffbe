public import Service
import Synchronization

/// What outbound webhooks count.
public final class OutboundMetrics: Sendable {
    private let registry: MetricsRegistry
    private let delivered: Counter
    private let pending = Atomic<Int64>(0)
    private let oldestSeconds = Atomic<Int64>(0)
    private let disabledEndpoints = Atomic<Int64>(0)
    private let entriesBehind = Atomic<Int64>(0)
    private let behindSinceMs = Atomic<Int64>(0)

    /// Makes the instruments. Once per registry.
    public init(_ registry: MetricsRegistry) {
        self.registry = registry
        delivered = registry.counter("mjn_webhook_delivered_total", "Webhook deliveries that receivers took.")
        registry.gauge("mjn_webhook_pending", "Webhook deliveries that are tried, or wait to be.") { [self] in
            pending.load(ordering: .relaxed)
        }
        registry.gauge("mjn_webhook_oldest_seconds", "Age of the oldest of them.") { [self] in
            oldestSeconds.load(ordering: .relaxed)
        }
        registry.gauge("mjn_webhook_endpoints_disabled", "Endpoints that are disabled.") { [self] in
            disabledEndpoints.load(ordering: .relaxed)
        }
        registry.gauge("mjn_webhook_entries_behind", "Entries that no delivery was written for yet.") { [self] in
            entriesBehind.load(ordering: .relaxed)
        }
    }

    /// Attempts that failed, by endpoint.
    func failed(endpoint: String) {
        registry.counter(
            "mjn_webhook_failures_total", "Webhook attempts that failed, by endpoint.",
            labels: [("endpoint", endpoint)]
        ).increment()
    }

    func succeeded() { delivered.increment() }

    func set(pending count: Int64, oldestSeconds seconds: Int64, disabledEndpoints disabled: Int64) {
        pending.store(count, ordering: .relaxed)
        oldestSeconds.store(seconds, ordering: .relaxed)
        disabledEndpoints.store(disabled, ordering: .relaxed)
    }

    /// How far the feed stands behind the book.
    func set(entriesBehind count: Int64, nowMs: Int64) {
        let before = entriesBehind.exchange(count, ordering: .relaxed)
        if count == 0 {
            behindSinceMs.store(0, ordering: .relaxed)
        } else if before == 0 {
            behindSinceMs.store(nowMs, ordering: .relaxed)
        }
    }

    /// Why the feed lags, for people; nil: it does not.
    ///
    /// It is behind at every moment in which the book is written; it lags where it has not been in step for a minute.
    func lag(nowMs: Int64) -> String? {
        let since = behindSinceMs.load(ordering: .relaxed)
        guard since > 0, nowMs - since > Self.lagMs else { return nil }
        let count = entriesBehind.load(ordering: .relaxed)
        return "webhooks are \(count) entries behind the book, and have been for \((nowMs - since) / 1000) s"
    }

    private static let lagMs: Int64 = 60_000
}
