public import Service

/// Pay's own reasons for refusals: its part of the one table from code to status. The codes that manifests, amounts and
/// the book give are named here once more, with their status and title.
extension ProblemCode {
    /// Not an integer of minor units in 1 … 9,000,000,000,000,000.
    public static let amountInvalid = Self("amount_invalid", 400, "The amount is not acceptable")
    /// The balance does not cover the amount.
    public static let insufficientFunds = Self("insufficient_funds", 402, "The balance does not cover the amount")
    /// Nothing says that the payer agrees.
    public static let payerConsentMissing = Self("payer_consent_missing", 403, "The payer has not agreed to this")
    /// The recipient has shut the sender out.
    public static let recipientBlocked = Self(
        "recipient_blocked", 403, "The recipient takes no messages from this sender")
    /// No such settlement, or none that the caller may see.
    public static let settlementUnknown = Self("settlement_unknown", 404, "There is no such settlement")
    /// No such manifest.
    public static let manifestUnknown = Self("manifest_unknown", 404, "There is no such manifest")
    /// The rail payment was spent before.
    public static let paymentAlreadySpent = Self("payment_already_spent", 409, "The payment was spent before")
    /// The manifest is not one.
    public static let manifestMalformed = Self("manifest_malformed", 422, "The manifest is malformed")
    /// The manifest is not signed.
    public static let manifestUnsigned = Self("manifest_unsigned", 422, "The manifest is not signed")
    /// The manifest's signature does not verify.
    public static let manifestSignatureInvalid = Self(
        "manifest_signature_invalid", 422, "The manifest's signature is invalid")
    /// The signer is neither the owner, its delegate, nor a contributor.
    public static let manifestSignerNotParty = Self(
        "manifest_signer_not_party", 422, "The manifest's signer is not a party to it")
    /// The platform's signature does not verify, or is missing where it is required.
    public static let manifestPlatformSignatureInvalid = Self(
        "manifest_platform_signature_invalid", 422, "The manifest's platform signature is invalid")
    /// The weights sum to more than one.
    public static let weightsExceedOne = Self("weights_exceed_one", 422, "The weights sum to more than one")
    /// The chain refers to manifests that are not known here.
    public static let chainUnresolved = Self("chain_unresolved", 422, "The chain refers to unknown manifests")
    /// The chain comes back to itself.
    public static let chainCycle = Self("chain_cycle", 422, "The chain has a cycle")
    /// The chain is too deep or too large.
    public static let chainTooDeep = Self("chain_too_deep", 422, "The chain is too deep or too large")
    /// A manifest of the chain is refused.
    public static let chainInvalid = Self("chain_invalid", 422, "A manifest of the chain is refused")
    /// The manifest's id belongs to another signer.
    public static let manifestOwnerChanged = Self(
        "manifest_owner_changed", 422, "The manifest's id belongs to another signer")
    /// The currency is not one of the node's.
    public static let currencyUnknown = Self("currency_unknown", 422, "The currency is unknown")
    /// A contributor cannot be paid on this node.
    public static let contributorNotPayable = Self("contributor_not_payable", 422, "A contributor cannot be paid here")
    /// The rail has confirmed no such payment.
    public static let paymentUnknown = Self("payment_unknown", 422, "The rail has confirmed no such payment")
    /// A balance would not fit 64 bits.
    public static let amountOverflow = Self("amount_overflow", 422, "The amount does not fit")
    /// The operator holds the account back.
    public static let accountFrozen = Self("account_frozen", 422, "The account is frozen")
    /// The signer's key is retired.
    public static let keyRetired = Self("key_retired", 422, "The signer's key is retired")
    /// Less is left to refund than was asked for.
    public static let refundExceedsRemainder = Self(
        "refund_exceeds_remainder", 422, "The refund is more than what is left")
    /// Another member of an atomic batch was refused.
    public static let batchAborted = Self("batch_aborted", 424, "Another member of the batch was refused")
    /// The recipient takes no more messages for now.
    public static let recipientRateLimited = Self(
        "recipient_rate_limited", 429, "The recipient takes no more messages for now", retryAfterSeconds: 3600)

    /// What a settlement request may be refused for, besides what every signed route may.
    static let ofSettling: [ProblemCode] =
        [
            .amountInvalid, .fieldInvalid, .insufficientFunds, .callerNotAllowed, .payerConsentMissing,
            .idempotencyInFlight, .paymentAlreadySpent, .idempotencyKeyReused, .databaseUnavailable, .paymentUnknown,
            .amountOverflow, .accountFrozen, .currencyUnknown, .contributorNotPayable, .paymentMismatch,
            .paymentNotReceived, .stateConflict,
        ] + ofManifests

    /// What a manifest may be refused for.
    static let ofManifests: [ProblemCode] = [
        .manifestMalformed, .manifestUnsigned, .manifestSignatureInvalid, .manifestSignerNotParty,
        .manifestPlatformSignatureInvalid, .weightsExceedOne, .chainUnresolved, .chainCycle, .chainTooDeep,
        .chainInvalid, .manifestOwnerChanged, .keyRetired, .identityUnavailable,
    ]

    private static let others: [ProblemCode] = [
        .recipientBlocked, .recipientRateLimited, .settlementUnknown, .manifestUnknown, .refundExceedsRemainder,
        .batchAborted,
    ]

    private static let byName: [String: ProblemCode] = Dictionary(
        (ofSettling + others + aroundRails).map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    /// The code that a manifest or the book gave by name; a name that is not in the table keeps its status.
    static func named(_ code: String, status: Int) -> ProblemCode {
        byName[code] ?? ProblemCode(code, status, "The request was refused")
    }
}
