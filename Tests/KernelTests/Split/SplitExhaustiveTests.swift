import Cryptography
import Kernel
import Testing

@Suite("Every small split")
struct SplitExhaustiveTests {
    @Test("every list of up to four tenths divides every amount up to 60 as counting by hand does")
    func everySmallManifest() throws {
        let keys = (1...4).map { TestKey($0) }
        var lists = 0
        for count in 1...4 {
            for tenths in Self.lists(count: count, sumMax: 10) {
                let text = Fixture.original(
                    zip(keys, tenths).map { ($0.name, $1 == 10 ? "1" : "0.\($1)") })
                let plan = try SplitPlan(Fixture.verify(Fixture.signed(text, keys[0])), right: nil)
                let rest = 10 - tenths.reduce(0, +)
                let weights = rest > 0 ? tenths + [rest] : tenths
                for amount in 0...60 {
                    let parts = try plan.split(amountMinor: Int64(amount))
                    if parts != Self.byHand(amount, weights, over: 10) {
                        Issue.record("\(tenths) tenths of \(amount) are divided \(parts)")
                        return
                    }
                }
                lists += 1
            }
        }
        #expect(lists == 11 + 66 + 286 + 1001)
    }

    @Test("every list of up to five weights from 0 to 4 divides every amount up to 24 as counting by hand does")
    func everySmallWeights() throws {
        for count in 1...5 {
            for weights in Self.lists(count: count, sumMax: 4 * count) where weights.allSatisfy({ $0 <= 4 }) {
                let total = weights.reduce(0, +)
                guard total > 0 else { continue }
                for amount in 0...24 {
                    let parts = try LargestRemainder.split(
                        amountMinor: Int64(amount), weights: weights.map { UInt64($0) })
                    if parts != Self.byHand(amount, weights, over: total) {
                        Issue.record("\(amount) over \(weights) is divided \(parts)")
                        return
                    }
                }
            }
        }
    }

    /// Floors, then one unit at a time to the first of the largest remainders.
    private static func byHand(_ amount: Int, _ weights: [Int], over total: Int) -> [Int64] {
        var parts = weights.map { amount * $0 / total }
        var remainders = weights.map { amount * $0 % total }
        for _ in 0..<(amount - parts.reduce(0, +)) {
            guard let largest = remainders.max(), let index = remainders.firstIndex(of: largest) else { break }
            parts[index] += 1
            remainders[index] = -1
        }
        return parts.map { Int64($0) }
    }

    private static func lists(count: Int, sumMax: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return (0...sumMax).flatMap { first in
            lists(count: count - 1, sumMax: sumMax - first).map { [first] + $0 }
        }
    }
}
