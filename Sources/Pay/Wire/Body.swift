import Cryptography
import Kernel
import Service

/// Reads members of a request's body, each with its rule; what does not fit is refused with the member's name.
struct Body {
    let root: JSONValue

    /// - Throws: `field_invalid` when the body is no object.
    init(_ root: JSONValue) throws(Problem) {
        guard root.kind == .object else { throw Problem(.fieldInvalid, "the body is a JSON object") }
        self.root = root
    }

    /// The longest service name and type: what fits a column of a report.
    static let nameBytesMax = 64
    /// Bytes of `metadata`.
    static let metadataBytesMax = 16 << 10

    /// A member that is there and not null.
    subscript(name: String) -> JSONValue? {
        guard let value = root[name], !value.isNull else { return nil }
        return value
    }

    func did(_ name: String) throws(Problem) -> DID {
        guard let value = root[name] else { throw Self.invalid(name, "is missing") }
        do throws(CryptographyError) {
            return try DID(value)
        } catch {
            throw Self.invalid(name, "is not a DID")
        }
    }

    /// 1 to 64 letters, digits, dots, underscores and hyphens.
    func name(_ name: String) throws(Problem) -> String {
        guard let text = root[name]?.string else { throw Self.invalid(name, "is missing or not a string") }
        guard (1...Self.nameBytesMax).contains(text.utf8.count), text.utf8.allSatisfy(Self.isNameByte) else {
            throw Self.invalid(name, "is 1 to \(Self.nameBytesMax) letters, digits, dots, underscores or hyphens")
        }
        return text
    }

    /// 1 to `max` Unicode characters without NUL, which no database text holds.
    func text(_ name: String, max: Int) throws(Problem) -> String {
        guard let text = root[name]?.string else { throw Self.invalid(name, "is missing or not a string") }
        guard !text.isEmpty, text.utf8.count <= 4 * max, text.unicodeScalars.count <= max, !text.utf8.contains(0) else {
            throw Self.invalid(name, "is empty, longer than \(max) characters, or contains NUL")
        }
        return text
    }

    /// An amount in minor units.
    /// - Throws: `amount_invalid` for anything but an exact integer of the range.
    func amount(_ name: String, from least: Int64 = 1) throws(Problem) -> Int64 {
        guard let amount = root[name]?.int64, (least...Money.amountMaxMinor).contains(amount) else {
            throw Problem(
                .amountInvalid, "\(name) is an integer of minor units from \(least) to \(Money.amountMaxMinor)")
        }
        return amount
    }

    /// An integer of a range.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64 {
        guard let number = root[name]?.int64, range.contains(number) else {
            throw Self.invalid(name, "is an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A currency of the table.
    /// - Throws: `field_invalid` when it is no string, `currency_unknown`.
    func currency(_ name: String = "currency") throws(Problem) -> Currency {
        guard let code = root[name]?.string else { throw Self.invalid(name, "is missing or not a string") }
        guard let currency = Currency.named(code) else { throw Problem(.currencyUnknown, "no currency has this code") }
        return currency
    }

    /// An instant; see `Instant`.
    func instant(_ name: String) throws(Problem) -> Int64 {
        guard let ms = root[name].flatMap(Instant.milliseconds) else {
            throw Self.invalid(name, "is an RFC 3339 time such as 2026-03-31T12:00:00Z, or Unix seconds")
        }
        return ms
    }

    /// Manifests that come along for a chain.
    func chain() throws(Problem) -> [JSONValue] {
        guard let value = self["fair_chain"] else { return [] }
        guard value.kind == .array, value.count <= ManifestLimits.linksMax else {
            throw Self.invalid("fair_chain", "is a list of up to \(ManifestLimits.linksMax) manifests")
        }
        return Array(value.elements)
    }

    /// `metadata` as received, or empty.
    func metadata() throws(Problem) -> [UInt8] {
        guard let value = self["metadata"] else { return [] }
        guard value.kind == .object, value.rawRange.count <= Self.metadataBytesMax else {
            throw Self.invalid("metadata", "is an object of up to \(Self.metadataBytesMax) bytes")
        }
        return Array(value.rawBytes)
    }

    /// A member that may be left out.
    func optional<Value>(
        _ name: String, _ read: (String) throws(Problem) -> Value
    ) throws(Problem) -> Value? {
        self[name] == nil ? nil : try read(name)
    }

    /// True or false; false when left out.
    func flag(_ name: String) throws(Problem) -> Bool {
        guard let value = self[name] else { return false }
        guard let flag = value.bool else { throw Self.invalid(name, "is true or false") }
        return flag
    }

    /// A rail that a node can have.
    func rail(_ name: String = "rail") throws(Problem) -> RailName {
        guard let text = root[name]?.string, let rail = RailName(rawValue: text) else {
            throw Self.invalid(name, "is the name of a rail, such as stripe")
        }
        return rail
    }

    static func invalid(_ name: String, _ rule: String) -> Problem { Problem(.fieldInvalid, "\(name) \(rule)") }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
