public import Cryptography

/// One settlement's division: fees first, then every line of the manifest. All of it sums to the gross exactly.
public struct Split: Sendable {
    /// What the payer pays, in minor units.
    public let grossMinor: Int64
    /// The fees, each floored; protocol, node, buyer credit.
    public let fees: [FeeLine]
    /// Who paid the rail, the node; `nil` from a balance.
    private let railPayer: DID?
    /// What the rail charged and the payees bear, in minor units.
    public let railFeeMinor: Int64
    /// What the lines divide: gross less fees less the rail's fee.
    public let netMinor: Int64
    /// One part per line of the plan, zeros included; they sum to the net.
    public let amountsMinor: [Int64]
    /// The lines that were divided over.
    public let plan: SplitPlan

    /// Divides a gross amount.
    /// - Parameters:
    ///   - grossMinor: 1 … ``Money/amountMaxMinor`` minor units.
    ///   - plan: the manifest's lines.
    ///   - fees: the node's schedule.
    ///   - buyer: the payer, who receives the buyer credit.
    ///   - railFeeMinor: what a rail took and the payees bear; zero from a balance.
    ///   - railPayer: the node, which paid it.
    /// - Throws: `amount_invalid` for a gross outside its range, a negative rail fee, or one above what the fees left.
    public init(
        grossMinor: Int64, plan: SplitPlan, fees schedule: FeeSchedule, buyer: DID, railFeeMinor: Int64 = 0,
        railPayer: DID? = nil
    ) throws(MoneyError) {
        guard (1...Money.amountMaxMinor).contains(grossMinor), railFeeMinor >= 0 else { throw .amountInvalid }
        let fees = schedule.fees(onGrossMinor: grossMinor, buyer: buyer)
        // Three rates of at most 2 % leave most of the gross.
        let afterFees = fees.reduce(grossMinor) { $0 - $1.amountMinor }
        guard railFeeMinor <= afterFees else { throw .amountInvalid }
        self.grossMinor = grossMinor
        self.fees = fees
        self.railFeeMinor = railFeeMinor
        self.railPayer = railPayer
        self.plan = plan
        netMinor = afterFees - railFeeMinor
        amountsMinor = try plan.split(amountMinor: netMinor)
    }

    /// Every fee as it is reported and posted: the node's schedule, then the rail's.
    public var feeLines: [FeeLine] {
        guard railFeeMinor > 0, let railPayer else { return fees }
        return fees + [FeeLine(railFeeMinor: railFeeMinor, node: railPayer)]
    }

    /// Every line with its part, in order, zeros and repeated DIDs included.
    public var lines: [SplitLine] {
        zip(plan.lines, amountsMinor).map { line, amountMinor in
            SplitLine(
                did: line.did, role: line.role, weightText: line.weightText, via: line.via,
                isResidual: line.isResidual, amountMinor: amountMinor)
        }
    }

    /// The sum of all residual lines, in minor units.
    public var residualMinor: Int64 {
        zip(plan.lines, amountsMinor).reduce(0) { $1.0.isResidual ? $0 + $1.1 : $0 }
    }

    /// What each payee gets in all, in the order of first appearance, zeros left out: what postings need.
    public var payeeTotals: [PayeeTotal] {
        var totals = [Int64](repeating: 0, count: plan.payees.count)
        for (line, payee) in plan.payeeIndexes.enumerated() {
            totals[payee] += amountsMinor[line]
        }
        return zip(plan.payees, totals).compactMap { did, amountMinor in
            amountMinor == 0 ? nil : PayeeTotal(did: did, amountMinor: amountMinor)
        }
    }
}

/// One line of a settlement's reply.
public struct SplitLine: Hashable, Sendable {
    /// Who is paid.
    public let did: DID
    /// The contributor's role, or `residual`.
    public let role: String
    /// The exact part of the net as a reduced fraction, such as `3/5`.
    public let weightText: String
    /// The manifests that the share passed through, outermost first.
    public let via: [CID]
    /// Whether this is what a manifest's weights left over.
    public let isResidual: Bool
    /// Minor units.
    public let amountMinor: Int64
}

/// What one DID gets from all its lines together.
public struct PayeeTotal: Hashable, Sendable {
    /// Who is paid.
    public let did: DID
    /// Minor units, not zero.
    public let amountMinor: Int64
}
