extension StripeCall {
    /// Under this name our reference stands in the metadata of every object that we make at Stripe.
    public static let referenceName = "mjn_ref"

    static func ours(_ reference: String) -> StripeFormValue { .metadata([referenceName: reference]) }

    /// Makes a payment for a payment form of the service's own.
    ///
    /// - Parameters:
    ///   - reference: our reference.
    ///   - paymentID: our payment's identifier; groups the payment with its transfers.
    ///   - description: for the payer's receipt.
    public static func createPaymentIntent(
        _ amount: StripeAmount, reference: String, paymentID: String, description: String? = nil
    ) -> StripeCall {
        var form = StripeForm()
        form.set("amount", .integer(amount.amount))
        form.set("currency", .string(amount.currency))
        form.set("automatic_payment_methods", ["enabled": true])
        form.set("description", description.map(StripeFormValue.string))
        form.set("transfer_group", .string(paymentID))
        form.set("metadata", ours(reference))
        return StripeCall(.post, "/v1/payment_intents", form)
    }

    /// Reads a payment.
    public static func paymentIntent(_ id: StripeID) -> StripeCall { StripeCall(.get, "/v1/payment_intents/\(id)") }

    /// Gives a payment up. Stripe refuses where it has succeeded or is with the bank.
    public static func cancelPaymentIntent(_ id: StripeID) -> StripeCall {
        var form = StripeForm()
        form.set("cancellation_reason", "abandoned")
        return StripeCall(.post, "/v1/payment_intents/\(id)/cancel", form)
    }

    /// Makes a page on which a payer pays.
    public static func createCheckoutSession(_ checkout: StripeCheckout) -> StripeCall {
        var form = StripeForm()
        form.set("mode", "payment")
        form.set(
            "line_items",
            [
                [
                    "price_data": [
                        "currency": .string(checkout.amount.currency),
                        "unit_amount": .integer(checkout.amount.amount),
                        "product_data": ["name": .string(checkout.title)],
                    ],
                    "quantity": 1,
                ]
            ])
        form.set("success_url", .string(checkout.successURL))
        form.set("cancel_url", .string(checkout.cancelURL))
        form.set("client_reference_id", .string(checkout.paymentID))
        form.set("expires_at", checkout.expiresAtMs.map { .integer($0 / 1000) })
        form.set("metadata", ours(checkout.reference))
        form.set(
            "payment_intent_data",
            ["transfer_group": .string(checkout.paymentID), "metadata": ours(checkout.reference)])
        return StripeCall(.post, "/v1/checkout/sessions", form)
    }

    /// Reads a page.
    public static func checkoutSession(_ id: StripeID) -> StripeCall { StripeCall(.get, "/v1/checkout/sessions/\(id)") }

    /// Closes a page before its time. Stripe refuses where the payer is through.
    public static func expireCheckoutSession(_ id: StripeID) -> StripeCall {
        StripeCall(.post, "/v1/checkout/sessions/\(id)/expire")
    }

    /// The page of a payment, if it came from one.
    public static func checkoutSessions(of paymentIntent: StripeID) -> StripeCall {
        var form = StripeForm()
        form.set("payment_intent", .string(paymentIntent.text))
        form.set("limit", 1)
        return StripeCall(.get, "/v1/checkout/sessions", form)
    }

    /// Reads a charge.
    public static func charge(_ id: StripeID, on account: StripeID? = nil) -> StripeCall {
        StripeCall(.get, "/v1/charges/\(id)", account: account)
    }

    /// Reads a line of a balance.
    public static func balanceTransaction(_ id: StripeID, on account: StripeID? = nil) -> StripeCall {
        StripeCall(.get, "/v1/balance_transactions/\(id)", account: account)
    }
}

/// What a payer is to pay on a page of Stripe's.
public struct StripeCheckout: Sendable, Equatable {
    /// How much.
    public var amount: StripeAmount
    /// What for, for the payer; not empty.
    public var title: String
    /// Our reference.
    public var reference: String
    /// Our payment's identifier; groups the payment with its transfers.
    public var paymentID: String
    /// Where the payer goes afterwards.
    public var successURL: String
    /// Where the payer goes who thinks better of it.
    public var cancelURL: String
    /// When the page ends; Stripe takes 30 minutes to 24 hours from now; nil: 24 hours.
    public var expiresAtMs: Int64?

    /// Makes a description of a page.
    public init(
        amount: StripeAmount, title: String, reference: String, paymentID: String, successURL: String,
        cancelURL: String, expiresAtMs: Int64? = nil
    ) {
        self.amount = amount
        self.title = title
        self.reference = reference
        self.paymentID = paymentID
        self.successURL = successURL
        self.cancelURL = cancelURL
        self.expiresAtMs = expiresAtMs
    }
}
