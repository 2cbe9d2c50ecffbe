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
    /// The currency of the node's account at the rail where the payment was converted; `nil`: it was not.
    public let settledCurrency: String?

    /// Where it stands.
    public var status = Status.held
    /// The call of the rail.
    public var attempt: RailAttempt?
    /// The rail's name for it.
    public var reference = ""
    /// What left the node's account for it, minor units of `settledCurrency`; `nil`: nothing, or none was converted.
    public var settledMinor: Int64?
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
        settledCurrency = payment.settledCurrency
        dueAtMs = nowMs
    }

    /// Where the money goes from `home`: the node's account at the rail, or, where that is in another currency, this
    /// one's side of the exchange.
    public var counterpart: AccountKey {
        settledCurrency == nil ? .clearing(rail, currency) : .exchange(rail, currency)
    }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: payer, creator: creator, rail: rail.rawValue, reference: reference, parent: paymentID,
            status: status.rawValue, currency: currency, amountMinor: amountMinor, dueAtMs: dueAtMs)
    }
}

extension RailRefund {
    /// Sets the payment's money aside for it; with `done` the rail has sent it already, by itself.
    /// - Throws: `refund_exceeds_remainder`; `state_conflict` while the rail's figures are not there.
    package mutating func open(
        done: RailFacts?, payment: inout Payment, nowMs: Int64
    ) throws(Refusal) -> [Move] {
        try payment.beginReturn(amountMinor)
        guard let done else { return Move.reserve(amountMinor, from: home, to: counterpart) }
        guard let moves = send(done) else {
            throw .stateConflict(id, status: status.rawValue, event: "booking it without what left the account")
        }
        payment.endReturn(amountMinor, nowMs: nowMs)
        (status, reference, dueAtMs) = (.done, done.reference, nil)
        return moves
    }

    /// Books what left the node's account, by the rail's own figures; the difference to what was received at another
    /// rate stays in the exchange accounts, where the node's gains and losses are.
    /// - Returns: the moves; `nil`: what left in another currency is not known yet.
    private mutating func send(_ facts: RailFacts) -> [Move]? {
        let away = Move.transfer(amountMinor, from: home, to: counterpart)
        guard let settledCurrency else {
            return away + Move.railFee(facts.feeMinor ?? 0, rail: rail, currency: currency)
        }
        guard let settled = facts.settledMinor, facts.settledCurrency == settledCurrency else { return nil }
        settledMinor = settled
        return away
            + Move.converted(settled, rail: rail, currency: settledCurrency)
            + Move.railFee(facts.feeMinor ?? 0, rail: rail, currency: settledCurrency)
    }

    /// Books what came back after it was gone, to where the payment's money stands by now: by the rail's own figure, or
    /// as much as had left.
    private mutating func comeBack(_ facts: RailFacts, to home: AccountKey) -> [Move] {
        let home = Move.transfer(amountMinor, from: counterpart, to: home)
        guard let settledCurrency, let left = settledMinor else { return home }
        settledMinor = nil
        return home + Move.converted(-(facts.returnedSettledMinor ?? left), rail: rail, currency: settledCurrency)
    }

    /// What is lost or gained where it left the account and came back at another rate before the node saw either.
    private func exchanged(_ facts: RailFacts) -> [Move] {
        guard let settledCurrency, let left = facts.settledMinor, let came = facts.returnedSettledMinor,
            facts.settledCurrency == settledCurrency
        else { return [] }
        return Move.converted(left - came, rail: rail, currency: settledCurrency)
    }

    /// Moves on, and the payment with it.
    /// - Throws: `state_conflict` for an event that does not fit.
    public mutating func apply(
        _ event: TransferEvent, payment: inout Payment, nowMs: Int64
    ) throws(Refusal) -> [Move] {
        let release = Move.release(amountMinor, from: home, to: counterpart)
        switch (status, event) {
        case (.held, .began(let prepared, let process)):
            status = .sending
            attempt = RailAttempt(number: 1, id: id, prepared: prepared, beganAtMs: nowMs, by: process)
            dueAtMs = nowMs + RailTiming.callMs
        case (.held, .unanswered):
            // Nothing was sent: the rail is not ready.
            dueAtMs = nowMs + RailTiming.lookMostMs
        case (.sending, .unanswered), (.sent, .unanswered):
            dueAtMs = attempt.askAgain(id: id, nowMs: nowMs)
        case (.sending, .absent):
            attempt?.isAbsent = true
            dueAtMs = nowMs
        case (.sending, .resumed(let process)) where attempt?.isAbsent == true:
            dueAtMs = attempt.resume(by: process, nowMs: nowMs)
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
            return comeBack(facts, to: payment.home)
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
            // Without what left the account in another currency nothing is booked.
            guard let moves = send(facts) else {
                status = .sent
                dueAtMs = attempt.askAgain(id: id, nowMs: nowMs)
                return []
            }
            (status, dueAtMs) = (.done, nil)
            payment.endReturn(amountMinor, nowMs: nowMs)
            return release + moves
        case .failed(let refusal):
            (status, self.refusal, dueAtMs) = (.failed, refusal, nil)
        case .cancelled:
            let refusal = RailRefusal(code: "refund_cancelled", reason: "the refund was cancelled at the rail")
            (status, self.refusal, dueAtMs) = (.failed, refusal, nil)
        }
        payment.abandonReturn(amountMinor, nowMs: nowMs)
        return release + exchanged(facts)
    }
}
