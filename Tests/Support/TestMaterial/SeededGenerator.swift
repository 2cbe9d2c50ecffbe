import Foundation

/// SplitMix64: the same seed gives the same cases on every machine.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Begins with a seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// A number from 0 to below the bound.
    public mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// So many random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// The seed of this run: `MJN_TEST_SEED`, or one that the test names. It is printed, so that a failure can be
    /// repeated.
    public static func seed(_ test: String, default fixed: UInt64) -> UInt64 {
        let seed = ProcessInfo.processInfo.environment["MJN_TEST_SEED"].flatMap { UInt64($0) } ?? fixed
        print("\(test): MJN_TEST_SEED=\(seed)")
        return seed
    }
}
