/// What reaching somebody costs: a base price by tier, times a factor that grows with every message to the same
/// recipient in the last 30 days. Gas is charged in MJN.
public enum Gas {
    /// How long a message counts, rolling: 30 days.
    public static let windowSeconds = 30 * 24 * 60 * 60

    /// The factors for the 1st to the 6th and every later message in the window. A constant of the protocol.
    public static let multipliers: [GasMultiplier] = [2, 3, 6, 14, 30, 80].map { GasMultiplier(halves: $0) }

    /// The base prices of tiers 1, 2 and 3 in minor MJN where a node sets none of its own: trust graph, declared
    /// interest, extended reach.
    public static let basesMinor: [Int64] = [0, 100_000, 1_000_000]

    /// The factor of the next message after `alreadySent` in the window.
    public static func multiplier(alreadySent: Int) -> GasMultiplier {
        multipliers[min(max(alreadySent, 0), multipliers.count - 1)]
    }

    /// The price of the next message.
    /// - Parameters:
    ///   - tier: 1, 2 or 3.
    ///   - bases: one base price per tier, in minor MJN.
    ///   - alreadySent: messages from the sender's cluster to the recipient in the window.
    /// - Throws: `gas_tier_unknown`, `gas_base_invalid`, `gas_count_invalid`, `amount_overflow`.
    public static func charge(
        tier: Int, bases: [Int64] = basesMinor, alreadySent: Int
    ) throws(GasError) -> GasPrice {
        guard (1...basesMinor.count).contains(tier) else { throw .tierUnknown }
        guard bases.count == basesMinor.count else { throw .baseInvalid }
        return try charge(tier: tier, baseMinor: bases[tier - 1], alreadySent: alreadySent)
    }

    /// The price of the next message over a base price that is already chosen, such as none for a whitelisted sender.
    /// - Throws: as ``charge(tier:bases:alreadySent:)``.
    public static func charge(tier: Int, baseMinor: Int64, alreadySent: Int) throws(GasError) -> GasPrice {
        guard (1...basesMinor.count).contains(tier) else { throw .tierUnknown }
        guard baseMinor >= 0 else { throw .baseInvalid }
        guard alreadySent >= 0, alreadySent < Int.max else { throw .countInvalid }
        let multiplier = multiplier(alreadySent: alreadySent)
        guard let amountMinor = multiplier.price(baseMinor: baseMinor), amountMinor <= Money.amountMaxMinor
        else { throw .amountOverflow }
        return GasPrice(tier: tier, messageNumber: alreadySent + 1, multiplier: multiplier, amountMinor: amountMinor)
    }

    /// The prices of the 1st to the 6th message of a tier; the last holds for every later one.
    /// - Throws: as ``charge(tier:bases:alreadySent:)``.
    public static func curve(tier: Int, bases: [Int64] = basesMinor) throws(GasError) -> [GasPrice] {
        var prices: [GasPrice] = []
        for alreadySent in multipliers.indices {
            prices.append(try charge(tier: tier, bases: bases, alreadySent: alreadySent))
        }
        return prices
    }
}

/// What one message costs.
public struct GasPrice: Hashable, Sendable {
    /// 1 trust graph, 2 declared interest, 3 extended reach.
    public let tier: Int
    /// Which message to this recipient it is within the window, from 1.
    public let messageNumber: Int
    /// The factor on the tier's base.
    public let multiplier: GasMultiplier
    /// Minor MJN, six decimals.
    public let amountMinor: Int64

    /// The factor as a decimal text, such as `1.5`.
    public var multiplierText: String { multiplier.description }
}
