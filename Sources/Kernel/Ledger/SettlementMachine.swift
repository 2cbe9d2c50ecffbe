/// Where a settlement stands: `received → verified → posted → settled`, with `pending` while a rail must confirm,
/// `refused`, and after refunds `partially_refunded` and `refunded`. The raw value is shown to callers.
public enum SettlementState: String, Hashable, Sendable, CaseIterable {
    /// The request is well formed.
    case received
    /// Signatures, chain, split and consent are right.
    case verified
    /// A rail must confirm the money first.
    case pending
    /// The entry is in the open transaction.
    case posted
    /// The entry is durable.
    case settled
    /// Nothing was moved, and nothing will be under this key.
    case refused
    /// Part of the gross was given back.
    case partiallyRefunded = "partially_refunded"
    /// All of the gross was given back.
    case refunded

    /// The state of a settled settlement after refunds.
    public init(refunded refundedMinor: Int64, of grossMinor: Int64) {
        self = refundedMinor == 0 ? .settled : refundedMinor < grossMinor ? .partiallyRefunded : .refunded
    }

    /// The state after an event, or `nil` where the event does not belong: the caller then keeps the state and reports
    /// it.
    public func after(_ event: SettlementEvent) -> SettlementState? {
        switch (self, event) {
        case (.received, .verified): .verified
        case (.received, .refused), (.verified, .refused), (.pending, .refused): .refused
        case (.verified, .awaitsRail): .pending
        case (.verified, .posted), (.pending, .posted): .posted
        case (.posted, .committed): .settled
        // The transaction was rolled back: nothing happened, the order is as good as before.
        case (.posted, .rolledBack): .verified
        case (.settled, .refunded(let all)), (.partiallyRefunded, .refunded(let all)):
            all ? .refunded : .partiallyRefunded
        default: nil
        }
    }

    /// Whether nothing can follow.
    public var isFinal: Bool { self == .refused || self == .refunded }
}

/// What can happen to a settlement.
public enum SettlementEvent: Hashable, Sendable {
    /// Every check before the book passed.
    case verified
    /// A rail has to confirm.
    case awaitsRail
    /// A check failed, or the book refused.
    case refused
    /// The entry was made in a transaction.
    case posted
    /// The transaction is durable.
    case committed
    /// The transaction did not happen.
    case rolledBack
    /// Money was given back; `all`: nothing of the gross is left.
    case refunded(all: Bool)
}
