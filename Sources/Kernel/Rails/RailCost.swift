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
    /// Who bears how much of it; the rest is the node's.
    public let shares: [Share]

    /// What somebody bears.
    public struct Share: Codable, Hashable, Sendable {
        /// Who, a DID's text.
        public let did: String
        /// Minor units, above zero.
        public let amountMinor: Int64

        /// A share.
        public init(did: String, amountMinor: Int64) {
            self.did = did
            self.amountMinor = amountMinor
        }
    }

    /// The entry's cause.
    static let eventName = "cost_booked"

    /// A cost.
    public init(
        rail: RailName, movement: String, currency: String, amountMinor: Int64, reason: String, shares: [Share] = []
    ) {
        self.shares = shares
        var name: [UInt8] = []
        for text in ["mjn-cost-v1", rail.rawValue, movement] { name += Array(text.utf8) + [0] }
        id = "cost_" + Hex.encode(Array(SHA256.hash(name).prefix(16)))
        self.rail = rail
        self.movement = movement
        self.currency = currency
        self.amountMinor = amountMinor
        self.reason = reason
    }

    /// Who bears a share pays it from the cash of that currency, as far as there is some, and owes the rest.
    var moves: [Move] {
        Move.fundFee(amountMinor, rail: rail, currency: currency)
            + shares.flatMap { share -> [Move] in
                [
                    .takeBack(share.did, currency: currency, share.amountMinor),
                    .credit(.railFees(rail, currency), share.amountMinor),
                ]
            }
    }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: "", creator: "node", rail: rail.rawValue, reference: movement, status: "booked",
            currency: currency, amountMinor: amountMinor)
    }
}
