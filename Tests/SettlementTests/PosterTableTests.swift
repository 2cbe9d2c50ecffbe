import Kernel
import LedgerDouble
import Settlement
import Testing

/// Each phase of the poster with each event that can meet it.
@Suite struct PosterTableTests {
    enum Phase: CaseIterable { case fresh, leading, following, acquiring, renewing, loading, committing }

    enum Event: CaseIterable {
        case tick, submitted, intent, stop, done, unavailable, unknown, fenced, rejected
    }

    /// What follows, as the effects' names; `nil`: the event cannot meet the phase.
    private static let table: [Phase: [Event: [String]]] = [
        .fresh: [.tick: ["acquire"], .submitted: ["acquire"], .intent: ["acquire"], .stop: []],
        .leading: [.tick: ["renew"], .submitted: ["load"], .intent: ["load"], .stop: ["release"]],
        .following: [.tick: ["acquire"], .submitted: ["forward"], .intent: [], .stop: []],
        .acquiring: [
            .tick: [], .submitted: [], .intent: [], .stop: [], .done: ["load"], .unavailable: ["acquire"],
            .unknown: ["acquire"], .fenced: ["acquire"], .rejected: ["acquire"],
        ],
        .renewing: [
            .tick: [], .submitted: [], .intent: [], .stop: [], .done: [], .unavailable: [], .unknown: [], .fenced: [],
            .rejected: [],
        ],
        .loading: [
            .tick: [], .submitted: [], .intent: [], .stop: [], .done: ["commit"], .unavailable: ["acquire"],
            .unknown: ["acquire"], .fenced: ["acquire"], .rejected: ["fail 1 internal_error"],
        ],
        .committing: [
            .tick: [], .submitted: [], .intent: [], .stop: [], .done: ["answer 1"], .unavailable: ["acquire"],
            .unknown: ["acquire"], .fenced: ["acquire"], .rejected: ["fail 1 internal_error"],
        ],
    ]

    private func bench(in phase: Phase) -> Bench {
        var bench = Bench()
        switch phase {
        case .fresh: break
        case .following:
            _ = bench.book.acquire(holder: "other", nowMs: bench.nowMs, leaseMs: 5000)
            bench.tell(.tick)
            bench.perform()
        case .acquiring: bench.submit((1, Commands.fund("a", People.ada, 1)))
        case .leading, .renewing, .loading, .committing:
            bench.tell(.tick)
            bench.perform()
            if phase == .renewing { bench.tell(.tick) }
            if phase == .loading || phase == .committing { bench.submit((1, Commands.fund("a", People.ada, 1))) }
            if phase == .committing { bench.perform() }
        }
        return bench
    }

    private func send(_ event: Event, to bench: inout Bench) -> [String] {
        switch event {
        case .tick: bench.tell(.tick)
        case .submitted: bench.submit((2, Commands.fund("b", People.bob, 1)))
        case .intent: bench.submit(intent: "i", Commands.fund("c", People.cyd, 1))
        case .stop: bench.tell(.stop)
        case .done: bench.perform()
        case .unavailable: bench.fail(.unavailable("down"))
        case .unknown: bench.fail(.outcomeUnknown("lost"))
        case .fenced: bench.fail(.fenced)
        case .rejected: bench.fail(.rejected("constraint"))
        }
    }

    @Test("every phase with every event asks for what the table says", arguments: Phase.allCases)
    func table(_ phase: Phase) {
        for (event, effects) in Self.table[phase] ?? [:] {
            var bench = bench(in: phase)
            #expect(send(event, to: &bench) == effects, "\(phase) \(event)")
        }
    }

    @Test("whatever happened, in the end the work is answered or handed over", arguments: Phase.allCases)
    func ends(_ phase: Phase) {
        for event in (Self.table[phase] ?? [:]).keys where event != .stop && phase != .following {
            var bench = bench(in: phase)
            _ = send(event, to: &bench)
            bench.run()
            bench.submit((9, Commands.fund("z", People.dan, 1)))
            bench.run()
            #expect(bench.answers[9] != nil, "\(phase) \(event)")
            #expect(bench.poster.isIdle && bench.poster.isLeader, "\(phase) \(event)")
            #expect(Set(bench.answers.keys).isDisjoint(with: bench.failures.keys), "\(phase) \(event)")
        }
    }
}
