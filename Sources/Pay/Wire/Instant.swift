package import Cryptography
import Kernel

/// Reads instants of requests: RFC 3339 text, or a number of seconds since 1970 as in JSON Web Tokens. A number from
/// 10^11 on is read as milliseconds: as seconds it would be the year 5138.
package enum Instant {
    /// The first number that is read as milliseconds.
    private static let millisecondsFrom: Int64 = 100_000_000_000
    /// The end of year 9999, the last that RFC 3339 can write.
    static let lastMs: Int64 = 253_402_300_799_999

    /// Milliseconds since 1970, 0 … the end of year 9999; nil for anything else.
    package static func milliseconds(_ value: JSONValue) -> Int64? {
        if let number = value.int64 {
            guard number >= 0 else { return nil }
            let ms = number < millisecondsFrom ? number * 1000 : number
            return ms <= lastMs ? ms : nil
        }
        return value.stringBytes.flatMap(milliseconds)
    }

    /// RFC 3339 (section 5.6), with `T` and `Z` in upper case; digits of a second past the third are dropped.
    package static func milliseconds(_ text: [UInt8]) -> Int64? {
        guard text.count >= 20, text.count <= 40, text[4] == 0x2d, text[7] == 0x2d, text[10] == 0x54,
            text[13] == 0x3a, text[16] == 0x3a,
            let year = number(text[0..<4]), let month = number(text[5..<7]), let day = number(text[8..<10]),
            let hour = number(text[11..<13]), let minute = number(text[14..<16]), let second = number(text[17..<19]),
            year >= 1970, (1...12).contains(month), (1...days(in: month, of: year)).contains(day), hour < 24,
            minute < 60, second < 60
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if text[index] == 0x2e {
            let digits = text[(index + 1)...].prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            let padded = Array(digits.prefix(3)) + Array(repeating: 0x30, count: max(0, 3 - digits.count))
            fraction = number(padded[...]) ?? 0
            index = digits.endIndex
        }
        guard let offset = offsetMinutes(text[index...]) else { return nil }
        let time = ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction
        let ms = day1970(year, month, day) * CivilDate.msPerDay + time
        return (0...lastMs).contains(ms) ? ms : nil
    }

    /// `Z`, or `+hh:mm` or `-hh:mm` in minutes east.
    private static func offsetMinutes(_ text: ArraySlice<UInt8>) -> Int64? {
        let text = Array(text)
        if text == [0x5a] { return 0 }
        guard text.count == 6, text[3] == 0x3a, text[0] == 0x2b || text[0] == 0x2d, let hours = number(text[1..<3]),
            let minutes = number(text[4..<6]), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (text[0] == 0x2d ? -1 : 1)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970; years are taken to begin in March, so that a leap day comes last.
    private static func day1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
