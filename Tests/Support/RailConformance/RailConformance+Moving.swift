import Kernel
import Settlement

extension RailConformance {
    @Sendable static func collects(_ probe: inout Probe) async throws {
        let instruction = probe.collect(2500)
        guard let prepared = await probe.prepare(instruction) else { return }
        guard case .pending(let opened) = await probe.carryOut(instruction, prepared) else {
            probe.failures.append("the payment was not opened")
            return
        }
        probe.expect(!opened.reference.isEmpty, "the rail has a name for it")
        try await probe.bench.pay(reference: opened.reference)
        let answer = await probe.fetch(instruction, prepared)
        guard case .found(let facts) = answer else {
            probe.failures.append("the paid payment is \(answer)")
            return
        }
        probe.expect(facts.standing == .done, "it stands \(facts.standing)")
        probe.expect(facts.amountMinor == 2500, "\(facts.amountMinor) arrived")
        probe.expect(facts.reference == opened.reference, "it has another name now: \(facts.reference)")
        probe.expect((facts.feeMinor ?? -1) >= 0, "its fee is \(facts.feeMinor.map(String.init) ?? "not known")")
        probe.expect(facts.url == nil, "it can be paid once more")
        let byName = await probe.fetch(instruction, prepared, reference: opened.reference)
        probe.expect(byName == answer, "asked by the rail's name for it, it is \(byName)")
    }

    @Sendable static func cancels(_ probe: inout Probe) async throws {
        let instruction = probe.collect(2500)
        guard let opened = await probe.perform(instruction) else { return }
        let answer = await probe.rail.cancel(instruction, reference: opened.reference)
        guard case .found(let facts) = answer else {
            probe.failures.append("giving up came to \(answer)")
            return
        }
        probe.expect(facts.standing == .cancelled, "it stands \(facts.standing)")
        let again = await probe.rail.cancel(instruction, reference: opened.reference)
        probe.expect(again == answer, "giving up twice came to \(again)")
    }

    @Sendable static func keepsPaid(_ probe: inout Probe) async throws {
        let instruction = probe.collect(2500)
        guard let facts = try await probe.paid(2500) else { return }
        let answer = await probe.rail.cancel(instruction, reference: facts.reference)
        probe.expect(answer == .found(facts), "giving it up came to \(answer)")
    }

    @Sendable static func paysOut(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        let instruction = probe.payOut(700)
        guard let prepared = await probe.prepare(instruction) else { return }
        let outcome = await probe.carryOut(instruction, prepared)
        switch outcome {
        case .done(let facts), .pending(let facts):
            probe.expect(facts.amountMinor == 700, "\(facts.amountMinor) moved")
            probe.expect(!facts.reference.isEmpty, "the rail has no name for it")
        case .failed, .refused, .lapsed, .unknown: probe.failures.append("it came to \(outcome)")
        }
        guard case .found(let found) = await probe.fetch(instruction, prepared) else {
            probe.failures.append("it is not found")
            return
        }
        probe.expect(found.amountMinor == 700, "\(found.amountMinor) is found")
        let byName = await probe.fetch(instruction, prepared, reference: found.reference)
        probe.expect(byName == .found(found), "asked by the rail's name for it, it is \(byName)")
    }

    @Sendable static func refunds(_ probe: inout Probe) async throws {
        try await probe.bench.fund(10_000)
        guard let payment = try await probe.paid(2500) else { return }
        for (name, amount) in [("rrf_1", 1000), ("rrf_2", 1500)] as [(String, Int64)] {
            guard let facts = await probe.perform(probe.refund(amount, name, of: payment)) else { return }
            probe.expect(facts.amountMinor == amount, "\(facts.amountMinor) went back")
        }
        let tooMuch = probe.refund(1, "rrf_3", of: payment)
        guard case .ready(let prepared) = await probe.rail.prepare(tooMuch, nowMs: probe.bench.nowMs()) else { return }
        let outcome = await probe.carryOut(tooMuch, prepared)
        guard case .refused = outcome else {
            probe.failures.append("more than was paid: \(outcome)")
            return
        }
    }

    @Sendable static func lists(_ probe: inout Probe) async throws {
        try await probe.bench.fund(50_000)
        for number in 1...4 { _ = try await probe.paid(Int64(1000 * number), "pay_\(number)") }
        for number in 1...3 { _ = await probe.perform(probe.payOut(Int64(100 * number), "po_\(number)")) }
        var records: [RailRecord] = []
        var position: RailPosition?
        var pages = 0
        repeat {
            let page = try await probe.rail.list(since: position, limit: 2)
            records += page.records
            position = page.next
            pages += 1
            guard page.hasMore else { break }
        } while pages < 100
        probe.expect(Set(records.map(\.id)).count == records.count, "a record is listed twice")
        probe.expect(records.map(\.timeMs) == records.map(\.timeMs).sorted(), "the list is not in order")
        probe.expect(records.count { $0.kind == .payout } == 3, "the payouts are not all there")
        let total = try await probe.rail.balances().first { $0.currency == probe.bench.currency }?.totalMinor
        let sum = records.filter { $0.currency == probe.bench.currency }.reduce(0) { $0 + $1.amountMinor - $1.feeMinor }
        probe.expect(
            sum == total, "the list adds up to \(sum), the balance is \(total.map(String.init) ?? "not there")")
        let rest = try await probe.rail.list(since: position, limit: 2)
        probe.expect(rest.records.isEmpty && !rest.hasMore, "there is something after the end")
    }
}
