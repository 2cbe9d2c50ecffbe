public import Cryptography

/// A manifest's lines, prepared for dividing amounts: made once per manifest and right, then used for every settlement.
///
/// A value without state: sharing one among threads is safe.
public struct SplitPlan: Sendable {
    /// One line that can be paid.
    public struct Line: Hashable, Sendable {
        /// Who is paid.
        public let did: DID
        /// The contributor's role, or `residual`.
        public let role: String
        /// The exact part of what is divided.
        public let weight: Ratio
        /// The same as a reduced fraction, such as `3/5`.
        public let weightText: String
        /// The manifests that the share passed through, outermost first.
        public let via: [CID]
        /// Whether this is what a manifest's weights left over.
        public let isResidual: Bool
    }

    /// Every line, in order: depth first, manifest order, each manifest's residual after its contributors.
    public let lines: [Line]
    /// Every DID that is paid, once, in the order of first appearance.
    public let payees: [DID]
    /// For every line, where its DID stands in ``payees``.
    package let payeeIndexes: [Int]

    private let method: Method

    /// How amounts are divided: over one 64-bit total where the lines' denominators have one, else by big integers.
    private enum Method: Sendable {
        case word(weights: [UInt64], total: UInt64)
        case exact
    }

    /// Whether amounts are divided by 128-bit products rather than by big integers.
    package var isFast: Bool {
        if case .word = method { true } else { false }
    }

    /// Prepares flattened lines, whose weights sum to one.
    /// - Parameters:
    ///   - lines: as ``VerifiedManifest/lines(forRight:)`` returns them; at least one.
    ///   - isPayable: whether this node can hold a balance for a DID.
    /// - Throws: `contributor_not_payable` for the first line that names no DID, or one that is not payable.
    public init(
        lines: [EffectiveLine], isPayable: (DID) -> Bool = SplitPlan.holdsBalances
    ) throws(ManifestError) {
        precondition(!lines.isEmpty, "a manifest without lines")
        var prepared: [Line] = []
        var payees: [DID] = []
        var payeeIndexes: [Int] = []
        var indexes: [DID: Int] = [:]
        for line in lines {
            let did = try SplitPlan.payableDID(line.payee, isPayable)
            if let known = indexes[did] {
                payeeIndexes.append(known)
            } else {
                indexes[did] = payees.count
                payeeIndexes.append(payees.count)
                payees.append(did)
            }
            prepared.append(
                Line(
                    did: did, role: line.role, weight: line.weight, weightText: line.weight.description,
                    via: line.via, isResidual: line.isResidual))
        }
        self.lines = prepared
        self.payees = payees
        self.payeeIndexes = payeeIndexes
        method = SplitPlan.method(for: lines.map(\.weight))
    }

    /// Prepares the lines of a verified manifest for a settlement of one type.
    /// - Throws: what ``VerifiedManifest/lines(forRight:)`` throws, and `contributor_not_payable`.
    public init(
        _ verified: VerifiedManifest, right: String?, isPayable: (DID) -> Bool = SplitPlan.holdsBalances
    ) throws(ManifestError) {
        try self.init(lines: verified.lines(forRight: right), isPayable: isPayable)
    }

    /// Whether a node holds balances for a DID by default: every `did:imajin:` DID, soft ones and groups included.
    public static func holdsBalances(_ did: DID) -> Bool { did.isImajin }

    /// Divides an amount over all lines by largest remainder; the parts sum to it exactly.
    ///
    /// For five lines well under a microsecond where the lines share a denominator of 64 bits, which one manifest's
    /// lines always do.
    /// - Parameter amountMinor: minor units, 0 or more.
    /// - Returns: one part per line, zeros included.
    /// - Throws: `amount_invalid` for a negative amount.
    public func split(amountMinor: Int64) throws(MoneyError) -> [Int64] {
        guard amountMinor >= 0 else { throw .amountInvalid }
        switch method {
        case .word(let weights, let total):
            return LargestRemainder.parts(of: amountMinor, weights: weights, total: total)
        case .exact:
            return LargestRemainder.parts(of: amountMinor, ratios: lines.map(\.weight))
        }
    }

    /// The same by big integers, whatever the denominators: what the fast way must equal.
    package func splitExactly(amountMinor: Int64) throws(MoneyError) -> [Int64] {
        guard amountMinor >= 0 else { throw .amountInvalid }
        return LargestRemainder.parts(of: amountMinor, ratios: lines.map(\.weight))
    }

    private static func payableDID(
        _ payee: EffectiveLine.Payee, _ isPayable: (DID) -> Bool
    ) throws(ManifestError) -> DID {
        switch payee {
        case .did(let did):
            guard isPayable(did) else { throw .contributorNotPayable(did.string) }
            return did
        case .name(let name):
            throw .contributorNotPayable(name)
        }
    }

    private static func method(for ratios: [Ratio]) -> Method {
        var total: UInt64 = 1
        for ratio in ratios {
            guard let denominator = UInt64(exactly: ratio.denominator) else { return .exact }
            let multiple = denominator / greatestCommonDivisor(denominator, total)
            let (product, overflow) = total.multipliedReportingOverflow(by: multiple)
            guard !overflow else { return .exact }
            total = product
        }
        // A numerator is at most its denominator, so each product is at most the total.
        let weights = ratios.map { UInt64($0.numerator) * (total / UInt64($0.denominator)) }
        precondition(weights.reduce(into: UInt128(0)) { $0 += UInt128($1) } == UInt128(total), "weights off one")
        return .word(weights: weights, total: total)
    }
}
