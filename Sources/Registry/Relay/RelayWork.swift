import Logging

/// What a relay does by itself: passes on what is new, reads its peers' logs, tries waiting operations again, forgets
/// what is over. Runs until its task is cancelled.
public struct RelayWork: Sendable {
    private let relay: Relay

    /// Work of a relay.
    public init(_ relay: Relay) { self.relay = relay }

    /// How often waiting operations are swept, and the mailbox.
    private static let sweepInterval = Duration.seconds(60)

    /// Runs until the task is cancelled.
    public func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup { group in
                group.addTask { await relay.peers.run() }
                group.addTask {
                    await Self.repeated(every: .milliseconds(RelayLimits.syncMilliseconds)) {
                        await relay.syncPeers()
                    }
                }
                group.addTask { await Self.repeated(every: Self.sweepInterval) { await relay.sweep() } }
            }
        } onCancel: {
            relay.peers.close()
        }
    }

    private static func repeated(every interval: Duration, _ body: () async -> Void) async {
        while !Task.isCancelled {
            await body()
            // Cancelled while it sleeps: the loop ends.
            try? await Task.sleep(for: interval)
        }
    }
}

extension Relay {
    /// Tries all waiting operations once, a few at a time, and forgets what is over.
    public func sweep() async {
        var place: Int64? = 0
        do {
            try await store.forgetExpiredRequests(nowMs: clock())
            while let after = place, !Task.isCancelled {
                let swept = try await store.sweep(after: after, bounds: bounds, nowMs: clock())
                metrics.ingested(swept.outcome)
                peers.gossip(swept.outcome.newTokens)
                place = swept.next
            }
        } catch {
            logger.warning("waiting operations could not be tried", metadata: ["error": .string("\(error)")])
        }
    }
}
