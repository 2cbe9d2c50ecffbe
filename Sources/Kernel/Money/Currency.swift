/// A unit of account: its code and the number of decimals of its minor unit.
///
/// ISO 4217 names the national ones; MJN, MJNX, USDC and SOL are the network's own. Codes are exact: upper case only.
public struct Currency: Hashable, Sendable, CustomStringConvertible {
    /// The code, such as `USD`.
    public let code: String
    /// Decimals of the minor unit: 2 for USD (cents), 0 for JPY, 6 for MJN.
    public let exponent: Int

    init(code: String, exponent: Int) {
        self.code = code
        self.exponent = exponent
    }

    /// The MJN token, six decimals.
    public static let mjn = Currency(code: "MJN", exponent: 6)
    /// The network's stable unit, two decimals.
    public static let mjnx = Currency(code: "MJNX", exponent: 2)
    /// USD Coin, six decimals.
    public static let usdc = Currency(code: "USDC", exponent: 6)
    /// Solana's own unit, nine decimals (lamports).
    public static let sol = Currency(code: "SOL", exponent: 9)

    /// The currency of a code, or nil where there is none (`currency_unknown`).
    public static func named(_ code: String) -> Currency? {
        CurrencyTable.byCode[code]
    }

    /// Every currency of the table, ordered by code.
    public static var all: [Currency] {
        CurrencyTable.byCode.values.sorted { $0.code < $1.code }
    }

    /// The code.
    public var description: String { code }
}
