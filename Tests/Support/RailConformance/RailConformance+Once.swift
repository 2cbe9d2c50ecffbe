import Kernel
import Settlement

extension RailConformance {
    /// Long enough for every call to have ended, and short enough for no rail to have forgotten it.
    private static let later: Int64 = 600_000

    @Sendable static func opensOnce(_ probe: inout Probe) async throws {
        let instruction = probe.collect(2500)
        guard let prepared = await probe.prepare(instruction) else { return }
        let first = await probe.carryOut(instruction, prepared)
        let second = await probe.carryOut(instruction, prepared)
        probe.expect(first == second, "opened again it is \(second)")
        await probe.expectOnce(instruction)
    }

    @Sendable static func paysOnce(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        let instruction = probe.payOut(700)
        guard let prepared = await probe.prepare(instruction) else { return }
        let (rail, nowMs) = (probe.rail, probe.bench.nowMs())
        async let one = rail.carryOut(instruction, prepared: prepared, nowMs: nowMs)
        async let other = rail.carryOut(instruction, prepared: prepared, nowMs: nowMs)
        let both = await [one, other]
        probe.expect(both.contains { if case .unknown = $0 { false } else { true } }, "both came to nothing: \(both)")
        for hours in [1, 22, 24, 72] as [Int64] {
            try await probe.bench.pass(hours * 3_600_000)
            let again = await probe.carryOut(instruction, prepared)
            switch again {
            case .done, .pending, .unknown: break
            case .failed, .refused, .lapsed: probe.failures.append("after \(hours) h it is \(again)")
            }
        }
        await probe.expectOnce(instruction)
    }

    @Sendable static func refundsOnce(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        guard let payment = try await probe.paid(2500) else { return }
        let instruction = probe.refund(1000, "rrf_1", of: payment)
        guard let prepared = await probe.prepare(instruction) else { return }
        await probe.bench.lose(.answers)
        _ = await probe.carryOut(instruction, prepared)
        await probe.bench.loseNothing()
        try await probe.bench.pass(later)
        _ = await probe.carryOut(instruction, prepared)
        try await probe.bench.pass(48 * 3_600_000)
        let late = await probe.carryOut(instruction, prepared)
        switch late {
        case .done(let facts), .pending(let facts): probe.expect(facts.amountMinor == 1000, "\(facts) after two days")
        case .failed, .refused, .lapsed, .unknown: probe.failures.append("after two days it is \(late)")
        }
        await probe.expectOnce(instruction)
    }

    @Sendable static func findsLostAnswers(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        let instruction = probe.payOut(700)
        guard let prepared = await probe.prepare(instruction) else { return }
        await probe.bench.lose(.answers)
        let lost = await probe.carryOut(instruction, prepared)
        guard case .unknown = lost else {
            probe.failures.append("without an answer it is \(lost)")
            return
        }
        try await probe.bench.pass(later)
        let unheard = await probe.fetch(instruction, prepared)
        guard case .unknown = unheard else {
            probe.failures.append("where nothing can be asked it is \(unheard)")
            return
        }
        await probe.bench.loseNothing()
        guard case .found(let facts) = await probe.fetch(instruction, prepared) else {
            probe.failures.append("it is not found")
            return
        }
        probe.expect(facts.amountMinor == 700, "\(facts.amountMinor) moved")
        await probe.expectOnce(instruction)
    }

    @Sendable static func sendsLostRequests(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        let instruction = probe.payOut(700)
        guard let prepared = await probe.prepare(instruction) else { return }
        await probe.bench.lose(.requests)
        let lost = await probe.carryOut(instruction, prepared)
        guard case .unknown = lost else {
            probe.failures.append("with nothing sent it is \(lost)")
            return
        }
        let unheard = await probe.fetch(instruction, prepared)
        if case .found = unheard { probe.failures.append("what was never sent is found") }
        await probe.bench.loseNothing()
        try await probe.bench.pass(later)
        let answer = await probe.fetch(instruction, prepared)
        probe.expect(answer == .absent, "what was never sent is \(answer)")
        let outcome = await probe.carryOut(instruction, prepared)
        switch outcome {
        case .done, .pending: await probe.expectOnce(instruction)
        case .lapsed:
            // What was prepared is of no use any more: it moved nothing, and the next attempt does.
            let moved = await probe.bench.count(instruction)
            probe.expect(moved == 0, "what lapsed is there \(moved) times")
            let next = probe.payOut(700, attempt: 2)
            if await probe.perform(next) != nil { await probe.expectOnce(next) }
        case .failed, .refused, .unknown: probe.failures.append("sent again it is \(outcome)")
        }
    }

    @Sendable static func findsLostPayments(_ probe: inout Probe) async throws {
        for loss in RailLoss.allCases {
            let instruction = probe.collect(2500, "pay_\(loss)")
            guard let prepared = await probe.prepare(instruction) else { return }
            await probe.bench.lose(loss)
            _ = await probe.carryOut(instruction, prepared)
            await probe.bench.loseNothing()
            try await probe.bench.pass(later)
            if case .absent = await probe.fetch(instruction, prepared) {
                _ = await probe.carryOut(instruction, prepared)
            }
            let answer = await probe.fetch(instruction, prepared)
            if case .found(let facts) = answer {
                probe.expect(facts.standing == .pending, "it stands \(facts.standing)")
            } else {
                probe.failures.append("it is \(answer)")
            }
            await probe.expectOnce(instruction)
        }
    }

    @Sendable static func absent(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        let instruction = probe.payOut(700)
        guard let prepared = await probe.prepare(instruction) else { return }
        try await probe.bench.pass(later)
        let answer = await probe.fetch(instruction, prepared)
        probe.expect(answer == .absent, "it is \(answer)")
        let count = await probe.bench.count(instruction)
        probe.expect(count == 0, "asking made \(count) of it")
    }

    @Sendable static func refuses(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        for instruction in [
            probe.payOut(700, "po_1", to: probe.bench.unknownDestination),
            probe.payOut(700, "po_2", to: "nowhere at all"),
            probe.payOut(0, "po_3"), probe.payOut(-5, "po_4"),
        ] {
            let preparation = await probe.rail.prepare(instruction, nowMs: probe.bench.nowMs())
            guard case .refused(let refusal) = preparation else {
                probe.failures.append("\(instruction.reference) is \(preparation)")
                continue
            }
            probe.expect(!refusal.code.isEmpty && !refusal.reason.isEmpty, "a refusal says nothing")
            let count = await probe.bench.count(instruction)
            probe.expect(count == 0, "\(instruction.reference) moved \(count) times")
        }
    }
}
