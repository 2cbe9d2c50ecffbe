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
    /// Take back from payees what they were paid of a payment on the rail itself.
    public static let recall = RailCapabilities(rawValue: 128)
    /// Have the payer pay a payment's payees itself, all in one transaction; the node never has the money.
    public static let payThrough = RailCapabilities(rawValue: 32)
}
