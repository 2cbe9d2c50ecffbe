/// Every movement of money: a balance transaction, and the balance with it.
extension StripeWorld {
    /// What a balance transaction is.
    struct Movement {
        var type: String
        var category: String
        var amountMinor: Int64
        var feeMinor: Int64 = 0
        var feeDescription = "Stripe processing fees"
        var currency: String
        var source: String
        var description: String?
        /// When the money is available; nil: at once.
        var availableMs: Int64?
        var exchangeRate: String?
    }

    /// Books a movement on an account; answers the balance transaction's id.
    mutating func book(_ movement: Movement, owner: String, nowMs: Int64) -> String {
        let availableMs = movement.availableMs.flatMap { $0 > nowMs ? $0 : nil }
        let netMinor = movement.amountMinor - movement.feeMinor
        let fee: StripeValue = [
            "amount": .int(movement.feeMinor), "application": nil, "currency": .string(movement.currency),
            "description": .string(movement.feeDescription), "type": "stripe_fee",
        ]
        let id = create(
            "balance_transaction", id: newID("txn"), owner: owner, nowMs: nowMs,
            [
                "amount": .int(movement.amountMinor), "fee": .int(movement.feeMinor), "net": .int(netMinor),
                "fee_details": .array(movement.feeMinor == 0 ? [] : [fee]), "currency": .string(movement.currency),
                "type": .string(movement.type), "reporting_category": .string(movement.category),
                "status": availableMs == nil ? "available" : "pending", "balance_type": "payments",
                "available_on": .int(((availableMs ?? nowMs) + 999) / 1000), "source": .string(movement.source),
                "description": .optional(movement.description),
                "exchange_rate": movement.exchangeRate.map { .decimal($0) } ?? .null,
            ], hidden: ["available_ms": .int(availableMs ?? nowMs)])
        ledger.book(id, of: owner, movement.currency, netMinor: netMinor, atMs: availableMs)
        return id
    }

    /// When the money of a balance transaction is or was available.
    func availableMs(ofTransaction id: String?) -> Int64? { id.flatMap { objects[$0]?.hidden["available_ms"]?.int } }

    /// What a charge is worth where the platform holds its balance, and by what rate.
    func settle(_ amountMinor: Int64, _ currency: String) -> (amountMinor: Int64, currency: String, rate: String?) {
        guard !configuration.settlementCurrencies.contains(currency) else { return (amountMinor, currency, nil) }
        let rate = configuration.exchangeRates[currency] ?? (1, 1)
        let millionths = rate.numerator * 1_000_000 / rate.denominator
        let fraction = String(millionths % 1_000_000 + 1_000_000).dropFirst()
        return (
            amountMinor * rate.numerator / rate.denominator, configuration.defaultCurrency,
            "\(millionths / 1_000_000).\(fraction)"
        )
    }

    /// Stripe's fee for a settled amount.
    func fee(_ amountMinor: Int64) -> Int64 {
        (amountMinor * configuration.feeBasisPoints + 5_000) / 10_000 + configuration.feeFixedMinor
    }

    func requireAvailable(_ amountMinor: Int64, _ currency: String, owner: String) throws(StripeFailure) {
        guard ledger.balance(of: owner, currency).availableMinor >= amountMinor else {
            throw .refused("Insufficient available funds in the account's balance", code: "balance_insufficient")
        }
    }

    /// Refuses an amount that is none of the currency's.
    static func check(amountMinor: Int64, _ currency: String, param: String = "amount") throws(StripeFailure) {
        guard Currency.isKnown(currency) else { throw .refused("Invalid currency: \(currency)", param: "currency") }
        guard amountMinor > 0 else {
            throw .refused("Invalid positive integer", code: "parameter_invalid_integer", param: param)
        }
        if let fault = Currency.fault(in: amountMinor, of: currency) {
            throw .refused("Invalid amount in \(currency): \(fault)", code: "parameter_invalid_integer", param: param)
        }
    }
}
