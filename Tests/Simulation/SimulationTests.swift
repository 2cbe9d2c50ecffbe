import Foundation
import Kernel
import LedgerDouble
import Testing

/// Run one seed again, with its trace: `MJN_SEED=<seed> swift test --filter Simulation`. `MJN_SEEDS=<count>` runs
/// more of them.
@Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    /// Two cores run these in some seconds.
    private static var seedCount: UInt64 { environment["MJN_SEEDS"].flatMap(UInt64.init) ?? 2000 }

    @Test("whatever fails, every request gets its one answer and the book stays right")
    func everySeedHolds() async {
        if let seed = Self.environment["MJN_SEED"].flatMap(UInt64.init) {
            let simulation = Simulation(seed: seed, isTraced: true)
            let failure = simulation.run()
            for line in simulation.trace ?? [] { print(line) }
            #expect(failure == nil, "MJN_SEED=\(seed)")
            return
        }
        let runs = await Runs.all(seeds: 1...Self.seedCount)
        for failure in runs.failures.sorted(by: { $0.seed < $1.seed }).prefix(5) {
            let again = "MJN_SEED=\(failure.seed) swift test --filter Simulation"
            Issue.record("MJN_SEED=\(failure.seed): \(failure.why). With a trace: \(again)")
        }
        // A simulation in which nothing happens finds nothing.
        for kind in Self.mustHappen { #expect(runs.counts[kind, default: 0] > 0, "\(kind) never happened") }
        if Self.environment["MJN_COUNTS"] != nil {
            for (kind, count) in runs.counts.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(kind)") }
        }
    }

    @Test("the same seed is the same run")
    func isDeterministic() {
        for seed: UInt64 in 1...20 {
            let (first, second) = (Simulation(seed: seed, isTraced: true), Simulation(seed: seed, isTraced: true))
            _ = first.run()
            _ = second.run()
            #expect(first.trace == second.trace)
            #expect(first.book.head == second.book.head)
        }
    }

    @Test("a planted mistake is found", arguments: Mistake.allCases)
    func findsMistake(_ mistake: Mistake) async {
        let runs = await Runs.all(seeds: 1...300, mistake: mistake, stopsAtFirst: true)
        #expect(!runs.failures.isEmpty, "300 seeds did not find \(mistake)")
    }

    private static let mustHappen = [
        "done fund", "done settle", "done refund", "done hold", "done resolve", "done gas", "done allow",
        "done restrict",
        "done record", "insufficient_funds", "account_frozen", "amount_overflow", "refund_exceeds_remainder",
        "hold_expired", "hold_exceeded", "manifest_owner_changed", "manifest_unsigned", "crash", "pause", "clock step",
        "stop", "fenced", "overlap", "poisoned", "retry", "given up", "forwarded", "lostBefore", "lostAfter", "late",
        "refused", "rejected",
    ]
}
