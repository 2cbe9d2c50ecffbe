public import Settlement
import Synchronization

/// What the treasury may send in a day: whoever gets hold of the node's payouts, or a mistake in them, takes no more.
///
/// What this process has promised lately is counted beside what the ledger knows as sent, so that many at once stay
/// within the limit; for a minute some of it is counted twice, and a payout may wait a minute too long.
public final class SolanaOutflow: Sendable {
    private struct Promise {
        let currency: String
        let amountMinor: Int64
        let atMs: Int64
    }

    private let maxMinor: [String: Int64]
    private let sent: @Sendable (_ currency: String, _ sinceMs: Int64) async throws(RailListFailure) -> Int64
    private let promises = Mutex<[String: Promise]>([:])

    /// The span that is counted.
    public static let spanMs: Int64 = 86_400_000
    /// By then the ledger knows of a promise, or it was not kept.
    package static let promiseMs: Int64 = 60_000

    /// A limit.
    /// - Parameters:
    ///   - maxMinor: base units in any 24 hours, by currency code; others have no limit.
    ///   - sent: what payouts of a currency that were sent since a time, milliseconds since 1970, come to.
    public init(
        maxMinor: [String: Int64],
        sent: @escaping @Sendable (_ currency: String, _ sinceMs: Int64) async throws(RailListFailure) -> Int64
    ) {
        self.maxMinor = maxMinor
        self.sent = sent
    }

    /// Promises that a payout is sent. The same payout again is the same promise.
    /// - Returns: why it cannot be sent now; nil: it can.
    package func promise(_ reference: String, _ currency: String, _ amountMinor: Int64, nowMs: Int64) async -> String? {
        guard let most = maxMinor[currency] else { return nil }
        let known: Int64
        do throws(RailListFailure) {
            known = try await sent(currency, nowMs - Self.spanMs)
        } catch {
            return error.reason
        }
        let isKept = promises.withLock { promises in
            promises = promises.filter { $0.value.atMs > nowMs - Self.promiseMs }
            let others = promises.reduce(Int128(0)) { sum, entry in
                entry.key == reference || entry.value.currency != currency ? sum : sum + Int128(entry.value.amountMinor)
            }
            guard Int128(known) + others + Int128(amountMinor) <= Int128(most) else { return false }
            promises[reference] = Promise(currency: currency, amountMinor: amountMinor, atMs: nowMs)
            return true
        }
        return isKept
            ? nil
            : "outflow_limit: \(amountMinor) and what was sent in 24 hours, \(known), are above \(most) \(currency)"
    }
}
