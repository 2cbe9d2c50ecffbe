/// Random numbers that a seed decides (SplitMix64), so that a failing case can be run again.
public struct TestRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The generator of a seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is at least 1.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// A number of a closed range.
    public mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
        guard width < .max else { return Int64(bitPattern: next()) }
        return range.lowerBound &+ Int64(bitPattern: next() % (width + 1))
    }

    /// True so many times in a thousand.
    public mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

    /// One of these; `nil` of none.
    public mutating func pick<Items: RandomAccessCollection>(_ items: Items) -> Items.Element? {
        guard !items.isEmpty else { return nil }
        return items[items.index(items.startIndex, offsetBy: below(items.count))]
    }

    /// An index, as likely as its weight is to their sum; the sum is at least 1.
    public mutating func weighted(_ weights: [Int]) -> Int {
        var left = below(max(weights.reduce(0, +), 1))
        for (index, weight) in weights.enumerated() {
            left -= weight
            if left < 0 { return index }
        }
        return weights.count - 1
    }

    /// An amount of 1 … `max`, often at or beside a power of two or ten, or the bounds: there the mistakes are.
    public mutating func edgeAmount(max: Int64) -> Int64 {
        let raw: Int64
        switch below(8) {
        case 0: raw = 1
        case 1: raw = max &- within(0...2)
        case 2: raw = (Int64(1) << within(0...62)) &+ within(-1...1)
        case 3:
            var ten: Int64 = 1
            for _ in 0..<below(18) { ten &*= 10 }
            raw = ten &+ within(-1...1)
        case 4: raw = within(1...10)
        default: raw = within(1...Swift.max(1, max))
        }
        return Swift.min(Swift.max(raw, 1), Swift.max(max, 1))
    }
}
