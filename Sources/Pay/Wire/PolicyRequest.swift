import Cryptography
import Kernel
import Service
import Settlement

/// Reads how a payee wants to be paid out.
enum PolicyRequest {
    /// Destinations of one payee: every rail in every currency that one uses.
    static let destinationsMax = 32
    /// Characters of an address: an IBAN, an account at Stripe, a wallet and an e-mail address are far shorter.
    static let addressMax = 320

    /// - Throws: `field_invalid` with the member's name, `currency_unknown`, `amount_invalid`.
    static func policy(_ root: JSONValue) throws(Problem) -> PayoutPolicy {
        let fields = try Body(root)
        guard let list = fields["destinations"], list.kind == .array, list.count <= destinationsMax else {
            throw Body.invalid("destinations", "is a list of up to \(destinationsMax) destinations")
        }
        var destinations: [PayoutPolicy.Destination] = []
        for value in list.elements {
            let destination = try destination(try Body(value))
            guard !destinations.contains(where: { $0.rail == destination.rail && $0.currency == destination.currency })
            else { throw Body.invalid("destinations", "has two for \(destination.rail) and \(destination.currency)") }
            destinations.append(destination)
        }
        let rail = try fields.optional("default_rail", fields.rail)
        if let rail, !destinations.contains(where: { $0.rail == rail }) {
            throw Body.invalid("default_rail", "has no destination")
        }
        guard let schedule = fields["schedule"]?.string.flatMap(PayoutPolicy.Schedule.init(rawValue:)) else {
            throw Body.invalid("schedule", "is \(schedules.joined(separator: ", "))")
        }
        return PayoutPolicy(
            destinations: destinations, defaultRail: rail, schedule: schedule, minimumMinor: try minimum(fields))
    }

    static let schedules = PayoutPolicy.Schedule.allCases.map(\.rawValue)

    private static func destination(_ fields: Body) throws(Problem) -> PayoutPolicy.Destination {
        let address = try fields.text("address", max: addressMax)
        guard address.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Body.invalid("address", "is visible ASCII without spaces")
        }
        return PayoutPolicy.Destination(
            rail: try fields.rail(), currency: try fields.currency().code, address: address)
    }

    private static func minimum(_ fields: Body) throws(Problem) -> [String: Int64] {
        guard let value = fields["minimum"] else { return [:] }
        guard value.kind == .object, value.count <= destinationsMax else {
            throw Body.invalid("minimum", "is an object from currency to minor units")
        }
        let amounts = try Body(value)
        var minimum: [String: Int64] = [:]
        for (code, _) in value.members {
            guard Currency.named(code) != nil else {
                throw Problem(.currencyUnknown, "minimum names a currency that no node knows")
            }
            minimum[code] = try amounts.amount(code)
        }
        return minimum
    }
}
