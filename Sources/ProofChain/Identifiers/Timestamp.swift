/// A `createdAt`: `YYYY-MM-DDTHH:MM:SS.sssZ`, a date of the proleptic Gregorian calendar, years 0000 to 9999.
///
/// There is one text for one instant, and the order of instants is the order of the texts' bytes, which is the order
/// that the protocol compares by. Source: DFOS PROTOCOL, timestamp grammar.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00.000Z; negative before.
    public let millisecondsSinceEpoch: Int64

    /// The first instant that has a text, and the last.
    public static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// Takes an instant. Throws `createdAtInvalid` outside the years 0000 to 9999.
    public init(millisecondsSinceEpoch: Int64) throws(ProofError) {
        guard Self.range.contains(millisecondsSinceEpoch) else { throw ProofError(.createdAtInvalid) }
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    /// Reads a text. Throws `createdAtInvalid` for anything but the exact form of a real date and time.
    public init(_ string: String) throws(ProofError) {
        try self.init(utf8: Array(string.utf8))
    }

    init(utf8 text: [UInt8]) throws(ProofError) {
        guard text.count == Self.form.count else { throw ProofError(.createdAtInvalid) }
        for (character, expected) in zip(text, Self.form) {
            let isRight = expected == Self.digit ? (0x30...0x39).contains(character) : character == expected
            guard isRight else { throw ProofError(.createdAtInvalid) }
        }
        func number(_ range: Range<Int>) -> Int64 { text[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) } }
        let year = number(0..<4)
        let month = number(5..<7)
        let day = number(8..<10)
        let hour = number(11..<13)
        let minute = number(14..<16)
        let second = number(17..<19)
        guard (1...12).contains(month), (1...Self.dayCount(month, of: year)).contains(day), hour < 24, minute < 60,
            second < 60
        else { throw ProofError(.createdAtInvalid) }
        let days = Self.daysSinceEpoch(year, month, day)
        millisecondsSinceEpoch = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + number(20..<23)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    public var secondsSinceEpoch: Int64 {
        let quotient = millisecondsSinceEpoch / 1_000
        return millisecondsSinceEpoch % 1_000 < 0 ? quotient - 1 : quotient
    }

    /// The text, 24 characters.
    public var string: String {
        let dayMs: Int64 = 86_400_000
        let days = (millisecondsSinceEpoch - Self.range.lowerBound) / dayMs
        var rest = (millisecondsSinceEpoch - Self.range.lowerBound) % dayMs
        let (year, month, day) = Self.date(daysSinceYearZero: days)
        var text = Self.form
        func write(_ value: Int64, _ range: Range<Int>) {
            var value = value
            for index in range.reversed() {
                text[index] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
                value /= 10
            }
        }
        write(year, 0..<4)
        write(month, 5..<7)
        write(day, 8..<10)
        write(rest / 3_600_000, 11..<13)
        rest %= 3_600_000
        write(rest / 60_000, 14..<16)
        rest %= 60_000
        write(rest / 1_000, 17..<19)
        write(rest % 1_000, 20..<23)
        return String(decoding: text, as: UTF8.self)
    }

    /// The text.
    public var description: String { string }

    /// Whether `left` is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }
}
