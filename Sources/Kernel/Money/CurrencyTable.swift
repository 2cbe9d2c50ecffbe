/// The currencies that a node knows: ISO 4217's active codes that have a minor unit, and the network's tokens.
///
/// Metals, test codes and funds without a minor unit (XAU, XTS, XDR …) are left out: an amount in them cannot be
/// written in minor units.
enum CurrencyTable {
    private static let withoutDecimals = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"

    private static let twoDecimals = """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF \
        CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG \
        HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
        MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD \
        SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG \
        YER ZAR ZMW ZWG
        """

    private static let threeDecimals = "BHD IQD JOD KWD LYD OMR TND"

    private static let fourDecimals = "CLF UYW"

    /// Built once, read-only afterwards.
    static let byCode: [String: Currency] = {
        var table: [String: Currency] = [:]
        for (codes, exponent) in [(withoutDecimals, 0), (twoDecimals, 2), (threeDecimals, 3), (fourDecimals, 4)] {
            for code in codes.split(separator: " ") {
                table[String(code)] = Currency(code: String(code), exponent: exponent)
            }
        }
        for token in [Currency.mjn, .mjnx, .usdc, .sol] {
            table[token.code] = token
        }
        return table
    }()
}
