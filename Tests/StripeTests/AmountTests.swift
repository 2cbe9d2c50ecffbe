import Kernel
import Stripe
import Testing

@Suite("Amounts at Stripe")
struct AmountTests {
    private let limits = StripeAmountLimits()

    private func currency(_ code: String) throws -> Currency { try #require(Currency.named(code)) }

    @Test(
        "our minor units and Stripe's",
        arguments: [
            ("USD", 1050, 1050, "usd"), ("CAD", 1, 1, "cad"), ("JPY", 500, 500, "jpy"), ("KRW", 1000, 1000, "krw"),
            // ISO counts ariary in hundredths, Stripe in whole.
            ("MGA", 100_000, 1000, "mga"),
            // ISO counts these in whole, Stripe in hundredths that must be 00.
            ("UGX", 5000, 500_000, "ugx"), ("ISK", 1000, 100_000, "isk"),
            ("KWD", 5120, 5120, "kwd"), ("TND", 10, 10, "tnd"), ("HUF", 12345, 12345, "huf"),
        ] as [(String, Int64, Int64, String)])
    func bothWays(code: String, minor: Int64, amount: Int64, stripeCode: String) throws {
        let money = Money(amountMinor: minor, currency: try currency(code))
        let there = try StripeAmount(money, for: .transfer, limits: limits)
        #expect(there == StripeAmount(amount: amount, currency: stripeCode))
        #expect(try there.money() == money)
    }

    @Test("every currency that Stripe may know goes there and back, for every step that it takes")
    func everyCurrency() throws {
        var count = 0
        for currency in Currency.all where (try? StripeCurrency(currency)) != nil {
            count += 1
            for purpose in StripeAmount.Purpose.allCases {
                let money = Money(amountMinor: 70_000, currency: currency)
                let amount = try StripeAmount(money, for: purpose, limits: limits)
                #expect(try amount.money() == money)
                #expect(amount.currency == currency.code.lowercased())
            }
        }
        #expect(count > 130)
    }

    @Test(
        "tokens and what Stripe does not count are refused",
        arguments: ["MJN", "MJNX", "USDC", "SOL", "CLF", "IQD", "LYD", "UYI"])
    func unsupported(code: String) throws {
        let money = Money(amountMinor: 10_000, currency: try currency(code))
        #expect(throws: StripeAmountError.currencyUnsupported(code)) {
            try StripeAmount(money, for: .charge, limits: limits)
        }
    }

    @Test(
        "what does not fit Stripe's steps is refused, never rounded",
        arguments: [
            ("MGA", 101, .charge), ("KWD", 5124, .charge), ("KWD", 5121, .transfer), ("HUF", 12345, .payout),
            ("TWD", 150, .payout), ("OMR", 1001, .refund),
        ] as [(String, Int64, StripeAmount.Purpose)])
    func steps(code: String, minor: Int64, purpose: StripeAmount.Purpose) throws {
        let money = Money(amountMinor: minor, currency: try currency(code))
        let error = #expect(throws: StripeAmountError.self) { try StripeAmount(money, for: purpose, limits: limits) }
        #expect(error?.code == "stripe_amount_not_representable")
    }

    @Test("a charge has a least and a greatest amount; other movements have none of them")
    func bounds() throws {
        func code(_ minor: Int64, _ name: String, _ purpose: StripeAmount.Purpose) throws -> String? {
            do {
                _ = try StripeAmount(
                    Money(amountMinor: minor, currency: try currency(name)), for: purpose, limits: limits)
                return nil
            } catch let error as StripeAmountError {
                return error.code
            }
        }
        #expect(try code(49, "CAD", .charge) == "stripe_amount_too_small")
        #expect(try code(50, "CAD", .charge) == nil)
        #expect(try code(49, "CAD", .transfer) == nil)
        #expect(try code(29, "GBP", .charge) == "stripe_amount_too_small")
        #expect(try code(99_999_999, "CAD", .charge) == nil)
        #expect(try code(100_000_000, "CAD", .charge) == "stripe_amount_too_large")
        #expect(try code(100_000_000, "CAD", .payout) == nil)
        #expect(try code(0, "CAD", .transfer) == "stripe_amount_not_positive")
        #expect(try code(-5, "CAD", .refund) == "stripe_amount_not_positive")
        #expect(try code(.max, "UGX", .transfer) == "stripe_amount_overflow")
    }

    @Test("an amount of Stripe's that is finer than our minor unit is refused")
    func finer() throws {
        #expect(throws: StripeAmountError.notRepresentable(currency: "ugx", step: 100)) {
            try StripeAmount(amount: 150, currency: "ugx").money()
        }
        #expect(throws: StripeAmountError.currencyUnsupported("USD")) {
            try StripeAmount(amount: 150, currency: "USD").money()
        }
        #expect(try StripeAmount(amount: -150, currency: "mga").money().amountMinor == -15_000)
    }
}
