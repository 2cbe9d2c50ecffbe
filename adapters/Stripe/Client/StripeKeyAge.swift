/// Which idempotency key a stored call goes out with, by its age. Stripe keeps keys for at least 24 hours and may
/// forget them afterwards: then the same key would run afresh.
///
/// Time since the first use is cut into epochs of 23 hours. Within the first 22 of one its key may be used; the last
/// one rests, so that whatever is under way has ended before the next epoch's key can be used. From the second epoch on
/// the object is looked up first, and sent only where it is certainly absent. Which epoch it is follows from the stored
/// time alone: every process, and the same one after a crash, uses the same key.
public enum StripeKeyAge {
    /// An hour less than Stripe's 24, for clocks that differ.
    public static let epochMilliseconds: Int64 = 23 * 3_600_000
    /// Longer than any try, with all its waits, takes.
    public static let restMilliseconds: Int64 = 3_600_000
    /// How far a first use may lie in the future, because another process's clock is ahead.
    public static let skewMilliseconds: Int64 = 300_000

    /// What may be done.
    public enum Step: Sendable, Equatable {
        /// Send the stored bytes with this key: Stripe does it once.
        case send(key: String)
        /// Look it up by our reference; where it is certainly absent, send the stored bytes with this key.
        case lookUpThenSend(key: String)
        /// Send nothing now; looking it up is always good.
        case rest
    }

    /// The step for a call whose key is `key` in its first epoch. Times are milliseconds since 1970.
    public static func step(key: String, firstSentAtMs: Int64, nowMs: Int64) -> Step {
        let (age, overflow) = nowMs.subtractingReportingOverflow(firstSentAtMs)
        guard !overflow, age >= -skewMilliseconds else { return .rest }
        let (epoch, within) = max(age, 0).quotientAndRemainder(dividingBy: epochMilliseconds)
        if within >= epochMilliseconds - restMilliseconds { return .rest }
        return epoch == 0 ? .send(key: key) : .lookUpThenSend(key: "\(key)~\(epoch)")
    }
}
