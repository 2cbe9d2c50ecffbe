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
        switch preparation {
        case .ready: count("prepare", "done")
        case .refused: count("prepare", "refused")
        case .unavailable: count("prepare", "unknown")
        }
        return preparation
    }

    func preview(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        await base.preview(instruction, nowMs: nowMs)
    }

    func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        let outcome = await base.carryOut(instruction, prepared: prepared, nowMs: nowMs)
        switch outcome {
        case .done: count("carry_out", "done")
        case .pending: count("carry_out", "pending")
        case .refused: count("carry_out", "refused")
        case .unknown: count("carry_out", "unknown")
        }
        return outcome
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
