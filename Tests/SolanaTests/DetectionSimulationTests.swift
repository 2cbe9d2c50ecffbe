import Foundation
import Testing

@Suite("Detection over a chain that misbehaves")
struct DetectionSimulationTests {
    /// `MJN_SEEDS` sets how many runs there are.
    private static let seedCount = ProcessInfo.processInfo.environment["MJN_SEEDS"].flatMap { UInt64($0) } ?? 200

    @Test("whatever is paid, however often, altered, forked away, poisoned or late: it is booked once, as it landed")
    func once() async throws {
        var ends: [String: Int] = [:]
        for seed in UInt64(1)...Self.seedCount {
            let run = DetectionRun(seed: seed)
            try await run.run()
            let findings = run.findings
            #expect(findings.isEmpty, "seed \(seed): \(findings)")
            for end in run.ends { ends[end, default: 0] += 1 }
        }
        print("detection: \(Self.seedCount) runs, \(ends.sorted { $0.key < $1.key })")
        if Self.seedCount >= 200 {
            for end in [
                "settled ", "suspended payment_altered", "suspended payment_partial", "suspended amount_mismatch",
                "deposit payment_duplicate", "deposit payment_unmatched",
            ] {
                #expect(ends[end, default: 0] > 0, "no seed reaches \(end)")
            }
        }
    }
}
