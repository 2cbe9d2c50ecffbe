import Foundation
import Synchronization

/// What came of many seeds.
struct Runs: Sendable {
    var failures: [(seed: UInt64, why: String)] = []
    var counts: [String: Int] = [:]

    /// Runs seeds on all cores; with `stopsAtFirst`, until one of them fails.
    static func all(seeds: ClosedRange<UInt64>, mistake: Mistake? = nil, stopsAtFirst: Bool = false) async -> Runs {
        let pool = SeedPool(seeds)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                group.addTask {
                    while let seed = pool.next() {
                        let simulation = Simulation(seed: seed, mistake: mistake)
                        let why = simulation.run()
                        pool.add(seed, why, simulation.counts)
                        if why != nil, stopsAtFirst { pool.close() }
                    }
                }
            }
        }
        return pool.runs.withLock { $0 }
    }
}

/// Seeds to be run, and what came of those that were.
private final class SeedPool: Sendable {
    let runs = Mutex(Runs())
    private let left: Mutex<ClosedRange<UInt64>?>

    init(_ seeds: ClosedRange<UInt64>) { left = Mutex(seeds) }

    func next() -> UInt64? {
        left.withLock { left in
            guard let seeds = left else { return nil }
            left = seeds.count > 1 ? (seeds.lowerBound + 1)...seeds.upperBound : nil
            return seeds.lowerBound
        }
    }

    func close() { left.withLock { $0 = nil } }

    func add(_ seed: UInt64, _ why: String?, _ counts: [String: Int]) {
        runs.withLock { runs in
            if let why { runs.failures.append((seed, why)) }
            runs.counts.merge(counts, uniquingKeysWith: +)
        }
    }
}
