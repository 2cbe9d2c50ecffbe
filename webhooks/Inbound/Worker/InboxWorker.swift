import Cryptography
public import Logging
import Synchronization

/// Hands events to their handler, and writes down what became of them.
///
/// Any number of processes may run one each over the same inbox: an event is with one of them at a time, until it is
/// marked or its claim ends. A crash between handling and marking hands it out again.
public final class InboxWorker: Sendable {
    /// Events that are handled at one time. They wait for the provider's API and the book, not for a core.
    public static let concurrencyMax = 16
    /// How long an event that another process stored, or that became due, may wait unnoticed.
    private static let pollMs: Int64 = 500
    /// Pause after a failure of the database.
    private static let failurePauseMs: Int64 = 1000

    private let inbox: Inbox
    private let handler: any InboundHandling
    private let policy: RetryPolicy
    private let concurrencyMax: Int
    private let random: @Sendable (ClosedRange<Int64>) -> Int64
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Objects of the events in hand.
        var busy: Set<String> = []
        var inHand = 0
    }

    /// A worker of an inbox.
    ///
    /// - Parameters:
    ///   - concurrencyMax: events that are handled at one time.
    ///   - random: a number of a range, for the retries' jitter.
    public init(
        inbox: Inbox, handler: any InboundHandling, policy: RetryPolicy = RetryPolicy(),
        concurrencyMax: Int = InboxWorker.concurrencyMax,
        random: @escaping @Sendable (ClosedRange<Int64>) -> Int64 = { Int64.random(in: $0) }
    ) {
        precondition(concurrencyMax > 0, "a worker has room for one event")
        self.inbox = inbox
        self.handler = handler
        self.policy = policy
        self.concurrencyMax = concurrencyMax
        self.random = random
        logger = inbox.logger
    }

    /// Events that are being handled now.
    public var inHand: Int { state.withLock { $0.inHand } }

    /// Works until the task is cancelled, and returns when the last handler has.
    public func run() async {
        let (stream, signal) = inbox.arrivals.listen()
        defer { signal.finish() }
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .milliseconds(Self.pollMs))
                    signal.yield()
                }
            }
            var looked = ContinuousClock.now
            signal.yield()
            for await _ in stream {
                // A backlog is taken in few statements: half of the room must be free, or the usual time have passed.
                let isTime = ContinuousClock.now - looked >= .milliseconds(Self.pollMs)
                guard isTime || inHand <= concurrencyMax / 2 else { continue }
                looked = .now
                await take(into: &group, signal)
            }
        }
    }

    /// Takes what there is room for, and starts on it.
    private func take(into group: inout DiscardingTaskGroup, _ signal: AsyncStream<Void>.Continuation) async {
        let (room, busy) = state.withLock { (concurrencyMax - $0.inHand, Array($0.busy)) }
        guard room > 0 else { return }
        do {
            let taken = try await inbox.claim(limit: room, busy: busy, policy: policy)
            for events in Self.grouped(taken.events) {
                begin(events)
                group.addTask {
                    for event in events { await self.handle(event) }
                    self.end(events)
                    signal.yield()
                }
            }
            for mark in taken.unreadable { try await inbox.mark(mark) }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("taking webhooks failed", metadata: ["reason": "\(error)"])
            try? await Task.sleep(for: .milliseconds(Self.failurePauseMs))
        }
    }

    /// The events of one object together, in their order; those of no object each alone.
    static func grouped(_ events: [ClaimedEvent]) -> [[ClaimedEvent]] {
        var groups: [[ClaimedEvent]] = []
        var places: [String: Int] = [:]
        for event in events {
            if let object = event.event.envelope.objectID {
                if let place = places[object] {
                    groups[place].append(event)
                    continue
                }
                places[object] = groups.count
            }
            groups.append([event])
        }
        return groups
    }

    private func begin(_ events: [ClaimedEvent]) {
        state.withLock { state in
            state.inHand += events.count
            if let object = events.first?.event.envelope.objectID { state.busy.insert(object) }
        }
    }

    private func end(_ events: [ClaimedEvent]) {
        state.withLock { state in
            state.inHand -= events.count
            if let object = events.first?.event.envelope.objectID { state.busy.remove(object) }
        }
    }

    private func handle(_ claimed: ClaimedEvent) async {
        // Behind a slow one of the same object, for so long that another worker may have it by now.
        guard inbox.clock() < claimed.claimedUntilMs else { return }
        guard !Task.isCancelled else {
            // Given back, so that the next process need not wait for the end of the claim.
            return await mark(claimed, Verdict(status: .received, nextAtMs: inbox.clock(), reason: ""))
        }
        let disposition = await handler.handle(claimed.event)
        let verdict = policy.decide(
            disposition, attempts: claimed.event.attempts, triedSinceMs: claimed.triedSinceMs, nowMs: inbox.clock(),
            jitter: random(0...1000))
        log(claimed, verdict)
        await mark(claimed, verdict)
    }

    private func mark(_ claimed: ClaimedEvent, _ verdict: Verdict) async {
        do throws(InboxFailure) {
            try await inbox.mark(Mark(key: claimed.key, claim: claimed.claim, verdict: verdict))
        } catch {
            logger.warning(
                "a webhook could not be marked, and will be handled again",
                metadata: ["event_id": "\(claimed.key.eventID)", "reason": "\(error)"])
        }
    }

    private func log(_ claimed: ClaimedEvent, _ verdict: Verdict) {
        let metadata: Logger.Metadata = [
            "event_id": "\(claimed.key.eventID)", "source": "\(claimed.key.source)",
            "event_type": "\(claimed.event.envelope.type)", "attempts": "\(claimed.event.attempts)",
            "reason": "\(verdict.reason)",
        ]
        switch verdict.status {
        case .failed: logger.error("a webhook has failed, and is tried once a day", metadata: metadata)
        case .parked: logger.notice("a webhook waits", metadata: metadata)
        default: logger.debug("a webhook was handled", metadata: metadata)
        }
    }
}
