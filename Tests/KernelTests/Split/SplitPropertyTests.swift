import BigInt
import Cryptography
import Kernel
import Testing

@Suite("Splits at random")
struct SplitPropertyTests {
    /// How many divisions one run checks.
    static let casesCount = 1_000_000

    @Test("a million divisions of manifests and chains equal those of an independent oracle, unit by unit")
    func equalsOracle() throws {
        var random = SeededRandom(printingFor: "splits equal the oracle")
        let keys = (1...12).map { TestKey($0) }
        var pool: [RandomManifest] = []
        var cases = 0
        var plans = (fast: 0, exact: 0, deepest: 0)
        while cases < Self.casesCount {
            let countMax = random.chance(1) ? 1_000 : 12
            let tree = try RandomManifest(&random, keys: keys, pool: pool, countMax: countMax)
            let verified = try Fixture.verify(tree.manifest, with: tree.descendants)
            let plan = try SplitPlan(verified, right: nil)
            let oracle = SplitOracle(tree)
            check(plan, oracle, random.seed)
            plans.fast += plan.isFast ? 1 : 0
            plans.exact += plan.isFast ? 0 : 1
            plans.deepest = max(plans.deepest, tree.depth)
            let amountsCount = min(2_000, max(20, 4_000 / plan.lines.count))
            for _ in 0..<amountsCount {
                if let fault = try fault(amount(&random), plan, oracle) {
                    Issue.record("\(fault), seed \(random.seed)")
                    return
                }
            }
            cases += amountsCount
            if tree.depth < ManifestLimits.depthMax, tree.entries.count <= 8, plan.lines.count < 60 {
                pool.append(tree)
                if pool.count > 24 { pool.remove(at: random.int(0...23)) }
            }
        }
        print("splits equal the oracle: \(cases) divisions, plans \(plans)")
        #expect(plans.fast > 0 && plans.exact > 0 && plans.deepest == ManifestLimits.depthMax)
    }

    @Test("the fast division equals the one by big integers")
    func fastEqualsExact() throws {
        var random = SeededRandom(printingFor: "fast division equals exact")
        let keys = (1...4).map { TestKey($0) }
        for _ in 0..<400 {
            let tree = try RandomManifest(&random, keys: keys, pool: [], countMax: random.chance(5) ? 300 : 9)
            let plan = try SplitPlan(Fixture.verify(tree.manifest), right: nil)
            #expect(plan.isFast, "one manifest's lines have a total of 64 bits; seed \(random.seed)")
            for _ in 0..<40 {
                let amount = amount(&random)
                let fast = try plan.split(amountMinor: amount)
                let exact = try plan.splitExactly(amountMinor: amount)
                try #require(fast == exact, "amount \(amount), seed \(random.seed)")
            }
        }
    }

    /// Amounts of every size up to the largest, small ones and the ends often.
    private func amount(_ random: inout SeededRandom) -> Int64 {
        switch random.int(0...9) {
        case 0: Int64(random.int(0...20))
        case 1: Money.amountMaxMinor - Int64(random.int(0...3))
        default: Int64.random(in: 1...(Money.amountMaxMinor >> random.int(0...52)), using: &random)
        }
    }

    private func check(_ plan: SplitPlan, _ oracle: SplitOracle, _ seed: UInt64) {
        #expect(plan.lines.map(\.did.string) == oracle.lines.map(\.payee), "seed \(seed)")
        #expect(plan.lines.map(\.isResidual) == oracle.lines.map(\.isResidual), "seed \(seed)")
        #expect(plan.lines.map { $0.via.map(\.string) } == oracle.lines.map(\.via), "seed \(seed)")
        for (line, expected) in zip(plan.lines, oracle.lines) {
            let same =
                BigInt(line.weight.numerator) * oracle.denominator
                == expected.numerator * BigInt(line.weight.denominator)
            #expect(same, "seed \(seed)")
        }
    }

    /// What is wrong with the division of one amount, if anything. Plain conditions, because the cost of the macro, a
    /// million times over, would be most of the run.
    private func fault(_ amount: Int64, _ plan: SplitPlan, _ oracle: SplitOracle) throws -> String? {
        let parts = try plan.split(amountMinor: amount)
        guard parts.reduce(0, +) == amount else { return "the parts do not sum to \(amount)" }
        guard parts == oracle.split(amount) else { return "\(amount) is divided otherwise than by the oracle" }
        for (part, line) in zip(parts, oracle.lines) {
            let off = BigInt(part) * oracle.denominator - BigInt(amount) * line.numerator
            guard abs(off) < oracle.denominator else { return "a part of \(amount) is a unit or more off its share" }
        }
        return nil
    }
}
