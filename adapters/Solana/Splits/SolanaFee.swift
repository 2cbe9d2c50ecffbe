/// What a transaction may compute, and what a unit of it is worth to us.
public struct SolanaFee: Hashable, Sendable {
    /// Units of computing at most. The price is paid for this limit, not for what was used.
    public let computeLimit: UInt32
    /// Millionths of a lamport for each unit.
    public let computePriceMicroLamports: UInt64

    /// Lamports for each signature.
    public static let lamportsPerSignature: Int64 = 5_000
    /// What no transaction may pass.
    public static let computeLimitMax: UInt32 = 1_400_000
    /// The dearest transfer of either token program that was seen took 6,200 units; with room for extensions.
    static let unitsPerTransfer = 10_000
    /// A memo, the budget itself, a nonce.
    static let unitsBesides = 20_000

    /// A fee; a limit past the chain's is cut to it.
    public init(computeLimit: UInt32, computePriceMicroLamports: UInt64) {
        self.computeLimit = min(computeLimit, Self.computeLimitMax)
        self.computePriceMicroLamports = computePriceMicroLamports
    }

    /// To make an account of wrapped SOL and to fill it, with room.
    static let unitsPerWrapping = 60_000

    /// Enough for so many transfers, with so many memos beside the first.
    /// - Parameter wraps: whether SOL is wrapped first.
    public init(transfers: Int, memos: Int = 0, wraps: Bool = false, computePriceMicroLamports: UInt64) {
        let count = min(max(transfers, 0), SolanaWireLimits.instructionsMax) + max(memos, 0)
        let units =
            min(count, SolanaWireLimits.instructionsMax) * Self.unitsPerTransfer + Self.unitsBesides
            + (wraps ? Self.unitsPerWrapping : 0)
        self.init(computeLimit: UInt32(units), computePriceMicroLamports: computePriceMicroLamports)
    }

    /// What the chain takes, in lamports; nil past 64 bits.
    public func lamports(signatures: Int) -> Int64? {
        let (product, overflow) = UInt64(computeLimit).multipliedReportingOverflow(by: computePriceMicroLamports)
        guard !overflow, signatures >= 0 else { return nil }
        let priority = product / 1_000_000 + (product.isMultiple(of: 1_000_000) ? 0 : 1)
        let (base, baseOverflow) = Int64(signatures).multipliedReportingOverflow(by: Self.lamportsPerSignature)
        let (sum, sumOverflow) = base.addingReportingOverflow(Int64(clamping: priority))
        return baseOverflow || sumOverflow ? nil : sum
    }
}
