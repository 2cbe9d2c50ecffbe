public import Kernel

/// A way for money to come in and go out: Stripe, a bank, a chain. One adapter per rail; one conformance suite for all.
///
/// A rail never runs inside a ledger transaction. The node stores what it is about to do, with the bytes that `prepare`
/// made, then calls, then stores the outcome. A process may die between any two of these, so every call may be made
/// again with the same instruction: **the same reference moves money at most once, for ever**, whatever the rail's own
/// idempotency forgets after a day; an adapter looks before it repeats. Nothing is thrown: what went wrong is an
/// outcome.
///
/// All methods may be called from any task, also at once for one reference by two processes.
public protocol Rail: Sendable {
    /// The rail's name: stored, and part of account names.
    var name: RailName { get }

    /// What the rail can do; constant.
    var capabilities: RailCapabilities { get }

    /// Checks an instruction without calling anything that moves money, and makes the bytes that are stored before the
    /// call, such as the encoded request or a signed transaction.
    /// - Returns: the bytes, possibly none, or why the rail would refuse: wrong currency, amount below the minimum,
    ///   unknown or unpayable destination.
    func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation

    /// Whether an instruction could be prepared now, without making anything for it at the rail; bytes are not used.
    func preview(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation

    /// Carries an instruction out, or carries it on. `prepared` is what `prepare` returned, from the store.
    func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome

    /// Payouts of one currency that one call makes at most, all of them or none.
    var payOutsPerCall: Int { get }

    /// `prepare` for several payouts of one currency, at most `payOutsPerCall`. Those that are ready belong to one call
    /// and are carried out together.
    /// - Returns: one for each.
    func prepare(_ payOuts: [PayOutInstruction], nowMs: Int64) async -> [RailPreparation]

    /// `carryOut` for payouts that were prepared together. Each can also be asked for, and carried on, alone.
    /// - Returns: one for each.
    func carryOut(
        _ payOuts: [(instruction: PayOutInstruction, prepared: [UInt8])], nowMs: Int64
    ) async -> [RailOutcome]

    /// Asks what became of an instruction, moving nothing. `reference` is the rail's own name for it, empty where the
    /// node does not know it.
    /// - Returns: how it stands; `.absent` only when the rail is certain never to have accepted it and never to accept
    ///   the call that may still be on its way.
    func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer

    /// Checks where a payee wants to be paid: the form of the address, and what the rail knows of it without moving
    /// anything.
    /// - Returns: why the rail could not pay there; `nil` when nothing speaks against it, also when the rail cannot be
    ///   asked now: a payout finds it out.
    func check(_ destination: PayoutPolicy.Destination) async -> RailRefusal?

    /// What happened at the rail since a position, oldest first, in pages; for reconciliation and for what the node did
    /// not start itself: refunds and disputes.
    func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage

    /// The node's money at the rail, for comparison with the ledger's clearing account.
    func balances() async throws(RailListFailure) -> [RailBalance]

    /// Gives a payment up that nobody has paid.
    /// - Returns: how it stands now; `.cancelled` when nobody can pay it any more.
    func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer
}

extension Rail {
    /// Nothing speaks against a destination.
    public func check(_ destination: PayoutPolicy.Destination) async -> RailRefusal? { nil }

    /// Each payout has a call of its own.
    public var payOutsPerCall: Int { 1 }

    /// Each by itself.
    public func prepare(_ payOuts: [PayOutInstruction], nowMs: Int64) async -> [RailPreparation] {
        var preparations: [RailPreparation] = []
        for payOut in payOuts { preparations.append(await prepare(.payOut(payOut), nowMs: nowMs)) }
        return preparations
    }

    /// Each by itself.
    public func carryOut(
        _ payOuts: [(instruction: PayOutInstruction, prepared: [UInt8])], nowMs: Int64
    ) async -> [RailOutcome] {
        var outcomes: [RailOutcome] = []
        for payOut in payOuts {
            outcomes.append(
                await carryOut(.payOut(payOut.instruction), prepared: payOut.prepared, nowMs: nowMs))
        }
        return outcomes
    }

    /// What `prepare` says, where that makes nothing.
    public func preview(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        await prepare(instruction, nowMs: nowMs)
    }
}

/// What a rail can do.
public struct RailCapabilities: OptionSet, Hashable, Sendable {
    /// Bits.
    public let rawValue: Int
    /// From bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Take money from a payer.
    public static let collect = RailCapabilities(rawValue: 1)
    /// Pay a payee.
    public static let payOut = RailCapabilities(rawValue: 2)
    /// Pay a payment's payees on the rail itself.
    public static let splitDirectly = RailCapabilities(rawValue: 4)
    /// Send a payment back.
    public static let refund = RailCapabilities(rawValue: 8)
    /// List what happened.
    public static let list = RailCapabilities(rawValue: 16)
    /// What it has accepted may be gone without a trace until it is final, and is then made anew.
    public static let lapses = RailCapabilities(rawValue: 64)
    /// Take back from payees, with a refund, what they were paid of the payment on the rail itself.
    public static let recall = RailCapabilities(rawValue: 128)
    /// Have the payer pay a payment's payees itself, all in one transaction; the node never has the money.
    public static let payThrough = RailCapabilities(rawValue: 32)
}

/// What a rail is to do. `reference` is ours: the lifecycle's id and the number of the attempt, at most 80 ASCII
/// characters; the rail keeps it with what it makes, so that it can be found again.
public enum RailInstruction: Codable, Hashable, Sendable {
    /// Take money from a payer.
    case collect(CollectInstruction)
    /// Pay a payee.
    case payOut(PayOutInstruction)
    /// Send a payment back, whole or in part.
    case refund(RefundInstruction)

