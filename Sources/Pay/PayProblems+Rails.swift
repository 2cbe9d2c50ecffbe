public import Service

/// Reasons for refusals around rails: payments, payouts, payees, escrow.
extension ProblemCode {
    /// The rail is not set up at this node.
    public static let railOff = Self("rail_off", 503, "The rail is off at this node", retryAfterSeconds: 60)
    /// The rail gave no certain answer: the same key carries on.
    public static let railUnavailable = Self(
        "rail_unavailable", 503, "The rail gave no certain answer", retryAfterSeconds: 2)
    /// The rail cannot do this.
    public static let railUnsupported = Self("rail_unsupported", 422, "The rail cannot do this")
    /// The rail, or the payer's bank, refused.
    public static let railDeclined = Self("rail_declined", 422, "The rail refused")
    /// The URL's origin is not allow-listed.
    public static let returnURLNotAllowed = Self(
        "return_url_not_allowed", 422, "The URL is not of an origin that this node sends people to")
    /// Less than the rail moves.
    public static let amountBelowMinimum = Self("amount_below_minimum", 422, "The amount is below the rail's minimum")
    /// More than the rail moves.
    public static let amountAboveMaximum = Self("amount_above_maximum", 422, "The amount is above the rail's maximum")
    /// The rail does not move this currency.
    public static let currencyUnsupported = Self(
        "currency_unsupported", 422, "The rail does not move this currency")
    /// No balance is held for this DID.
    public static let accountNotPayable = Self("account_not_payable", 422, "This DID cannot hold a balance here")
    /// The payment was made for something else.
    public static let paymentMismatch = Self("payment_mismatch", 422, "The payment was made for something else")
    /// The rail has not confirmed the payment.
    public static let paymentNotReceived = Self("payment_not_received", 409, "The payment was not received")
    /// The thing is not where this begins.
    public static let stateConflict = Self("state_conflict", 409, "The state does not allow this")
    /// The payee has said nothing about payouts.
    public static let payeeUnknown = Self("payee_unknown", 422, "The payee has no payout settings")
    /// No destination in force for this currency and rail.
    public static let destinationMissing = Self(
        "destination_missing", 422, "The payee has no destination for this currency in force")
    /// The rail cannot pay there.
    public static let destinationNotPayable = Self(
        "destination_not_payable", 422, "The rail cannot pay this destination")
    /// Only cash leaves the node.
    public static let creditNotWithdrawable = Self("credit_not_withdrawable", 422, "Credit cannot be withdrawn")
    /// More than the escrow has left.
    public static let escrowExceeded = Self("escrow_exceeded", 422, "The escrow has less left")
    /// The seller has not been through the rail's form.
    public static let connectNotOnboarded = Self("connect_not_onboarded", 409, "The seller is not onboarded")
    /// Another request onboards the same seller.
    public static let connectBusy = Self(
        "connect_busy", 409, "The seller is being onboarded by another request", retryAfterSeconds: 2)
    /// The rail does not take the seller.
    public static let connectRefused = Self("connect_refused", 422, "The rail refused the seller")

    /// What opening a payment may be refused for.
    static let ofOpening: [ProblemCode] =
        [
            .amountInvalid, .fieldInvalid, .callerNotAllowed, .idempotencyInFlight, .stateConflict,
            .idempotencyKeyReused,
            .currencyUnknown, .accountNotPayable, .databaseUnavailable, .railOff, .railUnavailable,
        ] + ofReturning + ofRails

    /// What a rail may refuse before money moves.
    static let ofRails: [ProblemCode] = [
        .railUnsupported, .railDeclined, .amountBelowMinimum, .amountAboveMaximum, .currencyUnsupported,
    ]

    /// What a URL may be refused for.
    static let ofReturning: [ProblemCode] = [.returnURLNotAllowed]

    /// What moving a balance may be refused for.
    static let ofBalances: [ProblemCode] = [
        .amountInvalid, .fieldInvalid, .callerNotAllowed, .idempotencyInFlight, .idempotencyKeyReused,
        .insufficientFunds, .currencyUnknown, .amountOverflow, .accountFrozen, .databaseUnavailable,
    ]

    /// All of these, by which a rail and the book name them.
    static let aroundRails: [ProblemCode] =
        ofOpening + ofBalances + ofSolana + [
            .refundNeedsPayee,
            .notFound, .paymentMismatch, .paymentNotReceived, .payeeUnknown, .destinationMissing,
            .destinationNotPayable, .creditNotWithdrawable, .escrowExceeded, .connectNotOnboarded, .connectBusy,
            .connectRefused,
        ]
}
