public import Kernel

/// One movement that a payer made at a rail without a call of the node's: a transaction on a chain.
public struct RailArrival: Hashable, Sendable {
    /// The rail's name for the movement. With the currency it names the arrival, for ever.
    public let movement: String
    /// Currency code.
    public let currency: String
    /// The payment that it names; `nil`: none of ours.
    public let paymentID: String?
    /// How the payment stands by it, or what arrived for none; `source` is the movement.
    public let facts: RailFacts
    /// When it happened, milliseconds since 1970.
    public let timeMs: Int64

    /// An arrival.
    public init(movement: String, currency: String, paymentID: String?, facts: RailFacts, timeMs: Int64) {
        self.movement = movement
        self.currency = currency
        self.paymentID = paymentID
        self.facts = facts
        self.timeMs = timeMs
    }
}

/// A rail whose payers fetch the transaction that they sign from the node.
public protocol PayerTransactions: Sendable {
    /// The transaction by which an account pays what an open payment asks for.
    /// - Parameters:
    ///   - prepared: what `prepare` returned for the instruction.
    ///   - account: the payer's own, in the rail's form.
    ///   - given: bytes that the payer already has and wants to be told are ours; `nil`: none. A foreign transaction is
    ///     refused with `transaction_foreign`, whatever it does.
    func transaction(
        for instruction: CollectInstruction, prepared: [UInt8], account: String, given: [UInt8]?, nowMs: Int64
    ) async -> RailPreparation
}
