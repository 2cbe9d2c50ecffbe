import Cryptography

/// What the node spent at a rail beside any payment and payout, such as for making a payee's account. Booked once for
/// each movement, in one entry that never changes.
public struct RailCost: Codable, Hashable, Sendable {
    /// `cost_…`; follows from rail and movement.
    public let id: String
    /// At which rail.
    public let rail: RailName
    /// The rail's name for the movement: on a chain, the transaction's signature.
    public let movement: String
    /// Currency code.
    public let currency: String
    /// Minor units; negative: what came back of what was spent before.
    public let amountMinor: Int64
    /// What for, for people.
    public let reason: String

    /// The entry's cause.
    static let eventName = "cost_booked"

    /// A cost.
    public init(rail: RailName, movement: String, currency: String, amountMinor: Int64, reason: String) {
        var name: [UInt8] = []
        for text in ["mjn-cost-v1", rail.rawValue, movement] { name += Array(text.utf8) + [0] }
        id = "cost_" + Hex.encode(Array(SHA256.hash(name).prefix(16)))
        self.rail = rail
        self.movement = movement
        self.currency = currency
        self.amountMinor = amountMinor
        self.reason = reason
    }

    var moves: [Move] { Move.fundFee(amountMinor, rail: rail, currency: currency) }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: "", creator: "node", rail: rail.rawValue, reference: movement, status: "booked",
            currency: currency, amountMinor: amountMinor)
    }
}
