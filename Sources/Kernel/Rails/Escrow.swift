/// Money that a payer sets aside for a payee until somebody says that the condition holds.
///
/// It is spent with its capture, credit first, and reaches the payee as cash, as a settlement does. It leaves the
/// payer's balance for the payer's escrow account. The payer or the arbiter releases it, the payee or the arbiter gives
/// it back, whole or in parts; after `releaseAfterMs` the node releases what is left.
public struct Escrow: Codable, Hashable, Sendable {
    /// Where an escrow stands.
    public enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        /// Something is left.
        case open
        /// Nothing is left; the last part went to the payee.
        case released
        /// Nothing is left; the last part went back.
        case refunded
    }

    /// `esc_…`.
    public let id: String
    /// Who set it aside, a DID's text.
    public let payer: String
    /// Whom it is for.
    public let payee: String
    /// Who decides when they disagree; `nil`: nobody.
    public let arbiter: String?
    /// Who made it.
    public let creator: String
    /// Minor units.
    public let amountMinor: Int64
    /// How much of it was credit; given back, it is credit again.
    public let creditMinor: Int64
    /// Currency code.
    public let currency: String
    /// When it is released by itself, milliseconds since 1970; `nil`: never.
    public let releaseAfterMs: Int64?
    /// What it is for, for people.
    public let memo: String

    /// Where it stands.
    public var status = Status.open
    /// What the payee got.
    public var releasedMinor: Int64 = 0
    /// What the payer got back.
    public var refundedMinor: Int64 = 0
    /// Until when the node waits that could not release it when its time came.
    public var postponedToMs: Int64?

    /// An open escrow.
    public init(
        id: String, payer: String, payee: String, arbiter: String?, creator: String, amountMinor: Int64,
        creditMinor: Int64, currency: String, releaseAfterMs: Int64?, memo: String
    ) {
        self.id = id
        self.payer = payer
        self.payee = payee
        self.arbiter = arbiter
        self.creator = creator
        self.amountMinor = amountMinor
        self.creditMinor = creditMinor
        self.currency = currency
        self.releaseAfterMs = releaseAfterMs
        self.memo = memo
    }

    /// What is left.
    public var remainingMinor: Int64 { amountMinor - releasedMinor - refundedMinor }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: payer, creator: creator, status: status.rawValue, currency: currency,
            amountMinor: amountMinor,
            dueAtMs: status == .open ? releaseAfterMs.map { max($0, postponedToMs ?? $0) } : nil)
    }
}

/// How a part of an escrow leaves it.
public enum EscrowEvent: Codable, Hashable, Sendable {
    /// To the payee; `nil`: all that is left. `by`: a DID's text, or `node` when its time has come.
    case released(amountMinor: Int64?, by: String)
    /// Back to the payer; `nil`: all that is left.
    case refunded(amountMinor: Int64?, by: String)

    /// The entry's cause.
    var name: String {
        switch self {
        case .released: "escrow_released"
        case .refunded: "escrow_refunded"
        }
    }
}

extension Escrow {
    /// Moves on.
    /// - Throws: `caller_not_allowed` for who may not do this, `state_conflict` when nothing is left or its time has
    ///   not come, `escrow_exceeded` for more than is left.
    public mutating func apply(_ event: EscrowEvent, nowMs: Int64) throws(Refusal) -> [Move] {
        guard status == .open else { throw .stateConflict(id, status: status.rawValue, event: event.name) }
        let from = AccountKey.escrow(payer, currency)
        switch event {
        case .released(let amount, let by):
            let isDue = by == "node" && releaseAfterMs.map { $0 <= nowMs } == true
            guard by == payer || by == arbiter || isDue else { throw .notAllowed("its payer or its arbiter") }
            let amount = try part(amount)
            releasedMinor += amount
            if remainingMinor == 0 { status = .released }
            return [.debit(from, amount), .payIn(payee, currency: currency, amount)]
        case .refunded(let amount, let by):
            guard by == payee || by == arbiter else { throw .notAllowed("its payee or its arbiter") }
            let amount = try part(amount)
            // What was cash comes back first: credit was spent before cash, and is given back after it.
            let cashBefore = min(refundedMinor, amountMinor - creditMinor)
            refundedMinor += amount
            let cash = min(refundedMinor, amountMinor - creditMinor) - cashBefore
            if remainingMinor == 0 { status = .refunded }
            var moves: [Move] = [.debit(from, amount)]
            if cash > 0 { moves.append(.payIn(payer, currency: currency, cash)) }
            if amount > cash { moves.append(.credit(.credit(payer, currency), amount - cash)) }
            return moves
        }
    }

    private func part(_ amountMinor: Int64?) throws(Refusal) -> Int64 {
        let amount = amountMinor ?? remainingMinor
        guard amount > 0, amount <= remainingMinor else { throw .escrowExceeded(remainingMinor: remainingMinor) }
        return amount
    }
}
