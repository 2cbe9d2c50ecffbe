import LedgerDouble
import Settlement

/// What one seed's run is like: a random subset of commands and faults with random weights, so that rare ones meet
/// each other and are not drowned by the common ones.
struct Swarm {
    /// Commands by likelihood, in the order of `Workload.Kind`.
    var weights: [Int]
    var servers: Int
    var people: Int
    var currencies: Int
    var operationsMax: Int
    /// Mean pause between two operations, milliseconds.
    var pauseMs: Int64
    var amountMax: Int64
    var limits: Poster.Limits
    var leaseMs: Int64 = 1000
    var latencyMaxMs: Int64
    /// Per mille of operations that are atomic groups, that reuse a known key with another body, that are sent twice
    /// at once.
    var atomicPerMille: Int
    var keyReusePerMille: Int
    var twicePerMille: Int
    /// Per mille of attempts after which the client never comes back.
    var givingUpPerMille: Int
    /// Per mille of database calls.
    var lostBefore: Int
    var lostAfter: Int
    var lateCommit: Int
    var refused: Int
    var rejected: Int
    /// Operations per mille that the database rejects each time while faults last.
    var poisoned: Int
    /// Mean time between faults of a server, milliseconds; 0: never.
    var crashEveryMs: Int64
    var pauseEveryMs: Int64
    var clockStepEveryMs: Int64
    var stopEveryMs: Int64

    init(_ random: inout TestRandom) {
        weights = Workload.Kind.allCases.map { _ in random.chance(perMille: 300) ? 0 : 1 + random.below(20) }
        // Without money and settlements nothing else has anything to do.
        weights[0] = 4 + random.below(20)
        weights[1] = 4 + random.below(40)
        servers = 1 + random.below(4)
        people = 2 + random.below(5)
        currencies = 1 + random.below(2)
        operationsMax = 20 + random.below(140)
        pauseMs = [1, 5, 20, 100][random.below(4)]
        amountMax = [10, 1000, 1_000_000, 9_000_000_000_000_000, .max][random.below(5)]
        limits = Poster.Limits(
            commandsMax: [1, 2, 5, 1024][random.below(4)], postingsMax: [1, 20, 40_000][random.below(3)],
            attemptsMax: 1 + random.below(6), overlapMin: [1, 2, 5, 48][random.below(4)])
        latencyMaxMs = [2, 10, 80][random.below(3)]
        func rare(_ most: Int) -> Int { random.chance(perMille: 500) ? 0 : random.below(most) + 1 }
        atomicPerMille = rare(300)
        keyReusePerMille = rare(150)
        twicePerMille = rare(150)
        givingUpPerMille = rare(200)
        lostBefore = rare(60)
        lostAfter = rare(120)
        lateCommit = rare(80)
        refused = rare(60)
        rejected = rare(30)
        poisoned = rare(40)
        func every() -> Int64 { random.chance(perMille: 500) ? 0 : [700, 3000, 10_000][random.below(3)] }
        crashEveryMs = every()
        pauseEveryMs = every()
        clockStepEveryMs = every()
        stopEveryMs = every()
    }
}
