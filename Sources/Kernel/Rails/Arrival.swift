import Cryptography

/// A movement at a rail that paid a payment, made in the entry that books it: a movement pays one payment, for ever,
/// however many it names.
public struct Arrival: Codable, Hashable, Sendable {
    /// `arr_…`; follows from rail, movement and currency.
    public let id: String
    /// By which rail.
    public let rail: RailName
    /// The rail's name for the movement: on a chain, the transaction's signature.
    public let movement: String
    /// Currency code.
    public let currency: String
    /// The payment, `pay_…`.
    public let paymentID: String
    /// Who paid.
    public let payer: String
    /// The service that made the payment.
    public let creator: String
    /// All that the payment received by it, minor units.
    public let amountMinor: Int64

    init(of payment: Payment, by movement: String) {
        id = Self.id(payment.rail, movement, payment.currency)
        rail = payment.rail
        self.movement = movement
        currency = payment.currency
        paymentID = payment.id
        payer = payment.payer
        creator = payment.creator
        amountMinor = payment.receivedMinor
    }

    /// The id of a movement's arrival.
    public static func id(_ rail: RailName, _ movement: String, _ currency: String) -> String {
        var name: [UInt8] = []
        for text in ["mjn-arrival-v1", rail.rawValue, movement, currency] { name += Array(text.utf8) + [0] }
        return "arr_" + Hex.encode(Array(SHA256.hash(name).prefix(16)))
    }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: id, owner: payer, creator: creator, rail: rail.rawValue, reference: movement, parent: paymentID,
            status: "booked", currency: currency, amountMinor: amountMinor)
    }
}
