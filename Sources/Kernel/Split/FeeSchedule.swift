public import Cryptography

/// What a node takes of every settlement: its own fee, the protocol's, and a credit for the buyer, in basis points.
public struct FeeSchedule: Hashable, Sendable {
    /// What a rate may be where it is not zero: 0.25 % … 2 %.
    public static let bpsRange = 25...200
    /// Basis points in the whole.
    static let bpsWhole: Int64 = 10_000

    /// The protocol's rate, and who receives it.
    public let protocolBps: Int
    /// The receiver of the protocol's fee; present where the rate is not zero.
    public let protocolDID: DID?
    /// The node's rate.
    public let nodeBps: Int
    /// The receiver of the node's fee; present where the rate is not zero.
    public let nodeDID: DID?
    /// The rate that goes back to the buyer as credit.
    public let buyerCreditBps: Int

    /// A schedule of rates, each 0 or within ``bpsRange``.
    /// - Throws: `fee_invalid` for a rate outside of that, or one without a receiver.
    public init(
        protocolBps: Int, protocolDID: DID?, nodeBps: Int, nodeDID: DID?, buyerCreditBps: Int
    ) throws(MoneyError) {
        for (name, bps) in [("protocol", protocolBps), ("node", nodeBps), ("buyer credit", buyerCreditBps)] {
            guard bps == 0 || FeeSchedule.bpsRange.contains(bps) else {
                throw .feeInvalid("the \(name) rate is \(bps) basis points: it is 0, or from 25 to 200")
            }
        }
        guard protocolBps == 0 || protocolDID != nil else { throw .feeInvalid("nobody receives the protocol's fee") }
        guard nodeBps == 0 || nodeDID != nil else { throw .feeInvalid("nobody receives the node's fee") }
        self.protocolBps = protocolBps
        self.protocolDID = protocolDID
        self.nodeBps = nodeBps
        self.nodeDID = nodeDID
        self.buyerCreditBps = buyerCreditBps
    }

    private init() {
        (protocolBps, protocolDID, nodeBps, nodeDID, buyerCreditBps) = (0, nil, 0, nil, 0)
    }

    /// A schedule that takes nothing.
    public static let none = FeeSchedule()

    /// The fees on a gross amount, each floored: protocol, node, buyer credit. A rate of zero has no line; a line whose
    /// floor is zero is reported.
    /// - Parameters:
    ///   - grossMinor: minor units, 0 or more.
    ///   - buyer: who receives the buyer credit: the payer.
    public func fees(onGrossMinor grossMinor: Int64, buyer: DID) -> [FeeLine] {
        var lines: [FeeLine] = []
        if protocolBps > 0, let protocolDID {
            lines.append(FeeLine(.protocol, protocolDID, bps: protocolBps, grossMinor: grossMinor))
        }
        if nodeBps > 0, let nodeDID {
            lines.append(FeeLine(.node, nodeDID, bps: nodeBps, grossMinor: grossMinor))
        }
        if buyerCreditBps > 0 {
            lines.append(FeeLine(.buyerCredit, buyer, bps: buyerCreditBps, grossMinor: grossMinor))
        }
        return lines
    }
}

/// One fee of one settlement.
public struct FeeLine: Hashable, Sendable {
    /// What a fee is for.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The protocol's fee.
        case `protocol`
        /// The node's fee.
        case node
        /// The buyer's credit, which comes back to the payer.
        case buyerCredit = "buyer_credit"
        /// What a rail took for the payment, where the payees bear it.
        case rail
    }

    /// What the fee is for.
    public let kind: Kind
    /// Who receives it.
    public let did: DID
    /// The rate in basis points of the gross.
    public let bps: Int
    /// Minor units, floored.
    public let amountMinor: Int64

    /// What a rail took, by its own figure; `node` paid it and gets it back from the payees' parts.
    init(railFeeMinor: Int64, node: DID) {
        (kind, did, bps, amountMinor) = (.rail, node, 0, railFeeMinor)
    }

    init(_ kind: Kind, _ did: DID, bps: Int, grossMinor: Int64) {
        self.kind = kind
        self.did = did
        self.bps = bps
        amountMinor = FeeLine.floor(bps: bps, ofGrossMinor: grossMinor)
    }

    /// gross × bps / 10,000, floored, without a product that could overflow.
    static func floor(bps: Int, ofGrossMinor grossMinor: Int64) -> Int64 {
        let whole = FeeSchedule.bpsWhole
        let rate = Int64(bps)
        return grossMinor / whole * rate + grossMinor % whole * rate / whole
    }
}
