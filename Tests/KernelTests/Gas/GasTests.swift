import Kernel
import Testing

@Suite("Gas")
struct GasTests {
    @Test(
        "the curve of each tier is the protocol's",
        arguments: [
            (1, [0, 0, 0, 0, 0, 0]),
            (2, [100_000, 150_000, 300_000, 700_000, 1_500_000, 4_000_000]),
            (3, [1_000_000, 1_500_000, 3_000_000, 7_000_000, 15_000_000, 40_000_000]),
        ] as [(Int, [Int64])])
    func curve(tier: Int, amounts: [Int64]) throws {
        let curve = try Gas.curve(tier: tier)
        #expect(curve.map(\.amountMinor) == amounts)
        #expect(curve.map(\.messageNumber) == [1, 2, 3, 4, 5, 6])
        #expect(curve.map(\.multiplierText) == ["1", "1.5", "3", "7", "15", "40"])
    }

    @Test("the sixth price holds for every later message")
    func later() throws {
        for sent in [5, 6, 99, Int.max - 1] {
            let price = try Gas.charge(tier: 2, alreadySent: sent)
            #expect(price.amountMinor == 4_000_000)
            #expect(price.messageNumber == sent + 1)
        }
    }

    @Test("an odd base at one and a half is rounded up, and nothing else is")
    func odd() throws {
        let bases: [Int64] = [1, 3, 100_001]
        #expect(try Gas.curve(tier: 1, bases: bases).map(\.amountMinor) == [1, 2, 3, 7, 15, 40])
        #expect(try Gas.curve(tier: 2, bases: bases).map(\.amountMinor) == [3, 5, 9, 21, 45, 120])
        #expect(try Gas.charge(tier: 3, bases: bases, alreadySent: 1).amountMinor == 150_002)
    }

    @Test("tiers, counts, bases and prices outside their range are errors")
    func refused() {
        #expect(throws: GasError.tierUnknown) { try Gas.charge(tier: 0, alreadySent: 0) }
        #expect(throws: GasError.tierUnknown) { try Gas.charge(tier: 4, alreadySent: 0) }
        #expect(throws: GasError.countInvalid) { try Gas.charge(tier: 1, alreadySent: -1) }
        #expect(throws: GasError.countInvalid) { try Gas.charge(tier: 1, alreadySent: .max) }
        #expect(throws: GasError.baseInvalid) { try Gas.charge(tier: 1, bases: [-1, 0, 0], alreadySent: 0) }
        #expect(throws: GasError.baseInvalid) { try Gas.charge(tier: 1, bases: [1, 2], alreadySent: 0) }
        #expect(throws: GasError.amountOverflow) { try Gas.charge(tier: 1, bases: [.max, 0, 0], alreadySent: 5) }
        #expect(throws: GasError.amountOverflow) {
            try Gas.charge(tier: 1, bases: [Money.amountMaxMinor, 0, 0], alreadySent: 1)
        }
        #expect(throws: GasError.baseInvalid) { try Gas.charge(tier: 1, baseMinor: -1, alreadySent: 0) }
        #expect(throws: GasError.tierUnknown) { try Gas.charge(tier: 7, baseMinor: 1, alreadySent: 0) }
        #expect(GasError.amountOverflow.code == "amount_overflow")
    }

    @Test("a message counts for thirty days")
    func window() {
        #expect(Gas.windowSeconds == 2_592_000)
    }
}
