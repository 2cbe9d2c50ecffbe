/// A payer's bank contests a payment: what the rail withdrew stands in the `disputed` account until it is decided.
///
/// Payees keep their money meanwhile. Lost, the node takes back what it was spent on, as a refund does, and what a
/// payee no longer has becomes a receivable; won, the rail gives the money back, also after it was lost: then it is for
/// those it was taken from. A rail's facts are totals, so each withdrawal and each return is booked once, in whatever
/// order they are heard of.
public struct Dispute: Codable, Hashable, Sendable {
    /// Where a dispute stands.
    public enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        /// Not decided.
        case open
        /// Decided for the node.
        case won
        /// Decided for the payer.
        case lost
    }

    /// `dsp_…`.
    public let id: String
    /// The payment.
    public let paymentID: String
    /// By which rail.
    public let rail: RailName
    /// The rail's name for it.
    public let reference: String
    /// Who paid.
    public let payer: String
    /// The service that made the payment.
    public let creator: String
    /// Currency code.
    public let currency: String

    /// Where it stands.
    public var status = Status.open
    /// What is contested, minor units.
    public var amountMinor: Int64 = 0
    /// The bank's reason.
    public var reason = ""
    /// Booked so far of what the rail withdrew.
    public var withdrawnMinor: Int64 = 0
    /// Booked so far of what the rail gave back.
    public var reinstatedMinor: Int64 = 0
    /// Booked so far of the rail's fees.
    public var feeMinor: Int64 = 0
    /// Booked so far of what it gave back of them.
    public var feeReturnedMinor: Int64 = 0
    /// What was charged back to those who had the money.
    public var chargedBackMinor: Int64 = 0
    /// What came back of that from the bank.
    public var regainedMinor: Int64?
    /// Booked so far in the node's account where the rail converted; `nil`: it did not.
    public var settled: SettledDispute?
    /// When the node next does something for it.
    public var dueAtMs: Int64?

    /// A dispute that nothing is booked of yet.
    public init(id: String, payment: Payment, reference: String) {
        self.id = id
        paymentID = payment.id
        rail = payment.rail
        self.reference = reference
        payer = payment.payer
        creator = payment.creator
        currency = payment.currency
    }

    /// What was withdrawn and neither given back nor borne by anybody: this dispute's part of the `disputed` account.
    public var contestedMinor: Int64 {
        withdrawnMinor - reinstatedMinor - chargedBackMinor + (regainedMinor ?? 0)
    }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: payer, creator: creator, rail: rail.rawValue, reference: reference, parent: paymentID,
            status: status.rawValue, currency: currency, amountMinor: amountMinor, dueAtMs: dueAtMs)
    }
}

extension Dispute {
    /// Takes in what the rail says; smaller totals than those that are booked are old news.
    /// - Returns: what moves, and how much of it is for those it was charged back to.
    public mutating func observe(_ facts: DisputeFacts, nowMs: Int64) -> (moves: [Move], regainedMinor: Int64) {
        let isOlder =
            facts.withdrawnMinor < withdrawnMinor || facts.reinstatedMinor < reinstatedMinor
            || facts.feeMinor < feeMinor || facts.feeReturnedMinor < feeReturnedMinor
        amountMinor = max(amountMinor, facts.amountMinor)
        if !facts.reason.isEmpty { reason = facts.reason }
        let (moves, hasMoved) = book(facts)
        let regained = max(-contestedMinor, 0)
        if regained > 0 { regainedMinor = (regainedMinor ?? 0) + regained }
        stand(facts.standing, isOlder: isOlder, hasMoved: hasMoved)
        // What those owe who had the money may still be to ask for.
        dueAtMs = status == .lost ? (contestedMinor > 0 ? nowMs : dueAtMs) : nil
        return (moves, regained)
    }

    /// Where it stands follows from the newest totals: a decision is final until money moves again.
    private mutating func stand(_ standing: DisputeFacts.Standing, isOlder: Bool, hasMoved: Bool) {
        guard status == .open || (hasMoved && !isOlder) else { return }
        switch standing {
        case .won: status = .won
        case .lost: status = .lost
        case .open: break
        }
    }

    /// Books what moved since: at the rail in its account's currency, and in the payment's what is contested.
    private mutating func book(_ facts: DisputeFacts) -> (moves: [Move], hasMoved: Bool) {
        let withdrawn = Self.advance(&withdrawnMinor, to: facts.withdrawnMinor)
        let reinstated = Self.advance(&reinstatedMinor, to: facts.reinstatedMinor)
        let fee = Self.advance(&feeMinor, to: facts.feeMinor)
        let feeReturned = Self.advance(&feeReturnedMinor, to: facts.feeReturnedMinor)
        let disputed = AccountKey.disputed(rail, currency)
        var (counterpart, account) = (AccountKey.clearing(rail, currency), currency)
        var moves: [Move] = []
        if let told = facts.settled {
            var known = settled ?? SettledDispute(currency: told.currency, withdrawnMinor: 0, reinstatedMinor: 0)
            (counterpart, account) = (.exchange(rail, currency), known.currency)
            let left = Self.advance(&known.withdrawnMinor, to: told.withdrawnMinor)
            let came = Self.advance(&known.reinstatedMinor, to: told.reinstatedMinor)
            moves += Move.converted(left, rail: rail, currency: account)
            moves += Move.converted(-came, rail: rail, currency: account)
            settled = known
        }
        if withdrawn > 0 { moves += Move.transfer(withdrawn, from: disputed, to: counterpart) }
        if reinstated > 0 { moves += Move.transfer(reinstated, from: counterpart, to: disputed) }
        moves += Move.railFee(fee - feeReturned, rail: rail, currency: account)
        return (moves, withdrawn > 0 || reinstated > 0)
    }

    /// Raises a total, and says by how much; an older, smaller one changes nothing.
    private static func advance(_ total: inout Int64, to value: Int64) -> Int64 {
        let step = max(value - total, 0)
        total += step
        return step
    }

    /// What is lost was taken from those who had the money.
    /// - Parameter isOwed: whether they may owe it since: that is asked for at the rail next.
    mutating func chargeBack(_ amountMinor: Int64, isOwed: Bool) {
        chargedBackMinor += amountMinor
        if contestedMinor == 0, !isOwed { dueAtMs = nil }
    }
}
