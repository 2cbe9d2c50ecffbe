/// What a command came to: the reply, stored in the same transaction as its effect where it is to be replayed.
public struct Outcome: Codable, Hashable, Sendable {
    /// HTTP status.
    public let status: Int
    /// Stable code of a refusal; `nil` when it was done.
    public let code: String?
    /// The reply's body: JSON, of a refusal the `detail` alone (the edge adds a trace id).
    public let body: [UInt8]
    /// The settlement, refund or hold that it made, if any; of a refusal the trace of the request that got it first.
    public let reference: String?

    /// An outcome.
    public init(status: Int, code: String? = nil, body: [UInt8], reference: String? = nil) {
        self.status = status
        self.code = code
        self.body = body
        self.reference = reference
    }

    /// Whether the command was carried out.
    public var isDone: Bool { code == nil }
}

/// Why the book refuses a command.
public enum Refusal: Error, Hashable, Sendable {
    /// The payer holds less than the gross, counting holds and limits.
    case insufficientFunds(neededMinor: Int64, currency: String)
    /// The operator has frozen this DID.
    case accountFrozen(String)
    /// No allowance, or not enough of one, or an authorization that was spent.
    case consentMissing(String)
    /// The manifest's id was signed by somebody else before.
    case manifestOwnerChanged(manifestID: String, signer: String)
    /// A counter would overflow.
    case amountOverflow
    /// Nothing, or less than asked for, is left to refund.
    case refundExceedsRemainder(remainingMinor: Int64)
    /// No such settlement.
    case settlementUnknown(String)
    /// No such hold.
    case holdUnknown(String)
    /// The hold was posted, voided or expired before.
    case holdResolved(String)
    /// The hold's time is over.
    case holdExpired(String)
    /// The hold's time is not over yet.
    case holdNotDue(String)
    /// More than the hold reserved.
    case holdExceeded(heldMinor: Int64)
    /// The recipient has shut this sender out.
    case recipientBlocked
    /// The recipient takes no more messages for now.
    case recipientRateLimited
    /// No such payment, or another service's.
    case paymentUnknown(String)
    /// The payment was made for something else.
    case paymentMismatch(String, String)
    /// The rail has not confirmed the payment.
    case paymentNotReceived(String, status: String)
    /// The payment was spent or returned before.
    case paymentSpent(String)
    /// The movement at the rail paid another payment.
    case movementClaimed(String)
    /// The payees have the money at the rail, and the node never had it.
    case refundNeedsPayee(String)
    /// No such payout, refund, dispute, escrow or payee.
    case lifecycleUnknown(String)
    /// The thing has moved on meanwhile, or is not where this step begins.
    case stateConflict(String, status: String, event: String)
    /// More than the escrow has left.
    case escrowExceeded(remainingMinor: Int64)
    /// Only others may do this.
    case notAllowed(String)
    /// Only cash can be paid out.
    case creditNotWithdrawable(cashMinor: Int64, currency: String)
    /// The same key came with another body before.
    case idempotencyKeyReused
    /// Another command of its atomic batch was refused.
    case batchAborted

    /// Stable code.
    public var code: String {
        switch self {
        case .insufficientFunds: "insufficient_funds"
        case .accountFrozen: "account_frozen"
        case .consentMissing: "payer_consent_missing"
        case .manifestOwnerChanged: "manifest_owner_changed"
        case .amountOverflow: "amount_overflow"
        case .refundExceedsRemainder: "refund_exceeds_remainder"
        case .settlementUnknown: "settlement_unknown"
        case .holdUnknown: "hold_unknown"
        case .holdResolved: "hold_resolved"
        case .holdExpired: "hold_expired"
        case .holdNotDue: "hold_not_due"
        case .holdExceeded: "hold_exceeded"
        case .recipientBlocked: "recipient_blocked"
        case .recipientRateLimited: "recipient_rate_limited"
        case .paymentUnknown: "payment_unknown"
        case .paymentMismatch: "payment_mismatch"
        case .paymentNotReceived: "payment_not_received"
        case .paymentSpent: "payment_already_spent"
        case .movementClaimed: "movement_claimed"
        case .refundNeedsPayee: "refund_needs_payee"
        case .lifecycleUnknown: "not_found"
        case .stateConflict: "state_conflict"
        case .escrowExceeded: "escrow_exceeded"
        case .notAllowed: "caller_not_allowed"
        case .creditNotWithdrawable: "credit_not_withdrawable"
        case .idempotencyKeyReused: "idempotency_key_reused"
        case .batchAborted: "batch_aborted"
        }
    }

