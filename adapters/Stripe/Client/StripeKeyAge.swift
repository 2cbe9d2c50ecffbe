/// How long an idempotency key protects. Stripe keeps keys for at least 24 hours and may forget them afterwards: then
/// the same key would run afresh.
public enum StripeKeyAge {
    /// After this since its first use a key is never sent again: an hour of margin for clocks and tries under way.
    public static let reuseMilliseconds: Int64 = 23 * 3_600_000

    /// What to do about a request whose outcome is unknown.
    public enum Step: Sendable, Equatable {
        /// Send the stored bytes with the stored key: Stripe does it once.
        case sendAgain
        /// Look it up by our reference; where it is certainly absent, send it under the key of a new attempt.
        case lookUp
    }

    /// The step for a key that was first sent then.
    ///
    /// - Parameters: milliseconds since 1970. A first use in the future (a clock set back) counts as an old one.
    public static func step(firstSentAtMs: Int64, nowMs: Int64) -> Step {
        let (age, overflow) = nowMs.subtractingReportingOverflow(firstSentAtMs)
        return !overflow && (0..<reuseMilliseconds).contains(age) ? .sendAgain : .lookUp
    }
}
