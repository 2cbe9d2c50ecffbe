import Logging

/// Reads a provider's list of events, and stores those whose webhook never came.
///
/// They need no signature: they were fetched over TLS, with our key, from the provider. Whatever is stored already
/// stays as it is, so any number of processes may sweep, and a round may be repeated.
public struct EventSweep: Sendable {
    /// How far back the first round goes, and any later one at most: Stripe lists events for 30 days.
    public static let backMaxMs: Int64 = 2_592_000_000
    /// How much of what was read is read again: an event can appear in the list after younger ones, and clocks differ.
    public static let overlapMs: Int64 = 900_000
    /// Events of one page; a longer one is refused, since it was not asked for.
    public static let pageMax = 100
    /// Pages of one run, 20,000 events; the next run goes on where this one stopped.
    public static let pagesMax = 200
    /// How long a round may be under way before it begins anew: its page may be gone from the provider's list.
    static let roundMaxMs: Int64 = 86_400_000

    /// What one run did.
    public struct Outcome: Hashable, Sendable {
        /// Events that had never come.
        public var stored = 0
        /// Events that had.
        public var known = 0
        /// Texts in the list that were no events; they are skipped, and logged.
        public var refused = 0
        /// Whether the list was read to its end.
        public var isComplete = false

        package init(stored: Int = 0, known: Int = 0, refused: Int = 0, isComplete: Bool = false) {
            self.stored = stored
            self.known = known
            self.refused = refused
            self.isComplete = isComplete
        }
    }

    /// The provider gave something that was not asked for.
    public struct ListingError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What.
        public let description: String
    }

    private let inbox: Inbox
    private let name: String
    private let source: WebhookSource
    private let account: String?
    private let listEvents: EventListing

    /// A sweep.
    ///
    /// - Parameters:
    ///   - name: what its place in the list is stored under; one for each list, such as `stripe` or an account.
    ///   - source: what the events are stored as: that of the webhooks that they stand in for.
    ///   - account: the account whose list it is, for events that do not name one.
    ///   - listEvents: asks the provider.
    public init(
        inbox: Inbox, name: String, source: WebhookSource, account: String? = nil, listEvents: @escaping EventListing
    ) {
        self.inbox = inbox
        self.name = name
        self.source = source
        self.account = account
        self.listEvents = listEvents
    }

    /// Sweeps at once, and then every so often, until the task is cancelled.
    ///
    /// - Parameter everyMs: between two runs; five minutes are few requests, and money that waits no longer.
    public func run(everyMs: Int64 = 300_000) async {
        while !Task.isCancelled {
            do {
                let outcome = try await sweep()
                if outcome.stored > 0 {
                    inbox.logger.notice(
                        "the sweep found events whose webhooks never came",
                        metadata: ["sweep": "\(name)", "count": "\(outcome.stored)"])
                }
                if !outcome.isComplete { continue }
            } catch is CancellationError {
                return
            } catch {
                inbox.logger.warning("sweeping failed", metadata: ["sweep": "\(name)", "reason": "\(error)"])
            }
            try? await Task.sleep(for: .milliseconds(everyMs))
        }
    }

    /// Reads the list once, from where the last run stopped, `pagesMax` pages at most.
    ///
    /// - Throws: what the listing throws, `InboxFailure`, `PostgresError`, `ListingError`. What was read before that is
    ///   stored, and its place too.
    public func sweep() async throws -> Outcome {
        var outcome = Outcome()
        let stored = try await inbox.sweepState(name)
        var state = (stored ?? .initial(nowMs: inbox.clock())).begun(nowMs: inbox.clock())
        let sinceMs = state.sinceMs(nowMs: state.roundStartedMs ?? inbox.clock())
        for _ in 0..<Self.pagesMax {
            try Task.checkCancellation()
            let page = try await listEvents(sinceMs, state.page)
            guard page.events.count <= Self.pageMax else { throw ListingError(description: "the page is too long") }
            guard page.next == nil || page.next != state.page else {
                throw ListingError(description: "the next page is the same page")
            }
            try await store(page.events, &outcome)
            state = state.read(next: page.next, nowMs: inbox.clock())
            try await inbox.setSweepState(name, state)
            guard page.next != nil else {
                outcome.isComplete = true
                break
            }
        }
        return outcome
    }

    /// Stores a page, its events together in one commit.
    private func store(_ events: [[UInt8]], _ outcome: inout Outcome) async throws {
        var fresh: [(EventEnvelope, [UInt8])] = []
        for payload in events {
            do {
                var envelope = try EventEnvelope(parsing: payload)
                if envelope.account == nil, let account { envelope = envelope.of(account: account) }
                fresh.append((envelope, payload))
            } catch {
                outcome.refused += 1
                inbox.logger.warning(
                    "the list has something that is no event", metadata: ["sweep": "\(name)", "reason": "\(error)"])
            }
        }
        let (inbox, source) = (inbox, source)
        let arrivals = try await withThrowingTaskGroup(of: Arrival.self) { group in
            for (envelope, payload) in fresh {
                group.addTask { try await inbox.store(envelope, payload: payload, from: source) }
            }
            return try await group.reduce(into: [Arrival]()) { $0.append($1) }
        }
        outcome.stored += arrivals.count { $0 == .stored }
        outcome.known += arrivals.count { $0 == .known }
    }
}
