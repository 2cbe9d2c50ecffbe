import Kernel
import Service
import Settlement

/// A rail that counts what its calls come to.
struct CountedRail: Rail {
    private let base: any Rail
    private let registry: MetricsRegistry

    init(_ base: any Rail, _ registry: MetricsRegistry) {
        self.base = base
        self.registry = registry
    }

    var name: RailName { base.name }
    var capabilities: RailCapabilities { base.capabilities }
    var payOutsPerCall: Int { base.payOutsPerCall }

    private func count(_ call: String, _ outcome: String) {
        registry.counter(
            "mjn_rail_outcomes_total", "What calls of rails came to.",
            labels: [("rail", name.rawValue), ("call", call), ("outcome", outcome)]
        ).increment()
    }

    private func count(_ call: String, _ answer: RailAnswer) {
        switch answer {
        case .found(let facts): count(call, Self.word(facts.standing))
        case .absent: count(call, "absent")
        case .unknown: count(call, "unknown")
        }
    }

    private static func word(_ standing: RailStanding) -> String {
        switch standing {
        case .done: "done"
        case .pending: "pending"
        case .failed: "refused"
        case .cancelled: "cancelled"
        }
    }

    func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        let preparation = await base.prepare(instruction, nowMs: nowMs)
        count(preparation)
        return preparation
    }

    private func count(_ preparation: RailPreparation) {
        switch preparation {
        case .ready: count("prepare", "done")
        case .refused: count("prepare", "refused")
        case .unavailable: count("prepare", "unknown")
        }
    }

    func prepare(_ payOuts: [PayOutInstruction], nowMs: Int64) async -> [RailPreparation] {
        let preparations = await base.prepare(payOuts, nowMs: nowMs)
        for preparation in preparations { count(preparation) }
        return preparations
    }

    func preview(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        await base.preview(instruction, nowMs: nowMs)
    }

    func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        let outcome = await base.carryOut(instruction, prepared: prepared, nowMs: nowMs)
        count(outcome)
        return outcome
    }

    func carryOut(
        _ payOuts: [(instruction: PayOutInstruction, prepared: [UInt8])], nowMs: Int64
    ) async -> [RailOutcome] {
        let outcomes = await base.carryOut(payOuts, nowMs: nowMs)
        for outcome in outcomes { count(outcome) }
        return outcomes
    }

    private func count(_ outcome: RailOutcome) {
        switch outcome {
        case .done: count("carry_out", "done")
        case .pending: count("carry_out", "pending")
        case .refused, .failed: count("carry_out", "refused")
        case .lapsed: count("carry_out", "lapsed")
        case .unknown: count("carry_out", "unknown")
        }
    }

    func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer {
        let answer = await base.fetch(instruction, prepared: prepared, reference: reference, nowMs: nowMs)
        count("fetch", answer)
        return answer
    }

    func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer {
        let answer = await base.cancel(instruction, reference: reference)
        count("cancel", answer)
        return answer
    }

    func check(_ destination: PayoutPolicy.Destination) async -> RailRefusal? { await base.check(destination) }

    func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage {
        try await base.list(since: position, limit: limit)
    }

    func balances() async throws(RailListFailure) -> [RailBalance] { try await base.balances() }
}
