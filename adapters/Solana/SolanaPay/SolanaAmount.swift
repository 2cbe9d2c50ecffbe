/// Amounts as Solana Pay writes them, in whole tokens, and as the chain counts them, in base units. Integers only.
public enum SolanaAmount {
    /// Decimal places of SOL.
    public static let solDecimals: UInt8 = 9
    /// Twenty digits of a 64-bit number, a point, and as many places again.
    static let charactersMax = 42

    /// Whether the text is digits, and possibly a point and digits.
    static func isWellFormed(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        return text.utf8.count <= charactersMax && parts.count <= 2
            && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// The base units of a text; nil where it is none, has more places than the token, or is past 64 bits.
    public static func minor(_ text: String, decimals: UInt8) -> UInt64? {
        guard isWellFormed(text) else { return nil }
        let parts = text.utf8.split(separator: 0x2E)
        let places = parts.count == 2 ? Array(parts[1]) : []
        guard places.count <= Int(decimals) else { return nil }
        let padding = [UInt8](repeating: 0x30, count: Int(decimals) - places.count)
        var value: UInt64 = 0
        for digit in Array(parts[0]) + places + padding {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(digit - 0x30))
            guard !overflow, !sumOverflow else { return nil }
            value = sum
        }
        return value
    }

    /// The text of base units, without zeros at its end.
    public static func text(_ minor: UInt64, decimals: UInt8) -> String {
        let places = Int(decimals)
        var digits = Array(String(minor).utf8)
        if digits.count <= places { digits = [UInt8](repeating: 0x30, count: places + 1 - digits.count) + digits }
        let whole = String(decoding: digits.dropLast(places), as: UTF8.self)
        var fraction = digits.suffix(places)
        while fraction.last == 0x30 { fraction.removeLast() }
        return fraction.isEmpty ? whole : "\(whole).\(String(decoding: fraction, as: UTF8.self))"
    }
}
