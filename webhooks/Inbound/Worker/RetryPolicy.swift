/// What a disposition makes of an event. Pure.
package struct Verdict: Hashable, Sendable {
    package let status: InboxStatus
    /// When it is due again, Unix milliseconds; of one that is at its end, when it came there.
    package let nextAtMs: Int64
    package let reason: String

    package init(status: InboxStatus, nextAtMs: Int64, reason: String) {
        self.status = status
        self.nextAtMs = nextAtMs
        self.reason = reason
    }
}

/// When an event is handed out again, and when it counts as failed. A pure function of what is stored.
public struct RetryPolicy: Hashable, Sendable {
    /// The first pause; doubled with each attempt. An object that is just being made is there a moment later.
    public var pauseMs: Int64 = 1000
    /// The longest pause.
    public var pauseMaxMs: Int64 = 3_600_000
    /// How long an event is tried from its first attempt on before it counts as failed: as long as its sender would
    /// send it again, three days.
    public var patienceMs: Int64 = 259_200_000
    /// Between two attempts at one that failed: nothing is ever dropped.
    public var failedPauseMs: Int64 = 86_400_000
    /// How long a worker may have an event before another one takes it; so much more with each attempt, up to
    /// `pauseMaxMs`, so that an event that ends the process every time does so ever more seldom.
    public var leaseMs: Int64 = 60_000

    /// Bytes of a reason that are kept.
    package static let reasonMax = 500

    /// The usual policy.
    public init() {}

    /// What is written of an event that was handled.
    ///
    /// - Parameters:
    ///   - attempts: how often it was handed out, this time included.
    ///   - triedSinceMs: when it was handed out first.
    ///   - jitter: 0 to 1000, at random: the pause is between its half and its whole, so that what failed together does
    ///     not come back together.
    package func decide(
        _ disposition: Disposition, attempts: Int64, triedSinceMs: Int64, nowMs: Int64, jitter: Int64
    ) -> Verdict {
        switch disposition {
        case .applied: return Verdict(status: .done, nextAtMs: nowMs, reason: "")
        case .ignored(let reason): return Verdict(status: .ignored, nextAtMs: nowMs, reason: Self.cut(reason))
        case .parked(let reason), .retry(let reason):
            guard nowMs - triedSinceMs < patienceMs else {
                let next = nowMs + Self.spread(failedPauseMs, jitter: jitter)
                return Verdict(status: .failed, nextAtMs: next, reason: Self.cut(reason))
            }
            let next = nowMs + pause(attempts: attempts, jitter: jitter)
            return Verdict(status: .parked, nextAtMs: next, reason: Self.cut(reason))
        }
    }

    /// The pause after so many attempts.
    package func pause(attempts: Int64, jitter: Int64) -> Int64 {
        // Thirty doublings of a second are past any longest pause, and no shift overflows.
        let doublings = min(max(attempts, 1) - 1, 30)
        return Self.spread(min(pauseMs << doublings, pauseMaxMs), jitter: jitter)
    }

    /// Between the half of a pause and its whole.
    private static func spread(_ whole: Int64, jitter: Int64) -> Int64 {
        whole / 2 + whole / 2 * min(max(jitter, 0), 1000) / 1000
    }

    /// A reason as it is stored: no control characters, which the database or a terminal might not take.
    static func cut(_ reason: String) -> String {
        let scalars = reason.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        var text = String.UnicodeScalarView()
        var bytes = 0
        for scalar in scalars {
            bytes += UTF8.width(scalar)
            if bytes > reasonMax { break }
            text.append(scalar)
        }
        return String(text)
    }
}
