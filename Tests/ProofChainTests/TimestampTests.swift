import Cryptography
import ProofChain
import Testing
import TestMaterial

@Suite("Timestamps")
struct TimestampTests {
    @Test("every published case of the grammar has its verdict")
    func published() throws {
        let cases = try #require(try Fixture.json("dfos/timestamp-grammar.json")["cases"])
        #expect(cases.count == 22)
        for entry in cases.elements {
            let input = entry.text("input")
            let isValid = try #require(entry["valid"]?.bool)
            let parsed = try? Timestamp(input)
            #expect((parsed != nil) == isValid, "\(input)")
            if let parsed { #expect(parsed.string == input) }
        }
    }

    @Test("instants are counted from 1970 and written back as they were read")
    func instants() throws {
        let known: [(String, Int64)] = [
            ("1970-01-01T00:00:00.000Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T12:34:56.789Z", 951_827_696_789), ("2026-03-07T00:00:00.000Z", 1_772_841_600_000),
            ("0000-01-01T00:00:00.000Z", -62_167_219_200_000), ("0000-02-29T00:00:00.000Z", -62_162_121_600_000),
            ("0000-03-01T00:00:00.000Z", -62_162_035_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ]
        for (text, milliseconds) in known {
            #expect(try Timestamp(text).millisecondsSinceEpoch == milliseconds)
            #expect(try Timestamp(millisecondsSinceEpoch: milliseconds).string == text)
        }
        #expect(try Timestamp("1969-12-31T23:59:59.999Z").secondsSinceEpoch == -1)
        #expect(try Timestamp("1969-12-31T23:59:59.000Z").secondsSinceEpoch == -1)
        #expect(try Timestamp("2026-03-07T00:00:00.999Z").secondsSinceEpoch == 1_772_841_600)
        for outside in [Timestamp.range.lowerBound - 1, Timestamp.range.upperBound + 1, .min, .max] {
            #expect(throws: ProofError(.createdAtInvalid)) { try Timestamp(millisecondsSinceEpoch: outside) }
        }
    }

    @Test("the order of instants is the order of their texts' bytes, over all of the years")
    func order() throws {
        let seed = SeededGenerator.seed("timestamps", default: 11)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let left = try Timestamp(millisecondsSinceEpoch: Int64.random(in: Timestamp.range, using: &generator))
            let nearby = left.millisecondsSinceEpoch + Int64(generator.below(200_000_000)) - 100_000_000
            let right = try Timestamp(
                millisecondsSinceEpoch: min(max(nearby, Timestamp.range.lowerBound), Timestamp.range.upperBound))
            #expect(try Timestamp(left.string) == left, "seed \(seed)")
            #expect((left < right) == left.string.utf8.lexicographicallyPrecedes(right.string.utf8), "seed \(seed)")
        }
    }
}
