/// A UTC date and time of day of the proleptic Gregorian calendar, from milliseconds since 1970, without a clock or a
/// locale.
public struct CivilDate: Hashable, Sendable {
    /// Year, month 1-12, day 1-31.
    public let year: Int64, month: Int64, day: Int64
    /// Milliseconds since midnight.
    public let msOfDay: Int64

    /// Milliseconds of a day.
    public static let msPerDay: Int64 = 86_400_000

    /// The date of an instant.
    public init(ms: Int64) {
        let days = Self.day(ms: ms)
        let rest = ms % Self.msPerDay
        msOfDay = rest < 0 ? rest + Self.msPerDay : rest
        // Days since 0000-03-01, so that the leap day is a year's last.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970, rounded down.
    public static func day(ms: Int64) -> Int64 {
        ms >= 0 ? ms / msPerDay : -1 - (-1 - ms) / msPerDay
    }

    /// `YYYYMMDD` as a number.
    public var basic: Int64 { year * 10_000 + month * 100 + day }

    /// RFC 3339 with milliseconds, for example `2026-03-31T12:00:00.000Z`. Years outside 0-9999, which it cannot write,
    /// are written as the nearest that it can.
    public var rfc3339: String {
        let seconds = msOfDay / 1000
        var out = [UInt8]()
        out.reserveCapacity(24)
        Self.append(min(max(year, 0), 9999), 4, to: &out)
        out.append(UInt8(ascii: "-"))
        Self.append(month, 2, to: &out)
        out.append(UInt8(ascii: "-"))
        Self.append(day, 2, to: &out)
        out.append(UInt8(ascii: "T"))
        Self.append(seconds / 3600, 2, to: &out)
        out.append(UInt8(ascii: ":"))
        Self.append(seconds / 60 % 60, 2, to: &out)
        out.append(UInt8(ascii: ":"))
        Self.append(seconds % 60, 2, to: &out)
        out.append(UInt8(ascii: "."))
        Self.append(msOfDay % 1000, 3, to: &out)
        out.append(UInt8(ascii: "Z"))
        return String(decoding: out, as: UTF8.self)
    }

    private static func append(_ value: Int64, _ width: Int, to out: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            out.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
