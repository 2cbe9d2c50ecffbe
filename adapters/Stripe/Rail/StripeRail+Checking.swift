public import Kernel
public import Settlement

extension StripeRail {
    /// See ``Rail/check(_:)``. Reads the account; when Stripe cannot be asked, nothing speaks against it.
    public func check(_ destination: PayoutPolicy.Destination) async -> RailRefusal? {
        guard let currency = Currency.named(destination.currency), (try? StripeCurrency(currency)) != nil else {
            return RailRefusal(
                code: "currency_unsupported", reason: "Stripe does not pay out in \(destination.currency)")
        }
        guard destination.address.hasPrefix("acct_"), let account = StripeID(destination.address) else {
            return RailRefusal(
                code: "destination_not_payable", reason: "\(destination.address) is no account at Stripe (acct_…)")
        }
        do throws(StripeReadError) {
            let facts = try await client.read(.account(account), as: StripeAccount.self)
            guard !facts.takesTransfers else { return nil }
            return RailRefusal(
                code: "destination_not_payable",
                reason: "account \(account) takes no transfers yet: its owner has to see Stripe's form")
        } catch {
            guard error.isMissing else { return nil }
            return RailRefusal(
                code: "destination_not_payable", reason: "Stripe has no account \(account) of this node")
        }
    }
}
