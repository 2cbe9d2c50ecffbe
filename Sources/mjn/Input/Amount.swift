import ArgumentParser
import Kernel

/// An amount of money as two options.
struct AmountOptions: ParsableArguments {
    @Option(help: "Minor units (cents of USD): 1 to 9000000000000000.")
    var amount: Int64

    @Option(help: "Currency code, such as USD or MJN.")
    var currency: Currency

    func validate() throws {
        do {
            _ = try Money.requested(amountMinor: amount, currency: currency)
        } catch {
            throw ValidationError("--amount is in minor units, from 1 to \(Money.amountMaxMinor)")
        }
    }
}
