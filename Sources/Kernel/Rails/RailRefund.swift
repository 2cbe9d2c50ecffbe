/// Money of a payment that goes back to its payer by the rail it came by.
///
/// `held → sending → sent → done`; a refusal releases the money to the payment, which an operator then sees as unspent.
/// A rail may also take a refund back after it was done (`done → failed`); the money is then unspent again.
public struct RailRefund: Codable, Hashable, Sendable {
    /// Where a refund stands.
    public enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        /// The money is set aside; the rail was not called yet.
        case held
        /// The rail was called; its answer is not known.
        case sending
        /// The rail accepted it and has not finished.
        case sent
        /// The payer has it.
        case done
        /// The rail refused it, or it came back; the money is the payment's again.
        case failed
    }

    /// `rrf_…`.
    public let id: String
    /// The payment, `pay_…`.
    public let paymentID: String
    /// By which rail.
    public let rail: RailName
    /// The account that the money stands in: the payment's.
    public let home: AccountKey
    /// Who asked for it.
    public let creator: String
    /// Who gets it: the payment's payer.
    public let payer: String
    /// The rail's name for the payment.
    public let paymentReference: String
    /// Minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// Why.
    public let reason: String

    /// Where it stands.
    public var status = Status.held
    /// The call of the rail.
    public var attempt: RailAttempt?
    /// The rail's name for it.
    public var reference = ""
    /// Why it failed.
    public var refusal: RailRefusal?
    /// When the node next does something for it.
    public var dueAtMs: Int64?

    /// A refund whose money is set aside.
    public init(
        id: String, payment: Payment, creator: String, amountMinor: Int64, reason: String, nowMs: Int64
    ) {
        self.id = id
        paymentID = payment.id
        rail = payment.rail
        home = payment.home
        self.creator = creator
        payer = payment.payer
        paymentReference = payment.reference
        self.amountMinor = amountMinor
        currency = payment.currency
        self.reason = reason
        dueAtMs = nowMs
    }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: payer, creator: creator, rail: rail.rawValue, reference: reference, parent: paymentID,
            status: status.rawValue, currency: currency, amountMinor: amountMinor, dueAtMs: dueAtMs)
    }
}

extension RailRefund {
    /// Sets the payment's money aside for it; with `done` the rail has sent it already, by itself.
    /// - Throws: `refund_exceeds_remainder`.
    package mutating func open(
        done: RailFacts?, payment: inout Payment, nowMs: Int64
    ) throws(Refusal) -> [Move] {
        try payment.beginReturn(amountMinor)
        guard let done else { return Move.reserve(amountMinor, from: home, to: .clearing(rail, currency)) }
        payment.endReturn(amountMinor, nowMs: nowMs)
        (status, reference, dueAtMs) = (.done, done.reference, nil)
        return Move.transfer(amountMinor, from: home, to: .clearing(rail, currency))
            + Move.railFee(done.feeMinor ?? 0, rail: rail, currency: currency)
    }

    /// Moves on, and the payment with it.
    /// - Throws: `state_conflict` for an event that does not fit.
    public mutating func apply(
        _ event: TransferEvent, payment: inout Payment, nowMs: Int64
    ) throws(Refusal) -> [Move] {
        let clearing = AccountKey.clearing(rail, currency)
        let release = Move.release(amountMinor, from: home, to: clearing)
        switch (status, event) {
        case (.held, .began(let prepared)):
            status = .sending
            attempt = RailAttempt(number: 1, id: id, prepared: prepared, beganAtMs: nowMs)
            dueAtMs = nowMs + RailTiming.callMs
        case (.held, .unanswered):
            // Nothing was sent: the rail is not ready.
            dueAtMs = nowMs + RailTiming.lookMostMs
        case (.sending, .unanswered), (.sent, .unanswered):
            dueAtMs = attempt.askAgain(id: id, nowMs: nowMs)
        case (.sending, .absent):
            attempt?.isAbsent = true
            dueAtMs = nowMs
        case (.sending, .resumed) where attempt?.isAbsent == true:
            dueAtMs = attempt.resume(nowMs: nowMs)
        case (.held, .refused(let refusal)), (.sending, .refused(let refusal)):
            (status, self.refusal, dueAtMs) = (.failed, refusal, nil)
            payment.abandonReturn(amountMinor, nowMs: nowMs)
            return release
        case (.sending, .observed(let facts)), (.sent, .observed(let facts)):
            return observe(facts, payment: &payment, release: release, nowMs: nowMs)
        case (.done, .observed(let facts)):
            guard case .failed(let refusal) = facts.standing else { return [] }
            (status, self.refusal, dueAtMs) = (.failed, refusal, nil)
            payment.undoReturn(amountMinor, nowMs: nowMs)
            return Move.transfer(amountMinor, from: clearing, to: home)
        case (.failed, .observed): return []
        default: throw .stateConflict(id, status: status.rawValue, event: event.name(.refund))
        }
        return []
    }

    private mutating func observe(
        _ facts: RailFacts, payment: inout Payment, release: [Move], nowMs: Int64
    ) -> [Move] {
        if !facts.reference.isEmpty { reference = facts.reference }
        switch facts.standing {
        case .pending:
            status = .sent
            dueAtMs = attempt.askAgain(id: id, nowMs: nowMs)
            return []
        case .done:
            (status, dueAtMs) = (.done, nil)
            payment.endReturn(amountMinor, nowMs: nowMs)
            return release + Move.transfer(amountMinor, from: home, to: .clearing(rail, currency))
                + Move.railFee(facts.feeMinor ?? 0, rail: rail, currency: currency)
        case .failed(let refusal):
            (status, self.refusal, dueAtMs) = (.failed, refusal, nil)
        case .cancelled:
            let refusal = RailRefusal(code: "refund_cancelled", reason: "the refund was cancelled at the rail")
            (status, self.refusal, dueAtMs) = (.failed, refusal, nil)
        }
        payment.abandonReturn(amountMinor, nowMs: nowMs)
        return release
    }
}
