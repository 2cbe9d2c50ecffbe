extension StripeCall {
    /// Sends money to a connected account.
    ///
    /// - Parameters:
    ///   - reference: our reference of this transfer.
    ///   - group: our payment's identifier, or the payout's where no single payment is behind it.
    ///   - source: the charge that the money came with: then the transfer is taken before the money is available. The
    ///     currency must be the one that the charge was *settled* in (``StripeBalanceTransaction/currency``).
    public static func createTransfer(
        _ amount: StripeAmount, to destination: StripeID, reference: String, group: String, source: StripeID? = nil
    ) -> StripeCall {
        var form = StripeForm()
        form.set("amount", .integer(amount.amount))
        form.set("currency", .string(amount.currency))
        form.set("destination", .string(destination.text))
        form.set("source_transaction", source.map { .string($0.text) })
        form.set("transfer_group", .string(group))
        form.set("metadata", ours(reference))
        return StripeCall(.post, "/v1/transfers", form)
    }

    /// Reads a transfer.
    public static func transfer(_ id: StripeID) -> StripeCall { StripeCall(.get, "/v1/transfers/\(id)") }

    /// Takes money back from a connected account. Stripe refuses what that account no longer has.
    ///
    /// - Parameter amount: in Stripe's minor unit of the transfer's currency.
    public static func createTransferReversal(of transfer: StripeID, amount: Int64, reference: String) -> StripeCall {
        var form = StripeForm()
        form.set("amount", .integer(amount))
        form.set("metadata", ours(reference))
        return StripeCall(.post, "/v1/transfers/\(transfer)/reversals", form)
    }

    /// Sends money back to a payer.
    ///
    /// - Parameter amount: in Stripe's minor unit of the payment's currency; nil: all that is left of it.
    public static func createRefund(
        of paymentIntent: StripeID, amount: Int64?, reference: String, reason: StripeRefundReason? = nil
    ) -> StripeCall {
        var form = StripeForm()
        form.set("payment_intent", .string(paymentIntent.text))
        form.set("amount", amount.map(StripeFormValue.integer))
        form.set("reason", reason.map { .string($0.rawValue) })
        form.set("metadata", ours(reference))
        return StripeCall(.post, "/v1/refunds", form)
    }

    /// Reads a refund.
    public static func refund(_ id: StripeID) -> StripeCall { StripeCall(.get, "/v1/refunds/\(id)") }

    /// Sends money from a balance to its bank account.
    ///
    /// - Parameter account: whose; nil: ours.
    public static func createPayout(_ amount: StripeAmount, reference: String, on account: StripeID?) -> StripeCall {
        var form = StripeForm()
        form.set("amount", .integer(amount.amount))
        form.set("currency", .string(amount.currency))
        form.set("metadata", ours(reference))
        return StripeCall(.post, "/v1/payouts", form, account: account)
    }

    /// Reads a payout.
    public static func payout(_ id: StripeID, on account: StripeID?) -> StripeCall {
        StripeCall(.get, "/v1/payouts/\(id)", account: account)
    }

    /// Stops a payout that has not left.
    public static func cancelPayout(_ id: StripeID, on account: StripeID?) -> StripeCall {
        StripeCall(.post, "/v1/payouts/\(id)/cancel", account: account)
    }

    /// Reads a dispute.
    public static func dispute(_ id: StripeID) -> StripeCall { StripeCall(.get, "/v1/disputes/\(id)") }

    /// Gives a dispute up: the payer keeps the money.
    public static func closeDispute(_ id: StripeID) -> StripeCall { StripeCall(.post, "/v1/disputes/\(id)/close") }

    /// Reads a balance.
    public static func balance(of account: StripeID? = nil) -> StripeCall {
        StripeCall(.get, "/v1/balance", account: account)
    }
}

/// Why a payer gets money back, as Stripe asks for it.
public enum StripeRefundReason: String, Sendable, Equatable, CaseIterable {
    /// Charged twice.
    case duplicate
    /// Not the owner of the card.
    case fraudulent
    /// The payer asked.
    case requestedByCustomer = "requested_by_customer"
}