    /// HTTP status.
    public var status: Int {
        switch self {
        case .insufficientFunds: 402
        case .consentMissing, .recipientBlocked, .notAllowed: 403
        case .settlementUnknown, .holdUnknown, .lifecycleUnknown: 404
        case .holdResolved, .holdNotDue, .paymentNotReceived, .paymentSpent, .stateConflict,
            .refundNeedsPayee, .movementClaimed:
            409
        case .batchAborted: 424
        case .recipientRateLimited: 429
        default: 422
        }
    }

    /// What happened and what to do, for people.
    public var detail: String {
        switch self {
        case .insufficientFunds(let needed, let currency):
            "The balance does not cover \(needed) \(currency) minor units, holds and limits counted. "
                + "Add funds and use a new key."
        case .accountFrozen(let did): "\(did) is frozen by the node's operator. Ask the operator for the reason."
        case .consentMissing(let why): "\(why) Send the payer's authorization, or have the payer set an allowance."
        case .manifestOwnerChanged(let id, let signer):
            "The manifest id \(id) belongs to \(signer), who signed it first. Use another id, or that signer's key."
        case .amountOverflow: "A balance would exceed what 64 bits hold. Use a smaller amount."
        case .refundExceedsRemainder(let remaining):
            "Only \(remaining) minor units are left to refund. Ask for that much or less."
        case .settlementUnknown(let id): "There is no settlement \(id). Check the id."
        case .holdUnknown(let id): "There is no hold \(id). Check the id."
        case .holdResolved(let id): "The hold \(id) was posted, voided or expired before. Read its state."
        case .holdExpired(let id): "The hold \(id) has lapsed. Make a new one."
        case .holdNotDue(let id): "The hold \(id) has not lapsed yet. Void it instead."
        case .holdExceeded(let held): "The hold reserved \(held) minor units. Post that much or less."
        case .recipientBlocked: "The recipient does not take messages from this sender."
        case .recipientRateLimited: "The recipient takes no more messages for now. Try again later."
        case .paymentUnknown(let id): "There is no payment \(id) of yours. Check the id."
        case .paymentMismatch(let id, let why): "The payment \(id) does not fit: \(why). Send what it was made for."
        case .paymentNotReceived(let id, let status):
            "The payment \(id) is \(status): the rail has not confirmed it. Try again when it is received."
        case .paymentSpent(let id): "The payment \(id) was spent or returned before. Make a new one."
        case .movementClaimed(let movement): "\(movement) paid another payment. Pay this one by itself."
        case .refundNeedsPayee(let id):
            "The payees of \(id) were paid at the rail, past the node. Ask them to pay it back from their own money."
        case .lifecycleUnknown(let id): "There is no \(id). Check the id."
        case .stateConflict(let id, let status, let event):
            "\(id) is \(status), so \(event) does not apply. Read it again."
        case .escrowExceeded(let remaining): "The escrow has \(remaining) minor units left. Ask for that much or less."
        case .notAllowed(let who): "Only \(who) may do this."
        case .creditNotWithdrawable(let cash, let currency):
            "Only cash can be paid out, and there are \(cash) minor units of \(currency) in cash: credit is spent here."
        case .idempotencyKeyReused: "This Idempotency-Key came with another body before. Use a new key."
        case .batchAborted: "Another member of this atomic batch was refused, so nothing of it was done."
        }
    }
}
