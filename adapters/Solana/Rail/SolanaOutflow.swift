import Kernel
public import Settlement

/// What the treasury may send in a day: whoever gets hold of the node's payouts, or a mistake in them, takes no more.
public struct SolanaOutflow: Sendable {
    private let maxMinor: [String: Int64]
    private let store: any RailPromiseStore

    /// The span that is counted.
    public static let spanMs: Int64 = 86_400_000

    /// A limit.
    /// - Parameter maxMinor: base units in any 24 hours, by currency code; others have no limit.
    public init(maxMinor: [String: Int64], store: any RailPromiseStore) {
        self.maxMinor = maxMinor
        self.store = store
    }

    /// Promises that a payout is sent. The same payout again is the same promise.
    /// - Returns: why it cannot be sent now; nil: it can.
    package func promise(_ payOut: PayOutInstruction, nowMs: Int64) async -> String? {
        guard let most = maxMinor[payOut.currency] else { return nil }
        do throws(LedgerFailure) {
            let promise = try await store.promise(
                payout: payOut.payoutID, payOut.amountMinor, payOut.currency, by: .solana, maxMinor: most,
                sinceMs: nowMs - Self.spanMs, nowMs: nowMs)
            guard case .refused(let sent) = promise else { return nil }
            return "outflow_limit: \(payOut.amountMinor) and what was sent in 24 hours, \(sent), are above \(most) "
                + payOut.currency
        } catch {
            return "the ledger does not answer: \(error)"
        }
    }
}
