/// Money that leaves by a rail to a payee.
///
/// `held → sending → sent → paid`. A definite failure releases the money; three tries over seven days, then `stopped`
/// with the reason: the money stays in the payee's balance, it is never forfeited. A try whose time is over without
/// anything moved is no failure (`sending → held`), also where the rail had it and lost it again (`sent → sending`). A
/// rail may also fail to keep a payout that was paid (`paid → failed`: another try), and one may be taken back whole
/// there (`paid → stopped`; where the node asked for it, `paid → cancelled`).
public struct Payout: Codable, Hashable, Sendable {
    /// Why it was made.
    public enum Cause: Codable, Hashable, Sendable {
        /// The payee's schedule.
        case schedule
        /// The payee asked for it.
        case withdrawal
        /// An operator asked for it.
        case operatorRun
        /// A payee's part of a direct payment, drawn on that payment at the rail.
        case direct(paymentID: String, source: String)
    }

    /// Where a payout stands.
    public enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        /// The money is held; the rail was not called yet.
        case held
        /// The rail was called; its answer is not known.
        case sending
        /// The rail accepted it and has not finished.
        case sent
        /// The payee has it.
        case paid
        /// This try failed, the money was released; there will be another try.
        case failed
        /// No more tries by itself; the money is in the payee's balance.
        case stopped
        /// Called off before it was sent.
        case cancelled
    }

    /// `po_…`.
    public let id: String
    /// Who is paid, a DID's text.
    public let payee: String
    /// By which rail.
    public let rail: RailName
    /// Where to, in the rail's own form.
    public let destination: String
    /// Minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// Why.
    public let cause: Cause
    /// Who made it: a DID's text, or `node`.
    public let creator: String

    /// Where it stands.
    public var status = Status.held
    /// The current try.
    public var attempt: RailAttempt?
    /// Tries that were begun.
    public var tries = 0
    /// How often in a row the rail could not be called; `nil`: never.
    public var waits: Int?
    /// Tries that failed for certain.
    public var failures = 0
    /// The rail's name for it.
    public var reference = ""
    /// What the rail took for it in all tries.
    public var feeMinor: Int64 = 0
    /// How much of it has come back since it was paid, minor units; `nil`: nothing.
    public var returnedMinor: Int64?
    /// What is to be taken back of it at the rail; `nil`: nothing ever was.
    public var recall: PayoutRecall?
    /// Why the last try failed.
    public var refusal: RailRefusal?
    /// When the node next does something for it.
    public var dueAtMs: Int64?

    /// The id of a payee's part of a direct payment.
    /// - Parameter index: the part's place in the settlement.
    public static func id(of paymentID: String, part index: Int) -> String {
        "po_\(paymentID.dropFirst("pay_".count))_\(index)"
    }

    /// A payout whose money is held.
    public init(
        id: String, payee: String, rail: RailName, destination: String, amountMinor: Int64, currency: String,
        cause: Cause, creator: String, nowMs: Int64
    ) {
        self.id = id
        self.payee = payee
        self.rail = rail
        self.destination = destination
        self.amountMinor = amountMinor
        self.currency = currency
        self.cause = cause
        self.creator = creator
        dueAtMs = nowMs
    }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: payee, creator: creator, rail: rail.rawValue, reference: reference, status: status.rawValue,
            currency: currency, amountMinor: amountMinor, dueAtMs: dueAtMs)
    }
}
