/// What follows from an attempt to deliver. Pure: the same attempt, the same verdict.
public enum DeliveryMachine {
    /// How an attempt ended.
    public enum Attempt: Hashable, Sendable {
        /// The receiver answered, whole or not, with this status.
        case answered(status: Int)
        /// It did not: a code of `HTTPError` or `EgressRefusal`, `http_timed_out` for example.
        case failed(code: String)

        /// Whether the receiver has the event: any 2xx. A redirect is a failure: it leads where nobody looked.
        public var isSuccess: Bool {
            if case .answered(let status) = self { return (200..<300).contains(status) }
            return false
        }
    }

    /// What becomes of a delivery.
    public enum Verdict: Hashable, Sendable {
        /// It arrived.
        case delivered
        /// It is tried again at this time, milliseconds since 1970.
        case retry(atMs: Int64)
        /// Nobody tries it again by himself.
        case failed
    }

    /// How an endpoint fared lately.
    public struct Health: Hashable, Sendable {
        /// Attempts in a row that failed.
        public var failures: Int64
        /// When the first of them did, milliseconds since 1970; nil when there are none.
        public var failingSinceMs: Int64?

        /// A health.
        public init(failures: Int64 = 0, failingSinceMs: Int64? = nil) {
            self.failures = failures
            self.failingSinceMs = failingSinceMs
        }
    }

    /// How long a receiver may take for its whole answer; past it the attempt has failed.
    public static let answerSecondsMax: Int64 = 15

    /// Milliseconds before the second attempt, the third, and so on: some three days in all, dense at the beginning,
    /// where most receivers come back, and past a weekend at the end.
    public static let pausesMs: [Int64] = [
        5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 64_800_000, 86_400_000,
    ]

    /// Attempts of a delivery, at most.
    public static let attemptsMax = pausesMs.count + 1

    /// An endpoint that failed for so long, and nothing but failed, is disabled: three days, in which a delivery has
    /// had all its attempts.
    public static let disabledAfterMs: Int64 = 3 * 86_400_000
    /// So many attempts must have failed in that time: an endpoint that hardly gets any is not judged by one.
    public static let disabledAfterFailures: Int64 = 5

    /// After an outage of so long, what waits goes out at once. After a shorter one it keeps its pauses: one event that
    /// a receiver cannot take must not have all its attempts because others succeed in between.
    public static let outageMs: Int64 = 300_000

    /// A pause is up to a tenth longer than its number, so that what failed together does not come back together.
    private static let jitterDivisor: Int64 = 10

    /// What becomes of a delivery.
    /// - Parameters:
    ///   - attempts: how many there were, this one included: 1 or more.
    ///   - jitterPermille: 0 to 999, by chance.
    public static func verdict(
        on attempt: Attempt, attempts: Int, nowMs: Int64, jitterPermille: Int64
    ) -> Verdict {
        precondition(attempts >= 1 && (0..<1000).contains(jitterPermille), "an attempt was made; a chance below 1000")
        if attempt.isSuccess { return .delivered }
        guard attempts < attemptsMax else { return .failed }
        let pause = pausesMs[attempts - 1]
        return .retry(atMs: nowMs + pause + pause / jitterDivisor * jitterPermille / 1000)
    }

    /// Whether an outage has ended: the receiver is back, and what waits for it need not wait longer.
    public static func isRecovery(from before: Health, to after: Health, nowMs: Int64) -> Bool {
        guard let since = before.failingSinceMs, after.failures == 0 else { return false }
        return nowMs - since >= outageMs
    }

    /// What an attempt says about its endpoint.
    /// - Returns: its health after it, and why it is to be disabled; nil: it stays as it is.
    public static func health(
        _ health: Health, after attempt: Attempt, nowMs: Int64
    ) -> (health: Health, disabled: WebhookEndpoint.DisabledReason?) {
        if attempt.isSuccess { return (Health(), nil) }
        let next = Health(failures: health.failures + 1, failingSinceMs: health.failingSinceMs ?? nowMs)
        if attempt == .answered(status: 410) { return (next, .gone) }
        let since = next.failingSinceMs ?? nowMs
        let isLost = nowMs - since >= disabledAfterMs && next.failures >= disabledAfterFailures
        return (next, isLost ? .failing : nil)
    }
}
