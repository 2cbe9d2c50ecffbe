/// The proleptic Gregorian calendar of the years 0 to 9999.
extension Timestamp {
    static let digit = UInt8(ascii: "0")
    static let form = Array("0000-00-00T00:00:00.000Z".utf8)

    static func dayCount(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Days from 1 March of year 0 to the date: with the leap day last, months have fixed starts (30.6 days on
    /// average from March on).
    private static func daysSinceMarchOfYearZero(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let monthFromMarch = (month + 9) % 12
        let shiftedYear = month <= 2 ? year - 1 : year
        // January and February of year 0 lie in shifted year -1: floor, not truncation.
        let cycle = shiftedYear >= 0 ? shiftedYear / 400 : -1
        let yearOfCycle = shiftedYear - cycle * 400
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return cycle * 146_097 + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
    }

    static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        daysSinceMarchOfYearZero(year, month, day) - 719_468
    }

    /// The date so many days after 0000-01-01; `days` is not negative.
    static func date(daysSinceYearZero days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 0000-01-01 is 60 days before 0000-03-01; a cycle of 400 years earlier keeps everything positive.
        let shifted = days - 60 + 146_097
        let cycle = shifted / 146_097
        let dayOfCycle = shifted % 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfCycle + (cycle - 1) * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }
}
