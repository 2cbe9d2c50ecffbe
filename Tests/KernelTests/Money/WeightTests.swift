import BigInt
import Kernel
import Testing

@Suite("Weights and ratios")
struct WeightTests {
    @Test(
        "a weight is the exact decimal of its text",
        arguments: [
            ("0", 0), ("1", 1_000_000_000_000_000_000), ("0.5", 500_000_000_000_000_000),
            ("0.30000000000000004", 300_000_000_000_000_040), ("1e-7", 100_000_000_000), ("1.5e-7", 150_000_000_000),
            ("1e-18", 1), ("0.000001", 1_000_000_000_000), ("9.99999999999999999e-1", 999_999_999_999_999_999),
            ("0.999999999999999999", 999_999_999_999_999_999), ("1e0", 1_000_000_000_000_000_000), ("0e5", 0),
        ] as [(String, UInt64)])
    func exact(text: String, attos: UInt64) {
        #expect(Weight(decimalText: text)?.attos == attos)
    }

    @Test(
        "what is not from 0 to 1, or has more than 18 decimals, is no weight",
        arguments: [
            "-0.1", "-0", "1.1", "1.0000000000000002", "2", "1e1", "1e21", "1e-19", "1.5e-18", "0.1234567890123456789",
            "", ".5", "5.", "0.5 ", " 0.5", "1e", "1e+", "1e-", "e5", "0x1", "NaN", "Infinity", "0,5", "1e--5", "1e+-5",
            "1e999999999999999999999", "0.5.5", "٠.٥", "000000000000000000000000000000000.5",
        ])
    func refused(text: String) {
        #expect(Weight(decimalText: text) == nil)
    }

    @Test("a ratio is written reduced")
    func reduced() {
        #expect(Ratio(6, over: 10).description == "3/5")
        #expect(Ratio(0, over: 10).description == "0")
        #expect(Ratio(10, over: 10).description == "1")
        #expect(Weight(decimalText: "0.30000000000000004")?.ratio.description == "7500000000000001/25000000000000000")
        #expect(Ratio(2, over: 4) == Ratio(1, over: 2))
        #expect(Ratio(1, over: 3) < Ratio(1, over: 2))
    }

    @Test("six links multiply out exactly, past what a word holds")
    func product() {
        let deep = (0..<6).reduce(Ratio.one) { ratio, _ in ratio.multiplied(by: 999_999_999_999_999_999, over: 1 << 59)
        }
        #expect(deep.denominator.bitWidth > 6 * 59)
        #expect(deep.numerator.greatestCommonDivisor(with: deep.denominator) == 1)
        #expect(Ratio(3, over: 5).multiplied(by: 5, over: 9) == Ratio(1, over: 3))
        #expect(Ratio(3, over: 5).multiplied(by: 0, over: 9) == .zero)
        #expect(Ratio.zero.multiplied(by: 2, over: 9) == .zero)
    }
}
