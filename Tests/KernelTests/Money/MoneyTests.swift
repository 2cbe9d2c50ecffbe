import Kernel
import Testing

@Suite("Money and currencies")
struct MoneyTests {
    @Test(
        "a currency has the decimals that ISO 4217 or its network gives it",
        arguments: [
            ("USD", 2), ("CAD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("BHD", 3), ("CLF", 4), ("UYW", 4),
            ("MJN", 6), ("MJNX", 2), ("USDC", 6), ("SOL", 9),
        ])
    func exponents(code: String, exponent: Int) throws {
        let currency = try #require(Currency.named(code))
        #expect(currency.exponent == exponent)
        #expect(currency.code == code)
    }

    @Test("a code that is no currency's is unknown", arguments: ["usd", "", "XAU", "XXX", "US", "USDD", "ＵＳＤ", "BTC"])
    func unknown(code: String) {
        #expect(Currency.named(code) == nil)
    }

    @Test("every currency is listed once, by code")
    func list() {
        let codes = Currency.all.map(\.code)
        #expect(codes == codes.sorted())
        #expect(Set(codes).count == codes.count)
        #expect(codes.count == 17 + 7 + 2 + 139 + 4)
    }

    @Test("sums and differences are exact, and past 64 bits an error")
    func arithmetic() throws {
        let usd = try #require(Currency.named("USD"))
        let eur = try #require(Currency.named("EUR"))
        let most = Money(amountMinor: .max, currency: usd)
        let least = Money(amountMinor: .min, currency: usd)
        let cent = Money(amountMinor: 1, currency: usd)
        #expect(try cent.adding(cent).amountMinor == 2)
        #expect(try cent.subtracting(most).amountMinor == 1 - Int64.max)
        #expect(throws: MoneyError.amountOverflow) { try most.adding(cent) }
        #expect(throws: MoneyError.amountOverflow) { try least.subtracting(cent) }
        #expect(throws: MoneyError.currencyMismatch) { try cent.adding(Money(amountMinor: 1, currency: eur)) }
        #expect(throws: MoneyError.currencyMismatch) { try cent.subtracting(Money(amountMinor: 1, currency: eur)) }
    }

    @Test("a request names from one minor unit to nine quadrillion")
    func requested() throws {
        let usd = try #require(Currency.named("USD"))
        for amount in [1, 9_000_000_000_000_000] as [Int64] {
            #expect(try Money.requested(amountMinor: amount, currency: usd).amountMinor == amount)
        }
        for amount in [0, -1, 9_000_000_000_000_001, .max, .min] as [Int64] {
            #expect(throws: MoneyError.amountInvalid) { try Money.requested(amountMinor: amount, currency: usd) }
        }
    }

    @Test(
        "an amount is written with all its decimals",
        arguments: [
            (0, "USD", "0.00"), (5, "USD", "0.05"), (-5, "USD", "-0.05"), (1205, "USD", "12.05"),
            (-1205, "USD", "-12.05"),
            (7, "JPY", "7"), (-7, "JPY", "-7"), (150_000, "MJN", "0.150000"), (1, "SOL", "0.000000001"),
            (1_000_000, "USDC", "1.000000"), (Int64.min, "USD", "-92233720368547758.08"),
        ] as [(Int64, String, String)])
    func decimalText(amount: Int64, code: String, text: String) throws {
        let money = Money(amountMinor: amount, currency: try #require(Currency.named(code)))
        #expect(money.decimalText == text)
        #expect(money.description == "\(text) \(code)")
    }

    @Test("errors have the codes that clients read")
    func codes() {
        #expect(MoneyError.amountInvalid.code == "amount_invalid")
        #expect(MoneyError.amountOverflow.code == "amount_overflow")
        #expect(MoneyError.currencyUnknown("XYZ").code == "currency_unknown")
        #expect(MoneyError.currencyUnknown("XYZ").reason.contains("XYZ"))
    }
}
