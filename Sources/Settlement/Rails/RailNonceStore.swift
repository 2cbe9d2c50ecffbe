public import Kernel

/// Remembers which durable nonce of a rail signs for which payout: each for one transaction at a time.
public protocol RailNonceStore: Sendable {
    /// Claims a nonce for the transaction of a payout, and of those that go with it.
    /// - Parameters:
    ///   - value: what the nonce is now, final: with another value what was signed before is over.
    ///   - payout: the transaction's first one. The same payout may claim it again.
    ///   - former: the one that has claimed it, where that is not in the transaction any more.
    /// - Returns: whether it is free: its value is new, or the payout that claimed it was never begun with it.
    func claimNonce(
        at rail: RailName, account: String, value: String, for payout: String, insteadOf former: String?, nowMs: Int64
    ) async throws(LedgerFailure) -> Bool
}
