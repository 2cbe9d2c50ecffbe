/// The rules for amounts that a currency has at Stripe (docs.stripe.com/currencies).
enum Currency {
    /// Currencies whose minor unit is the unit itself; UGX is written with two decimals all the same.
    static let zeroDecimal: Set<String> = [
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
    ]
    /// Currencies with three decimals, of which the last must be 0.
    static let threeDecimal: Set<String> = ["bhd", "jod", "kwd", "omr", "tnd"]
    /// Currencies written with two decimals that must both be 0.
    static let wholeOnly: Set<String> = ["isk", "ugx"]
    /// Currencies that are charged with two decimals and paid out in whole units.
    static let wholePayouts: Set<String> = ["huf", "twd"]
    /// Two-decimal currencies that the simulator takes besides those above.
    static let twoDecimal: Set<String> = [
        "aud", "brl", "cad", "chf", "czk", "dkk", "eur", "gbp", "hkd", "huf", "inr", "mxn", "nok", "nzd", "pln", "sek",
        "sgd", "twd", "usd", "zar",
    ]

    static func isKnown(_ currency: String) -> Bool {
        zeroDecimal.contains(currency) || threeDecimal.contains(currency) || wholeOnly.contains(currency)
            || twoDecimal.contains(currency)
    }

    /// Why an amount cannot be; nil where it can.
    static func fault(in amountMinor: Int64, of currency: String) -> String? {
        if threeDecimal.contains(currency), amountMinor % 10 != 0 { return "the last of three decimals must be 0" }
        if wholeOnly.contains(currency), amountMinor % 100 != 0 { return "both decimals must be 0" }
        return nil
    }
}
