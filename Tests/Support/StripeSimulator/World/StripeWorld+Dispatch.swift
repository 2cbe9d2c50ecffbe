/// Which resource answers an operation.
extension StripeWorld {
    mutating func dispatch(_ call: StripeCall) throws(StripeFailure) -> StripeValue {
        let answer: StripeValue? =
            switch call.path.split(separator: "/").dropFirst().first {
            case "account", "accounts": try accounts(call)
            case "account_links": try createAccountLink(call)
            case "balance": balance(of: call.owner)
            case "balance_transactions": try balanceTransactions(call)
            case "charges": try charges(call)
            case "checkout": try checkout(call)
            case "disputes": try disputes(call)
            case "events": try events(call)
            case "payment_intents": try paymentIntents(call)
            case "payouts": try payouts(call)
            case "refunds": try refunds(call)
            case "transfers": try transfers(call)
            case "webhook_endpoints": try webhookEndpoints(call)
            default: nil
            }
        guard let answer else { throw .notSimulated(call.operation) }
        return answer
    }
}
