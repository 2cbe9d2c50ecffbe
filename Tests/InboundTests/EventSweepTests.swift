import Inbound
import Synchronization
import Testing

/// Events whose webhooks never came are found in the provider's list.
@Suite struct EventSweepTests {
    /// A provider's list, newest first, in pages.
    private final class List: Sendable {
        struct Asked: Equatable {
            let sinceMs: Int64
            let after: String?
        }

        struct Unreachable: Error {}

        private let state = Mutex<(events: [(id: String, createdMs: Int64)], asked: [Asked], failing: Bool)>(
            ([], [], false))
        let pageCount: Int

        init(pageCount: Int = 10) { self.pageCount = pageCount }

        var asked: [Asked] { state.withLock { $0.asked } }
        func add(_ id: String, createdMs: Int64) { state.withLock { $0.events.insert((id, createdMs), at: 0) } }
        func fail(_ failing: Bool) { state.withLock { $0.failing = failing } }

        func page(_ sinceMs: Int64, _ after: String?) throws -> EventPage {
            try state.withLock { state in
                state.asked.append(Asked(sinceMs: sinceMs, after: after))
                if state.failing, after != nil { throw Unreachable() }
                let all = state.events.filter { $0.createdMs >= sinceMs }
                let start = after.flatMap { id in all.firstIndex { $0.id == id } }.map { $0 + 1 } ?? 0
                let page = all[start...].prefix(pageCount)
                return EventPage(
                    events: page.map {
                        SignedEvent.body($0.id, object: "pi_" + $0.id, createdSeconds: $0.createdMs / 1000)
                    }, next: start + pageCount < all.count ? page.last?.id : nil)
            }
        }
    }

    private static func sweep(_ inbox: Inbox, _ list: List) -> EventSweep {
        EventSweep(inbox: inbox, name: "stripe", source: .stripe) { try list.page($0, $1) }
    }

    @Test("the first round goes back thirty days, later ones to a little before the last, and only gaps are stored")
    func gaps() async throws {
        try await TestInbox.with { inbox, test in
            let list = List()
            for number in 0..<25 { list.add("evt_\(number)", createdMs: test.clock.ms - 1000 * Int64(100 - number)) }
            for number in 0..<20 { try await inbox.store("evt_\(number)") }
            let sweep = Self.sweep(inbox, list)
            let first = try await sweep.sweep()
            #expect(first == EventSweep.Outcome(stored: 5, known: 20, refused: 0, isComplete: true))
            #expect(list.asked.map(\.after) == [nil, "evt_15", "evt_5"])
            #expect(list.asked.allSatisfy { $0.sinceMs == test.clock.ms - EventSweep.backMaxMs })
            let began = test.clock.ms
            test.clock.advance(ms: 3_600_000)
            list.add("evt_late", createdMs: began - 60_000)
            let second = try await sweep.sweep()
            #expect(list.asked.last?.sinceMs == began - EventSweep.overlapMs)
            #expect(second.stored == 1)
            #expect(try test.storedCount() == 26)
        }
    }

    @Test("a round that is cut short goes on from its page, in another process too, and misses nothing")
    func resumed() async throws {
        try await TestInbox.with { inbox, test in
            let list = List()
            for number in 0..<25 { list.add("evt_\(number)", createdMs: test.clock.ms - 1000 * Int64(100 - number)) }
            list.fail(true)
            await #expect(throws: List.Unreachable.self) { try await Self.sweep(inbox, list).sweep() }
            #expect(try test.storedCount() == 10)
            list.fail(false)
            test.clock.advance(ms: 60_000)
            let other = try test.open()
            let outcome = try await Self.sweep(other.inbox, list).sweep()
            await other.close()
            #expect(outcome == EventSweep.Outcome(stored: 15, known: 0, refused: 0, isComplete: true))
            #expect(list.asked.map(\.after) == [nil, "evt_15", "evt_15", "evt_5"])
        }
    }

    @Test("what a round's time says, as a table")
    func states() {
        let day: Int64 = 86_400_000
        let first = SweepState.initial(nowMs: 40 * day).begun(nowMs: 40 * day)
        #expect(first.sinceMs(nowMs: 40 * day) == 10 * day)
        let middle = first.read(next: "evt_1", nowMs: 40 * day + 5)
        #expect(middle == SweepState(sweptUntilMs: 10 * day, roundStartedMs: 40 * day, page: "evt_1"))
        #expect(middle.begun(nowMs: 40 * day + 10) == middle)
        // Its page may be gone after a day, and a clock that went back says nothing: the round begins anew.
        for now in [41 * day, 39 * day] {
            #expect(middle.begun(nowMs: now) == SweepState(sweptUntilMs: 10 * day, roundStartedMs: now, page: nil))
        }
        let end = middle.read(next: nil, nowMs: 40 * day + 20)
        #expect(end == SweepState(sweptUntilMs: 40 * day, roundStartedMs: nil, page: nil))
        #expect(end.sinceMs(nowMs: 40 * day) == 40 * day - EventSweep.overlapMs)
        #expect(end.sinceMs(nowMs: 90 * day) == 60 * day)
        #expect(SweepState.initial(nowMs: 5).sinceMs(nowMs: 5) == 0)
    }

    @Test("what is no event is skipped, a page that was not asked for ends the run")
    func strange() async throws {
        try await TestInbox.with { inbox, test in
            let good = SignedEvent.body("evt_1")
            let mixed = EventSweep(inbox: inbox, name: "a", source: .stripeConnect, account: "acct_7") { _, _ in
                EventPage(events: [Array("{}".utf8), good], next: nil)
            }
            #expect(try await mixed.sweep() == EventSweep.Outcome(stored: 1, known: 0, refused: 1, isComplete: true))
            #expect(try await inbox.list(.received).map(\.account) == ["acct_7"])
            let long = EventSweep(inbox: inbox, name: "b", source: .stripe) { _, _ in
                EventPage(events: Array(repeating: good, count: EventSweep.pageMax + 1), next: nil)
            }
            await #expect(throws: EventSweep.ListingError.self) { try await long.sweep() }
            let circle = EventSweep(inbox: inbox, name: "c", source: .stripe) { _, _ in
                EventPage(events: [good], next: "evt_1")
            }
            await #expect(throws: EventSweep.ListingError.self) { try await circle.sweep() }
            // The account goes to the handler, though the payload does not name it.
            let account = Mutex<String?>(nil)
            let handler = ScriptedHandler { event in
                if event.source == .stripeConnect { account.withLock { $0 = event.envelope.account } }
                return .applied
            }
            try await withWorker(inbox, handler) {
                try await waitUntil { try test.count(.done) == 2 }
            }
            #expect(account.withLock { $0 } == "acct_7")
        }
    }
}