    /// Our reference.
    public var reference: String {
        switch self {
        case .collect(let value): value.reference
        case .payOut(let value): value.reference
        case .refund(let value): value.reference
        }
    }
}

/// Take money from a payer.
public struct CollectInstruction: Codable, Hashable, Sendable {
    /// Our reference.
    public let reference: String
    /// The payment, `pay_…`: what transfers and refunds are grouped by.
    public let paymentID: String
    /// What the payer pays, minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// What it is for, for the payer.
    public let description: String
    /// Where the payer goes afterwards.
    public let successURL: String
    /// Where the payer goes who gives up.
    public let cancelURL: String
    /// After this time nobody needs to pay any more, milliseconds since 1970.
    public let expiresAtMs: Int64
    /// When the first call was, milliseconds since 1970.
    public let beganAtMs: Int64
    /// How the payer pays the payees itself; `nil`: it pays the node.
    public let direct: DirectSplit?
    /// Movements that name the payment and paid another: they are not this one's.
    public let disclaimed: [String]

    /// An instruction.
    public init(
        reference: String, paymentID: String, amountMinor: Int64, currency: String, description: String,
        successURL: String, cancelURL: String, expiresAtMs: Int64, beganAtMs: Int64, direct: DirectSplit? = nil,
        disclaimed: [String] = []
    ) {
        self.direct = direct
        self.disclaimed = disclaimed
        self.reference = reference
        self.paymentID = paymentID
        self.amountMinor = amountMinor
        self.currency = currency
        self.description = description
        self.successURL = successURL
        self.cancelURL = cancelURL
        self.expiresAtMs = expiresAtMs
        self.beganAtMs = beganAtMs
    }
}

/// Pay a payee.
public struct PayOutInstruction: Codable, Hashable, Sendable {
    /// Our reference.
    public let reference: String
    /// The payout, `po_…`.
    public let payoutID: String
    /// Minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// Where to, in the rail's own form.
    public let destination: String
    /// Who is paid, a DID's text, for the rail's own records.
    public let payee: String
    /// The payment that it is drawn on at the rail: its id and the rail's name for the movement; `nil`: the balance.
    public let drawnOn: PaymentSource?
    /// When the first call was, milliseconds since 1970.
    public let beganAtMs: Int64

    /// A payment at the rail that payouts are drawn on.
    public struct PaymentSource: Codable, Hashable, Sendable {
        /// The payment, `pay_…`.
        public let paymentID: String
        /// The rail's name for the movement.
        public let source: String

        /// A source.
        public init(paymentID: String, source: String) {
            self.paymentID = paymentID
            self.source = source
        }
    }

    /// An instruction.
    public init(
        reference: String, payoutID: String, amountMinor: Int64, currency: String, destination: String, payee: String,
        drawnOn: PaymentSource?, beganAtMs: Int64
    ) {
        self.reference = reference
        self.payoutID = payoutID
        self.amountMinor = amountMinor
        self.currency = currency
        self.destination = destination
        self.payee = payee
        self.drawnOn = drawnOn
        self.beganAtMs = beganAtMs
    }
}

/// Send a payment back.
public struct RefundInstruction: Codable, Hashable, Sendable {
    /// Our reference.
    public let reference: String
    /// The refund, `rrf_…`.
    public let refundID: String
    /// The payment, `pay_…`.
    public let paymentID: String
    /// The rail's name for the payment.
    public let paymentReference: String
    /// Minor units.
    public let amountMinor: Int64
    /// Currency code.
    public let currency: String
    /// When the first call was, milliseconds since 1970.
    public let beganAtMs: Int64
    /// What is taken back first from payees whom the rail paid with this payment's money. A payee who no longer has it
    /// keeps nobody from the refund. Known when it is prepared; what is carried out stands in the prepared bytes.
    public var recalls: [Recall] = []

    /// A part of a payout that is taken back, in the refund's currency.
    public struct Recall: Codable, Hashable, Sendable {
        /// The payout, `po_…`.
        public let payoutID: String
        /// The rail's name for it.
        public let payoutReference: String
        /// Minor units.
        public let amountMinor: Int64

        /// A recall.
        public init(payoutID: String, payoutReference: String, amountMinor: Int64) {
            self.payoutID = payoutID
            self.payoutReference = payoutReference
            self.amountMinor = amountMinor
        }
    }

    /// An instruction.
    public init(
        reference: String, refundID: String, paymentID: String, paymentReference: String, amountMinor: Int64,
        currency: String, beganAtMs: Int64
    ) {
        self.reference = reference
        self.refundID = refundID
        self.paymentID = paymentID
        self.paymentReference = paymentReference
        self.amountMinor = amountMinor
        self.currency = currency
        self.beganAtMs = beganAtMs
    }
}
