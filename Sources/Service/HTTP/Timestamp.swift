/// RFC 3339 times in UTC with milliseconds, as all replies write them.
public enum Timestamp {
    /// `2026-03-31T12:00:00.000Z`.
    ///
    /// - Parameter milliseconds: Unix milliseconds, from year 1 to 9999.
    public static func text(ofMilliseconds milliseconds: Int64) -> String {
        let (days, time) = CivilDate.split(milliseconds, by: 86_400_000)
        let date = CivilDate(daysSince1970: days)
        let seconds = time / 1000
        return pad(date.year, 4) + "-" + pad(date.month, 2) + "-" + pad(date.day, 2) + "T" + pad(seconds / 3600, 2)
            + ":"
            + pad(seconds / 60 % 60, 2) + ":" + pad(seconds % 60, 2) + "." + pad(time % 1000, 3) + "Z"
    }

    static func pad(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate: Equatable {
    let year: Int
    let month: Int
    let day: Int

    init(daysSince1970 days: Int) {
        // The year is taken to begin in March, so that a leap day comes last.
        let era = Self.split(Int64(days) + 719_468, by: 146_097)
        let dayOfEra = era.rest
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era.whole * 400 + (month <= 2 ? 1 : 0)
    }

    /// Division that rounds down.
    static func split(_ number: Int64, by divisor: Int64) -> (whole: Int, rest: Int) {
        var (whole, rest) = number.quotientAndRemainder(dividingBy: divisor)
        if rest < 0 {
            whole -= 1
            rest += divisor
        }
        return (Int(whole), Int(rest))
    }
}
