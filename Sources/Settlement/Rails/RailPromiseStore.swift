public import Kernel

/// Whether a payout fits into what a rail may send in a day.
public enum PayoutPromise: Hashable, Sendable {
    /// It does, and counts from now on.
    case given
    /// It does not, with what was sent and promised.
    case refused(sentMinor: Int64)
}

/// Counts what rails send, for their daily limits.
public protocol RailPromiseStore: Sendable {
    /// Promises that a payout is sent, within what payouts of a rail may come to that are under way or arrived since a
    /// time. One promise at a time, in all processes; the same payout again is the same promise.
    ///
    /// A promise counts until the journal knows that the payout is under way, or some minutes.
    /// - Parameters:
    ///   - maxMinor: minor units.
    ///   - sinceMs: milliseconds since 1970.
    func promise(
        payout: String, _ amountMinor: Int64, _ currency: String, by rail: RailName, maxMinor: Int64, sinceMs: Int64,
        nowMs: Int64
    ) async throws(LedgerFailure) -> PayoutPromise
}
