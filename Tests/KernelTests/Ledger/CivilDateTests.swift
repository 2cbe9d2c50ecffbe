import Kernel
import LedgerDouble
import Testing

@Suite struct CivilDateTests {
    /// Days since 1970 from GNU date: `date -u -d <date> +%s` over 86,400.
    @Test(
        "known dates",
        arguments: [
            (0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (11_017, "2000-03-01"),
            (-25_509, "1900-02-28"), (-25_508, "1900-03-01"), (19_781, "2024-02-28"), (19_782, "2024-02-29"),
            (19_783, "2024-03-01"), (20_543, "2026-03-31"), (47_540, "2100-02-28"), (47_541, "2100-03-01"),
            (2_932_896, "9999-12-31"), (-719_162, "0001-01-01"),
        ] as [(Int64, String)])
    func known(_ day: Int64, _ text: String) {
        for offset in [0, 1, 86_399_999] as [Int64] {
            let date = CivilDate(ms: day * CivilDate.msPerDay + offset)
            #expect(date.rfc3339.prefix(10) == text)
            #expect(date.msOfDay == offset)
            #expect(CivilDate.day(ms: day * CivilDate.msPerDay + offset) == day)
        }
    }

    @Test("the time of day to the millisecond")
    func timeOfDay() {
        #expect(CivilDate(ms: 1_774_958_400_123).rfc3339 == "2026-03-31T12:00:00.123Z")
        #expect(CivilDate(ms: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
        #expect(CivilDate(ms: 1_774_958_400_123).basic == 20_260_331)
    }

    /// Walks the calendar day by day, with nothing but the rule for leap years.
    @Test("a thousand years, day by day")
    func walk() {
        var (year, month, day) = (1600, 1, 1)
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for days in Int64(-135_140)..<Int64(230_000) {
            let date = CivilDate(ms: days * CivilDate.msPerDay)
            if (date.year, date.month, date.day) != (Int64(year), Int64(month), Int64(day)) {
                Issue.record("day \(days) is \(year)-\(month)-\(day), not \(date)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > lengths[month - 1] + (month == 2 && isLeap ? 1 : 0) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test("far away too, the date goes back to its day by another way", arguments: 1...2000 as ClosedRange<UInt64>)
    func farAway(_ seed: UInt64) {
        var random = TestRandom(seed: seed)
        let ms = random.within(-(1 << random.within(1...61))...(1 << random.within(1...61)))
        let date = CivilDate(ms: ms)
        // Richards's Julian day number, shifted by whole 400-year cycles to stay positive.
        let cycles = date.year / 400 - 1
        let (year, month, day) = (date.year - cycles * 400, date.month, date.day)
        let shift = (14 - month) / 12
        let (y, m) = (year + 4800 - shift, month + 12 * shift - 3)
        let julian = day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32_045
        let days = julian - 2_440_588 + cycles * 146_097
        #expect(days * CivilDate.msPerDay + date.msOfDay == ms, "seed \(seed)")
        #expect((1...12).contains(date.month) && (1...31).contains(date.day), "seed \(seed)")
    }

    @Test("the ends of 64 bits do not trap, and years that cannot be written are written as the nearest")
    func ends() {
        #expect(CivilDate(ms: .max).rfc3339.hasPrefix("9999-"))
        #expect(CivilDate(ms: .min).rfc3339.hasPrefix("0000-"))
        #expect(CivilDate(ms: -719_528 * CivilDate.msPerDay).rfc3339 == "0000-01-01T00:00:00.000Z")
    }
}
