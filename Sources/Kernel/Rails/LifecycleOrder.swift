/// One step of a lifecycle.
public struct LifecycleOrder: Codable, Sendable {
    /// What moves on, or is made.
    public let id: String
    /// The version that the step was decided on; `nil`: whatever it is now.
    public let version: Int64?
    /// Other lifecycles that change with it or are looked at: a refund's or dispute's payment.
    public let related: [String]
    /// Whose accounts it may move: all that its moves name.
    public let owners: [OwnerKey]
    /// The step.
    public let step: LifecycleStep
    /// Who decided it by hand, for the audit log; `nil`: the node, or its caller.
    public var audit: AuditNote?

    /// An order.
    public init(id: String, version: Int64?, related: [String] = [], owners: [OwnerKey], step: LifecycleStep) {
        self.id = id
        self.version = version
        self.related = related
        self.owners = owners
        self.step = step
    }
}

/// Who decided something by hand, and why.
public struct AuditNote: Codable, Hashable, Sendable {
    /// Such as `operator:root`.
    public let actor: String
    /// For people.
    public let reason: String

    /// A note.
    public init(actor: String, reason: String) {
        self.reason = reason
        self.actor = actor
    }
}

/// What can happen to a lifecycle.
public enum LifecycleStep: Codable, Sendable {
    /// A payment is made.
    case openPayment(Payment)
    /// A payment moves on.
    case payment(PaymentEvent)
    /// Unspent money of the payment in `related` goes back; `nil`: all of it. With `done` the rail did it by itself.
    case openRefund(amountMinor: Int64?, reason: String, creator: String, done: RailFacts?)
    /// A refund moves on; its payment is in `related`.
    case refund(TransferEvent)
    /// A payout is made, and its money held.
    case openPayout(Payout)
    /// A payout moves on.
    case payout(TransferEvent)
    /// A rail speaks of a dispute; the first time it is made. Its payment is in `related`.
    case dispute(DisputeFacts)
    /// A lost dispute is charged to the unspent money of its payment, in `related`.
    case chargeBack
    /// The node tries again later what could not be done for a dispute or an escrow.
    case postponed
    /// Money is captured; how much of it is credit is decided then.
    case openEscrow(Escrow)
    /// An escrow moves on.
    case escrow(EscrowEvent)
    /// A person says how to be paid out; the first time the row is made.
    case payee(PayeeEvent)
    /// The node spent something at a rail that belongs to no payment and no payout.
    case cost(RailCost)
}

extension LifecycleStep {
    /// What it is called in keys and messages.
    public var name: String {
        switch self {
        case .openPayment: "payment_opened"
        case .payment(let event): event.name
        case .openRefund: "rail_refund_opened"
        case .refund(let event): event.name(.refund)
        case .openPayout: "payout_opened"
        case .payout(let event): event.name(.payout)
        case .dispute: "dispute_told"
        case .chargeBack: "dispute_charged_back"
        case .postponed: "postponed"
        case .openEscrow: "escrow_opened"
        case .escrow(let event): event.name
        case .payee(let event): event.name
        case .cost: RailCost.eventName
        }
    }
}
