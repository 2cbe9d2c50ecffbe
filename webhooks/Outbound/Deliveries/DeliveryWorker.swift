import Cryptography
import Logging
import PostgresClient

/// Delivers what is due.
///
/// Attempts of one endpoint begin in the order of the entries and may end in any. A delivery that a process took and
/// did not finish is taken again a minute later, by whoever comes first: a receiver may see it twice, with one id.
public struct DeliveryWorker: Sendable {
    private let store: WebhookStore
    private let attempt: DeliveryAttempt
    private let access: @Sendable (DID) -> WebhookAccess?
    private let makeID: @Sendable (String) -> String
    private let clock: @Sendable () -> Int64
    private let random: @Sendable (Int) -> [UInt8]
    private let metrics: OutboundMetrics
    private let logger: Logger

    /// Between two looks for what is due.
    private static let pause = Duration.milliseconds(250)
    /// Between two looks at the figures that metrics show.
    private static let figuresPause = Duration.seconds(5)
    /// Turns of the figures between two deletions of old rows.
    private static let deletionEvery = 12
    /// Deletions of one turn, at most: a backlog is worked off over several.
    private static let deletionsMax = 20

    init(_ dependencies: OutboundDependencies, store: WebhookStore) {
        self.store = store
        attempt = DeliveryAttempt(http: dependencies.http, allowances: dependencies.allowances)
        access = dependencies.access
        makeID = dependencies.makeID
        clock = dependencies.clock
        random = dependencies.random
        metrics = dependencies.metrics
        logger = dependencies.logger
    }

    private enum Event: Sendable {
        case tick
        case ended(endpoint: String, isFailing: Bool)
    }

    /// Delivers until the task is cancelled. What is under way then is given back, and tried again elsewhere or later.
    public func run() async {
        await withTaskGroup { group in
            group.addTask { await deliver() }
            group.addTask { await keep() }
        }
    }

    private func deliver() async {
        await withTaskGroup(of: Event.self) { group in
            var slots = DeliverySlots()
            group.addTask { await Self.tick() }
            while !Task.isCancelled {
                let claim = makeID("clm_")
                for delivery in await take(claim, slots) {
                    slots.take(delivery.endpointID, isFailing: delivery.isFailing)
                    group.addTask {
                        await handle(delivery, claim: claim)
                        return .ended(endpoint: delivery.endpointID, isFailing: delivery.isFailing)
                    }
                }
                switch await group.next() {
                case .tick: group.addTask { await Self.tick() }
                case .ended(let endpoint, let isFailing): slots.give(endpoint, isFailing: isFailing)
                case nil: return
                }
            }
        }
    }

    private static func tick() async -> Event {
        try? await Task.sleep(for: pause)
        return .tick
    }

    private func take(_ claim: String, _ slots: DeliverySlots) async -> [ClaimedDelivery] {
        do throws(PostgresError) {
            return try await store.claim(claim, slots: slots, nowMs: clock())
        } catch {
            // Said once per tick at most; what was claimed and is not known here comes back after a minute.
            if error.kind != .cancelled { logger.warning("webhooks cannot be read", metadata: ["reason": "\(error)"]) }
            try? await Task.sleep(for: Self.pause)
            return []
        }
    }

    private func handle(_ delivery: ClaimedDelivery, claim: String) async {
        do throws(PostgresError) {
            guard let owner = try? DID(delivery.owner), access(owner) != nil else {
                try await store.disableOwnerless(delivery.endpointID, nowMs: clock())
                return try await store.release(delivery.id, claim: claim, nowMs: clock())
            }
            let ending = await attempt.make(delivery, nowMs: clock())
            guard let made = ending.attempt else { return await giveBack(delivery, claim: claim) }
            try await write(made, ending.excerpt, delivery, claim: claim)
        } catch {
            // The attempt is made again when the claim has ended: twice is better than never.
            logger.warning(
                "a webhook attempt could not be written",
                metadata: ["delivery": "\(delivery.id)", "reason": "\(error)"])
        }
    }

    private func write(
        _ made: DeliveryMachine.Attempt, _ excerpt: String, _ delivery: ClaimedDelivery, claim: String
    ) async throws(PostgresError) {
        if made.isSuccess { metrics.succeeded() } else { metrics.failed(endpoint: delivery.endpointID) }
        let chance = random(2).reduce(0) { $0 << 8 | Int64($1) } % 1000
        let disabled = try await store.record(
            AttemptRecord(
                deliveryID: delivery.id, endpointID: delivery.endpointID, claim: claim, attempt: made,
                attempts: delivery.attempts + 1, excerpt: excerpt, endedAtMs: clock(), jitterPermille: chance))
        if let disabled {
            logger.warning(
                "a webhook endpoint was disabled",
                metadata: ["endpoint": "\(delivery.endpointID)", "reason": "\(disabled.rawValue)"])
        }
    }

    /// In a task of its own: this one was cancelled.
    private func giveBack(_ delivery: ClaimedDelivery, claim: String) async {
        await Task {
            try? await store.release(delivery.id, claim: claim, nowMs: clock())
        }.value
    }

    /// Shows figures, and deletes what is old.
    private func keep() async {
        var turn = 0
        while !Task.isCancelled {
            do throws(PostgresError) {
                let figures = try await store.figures()
                let nowMs = clock()
                metrics.set(
                    pending: figures.pending, oldestSeconds: figures.oldestMs.map { max(0, nowMs - $0) / 1000 } ?? 0,
                    disabledEndpoints: figures.disabledEndpoints)
                if turn % Self.deletionEvery == 0 {
                    for _ in 0..<Self.deletionsMax where try await !store.deleteEnded(nowMs: nowMs) { break }
                }
            } catch {
                if error.kind != .cancelled {
                    logger.warning("webhooks cannot be counted", metadata: ["reason": "\(error)"])
                }
            }
            turn += 1
            try? await Task.sleep(for: Self.figuresPause)
        }
    }
}
