/// The tries of one request: counts them, remembers whether one of them may have been carried out, and says whether
/// and when there is another. A value that decides; the client acts.
struct StripeTries: Sendable {
    enum Step: Sendable {
        case again(afterMilliseconds: Int64)
        case end(StripeTry.Verdict)
    }

    /// The waits between tries: half a second, doubling, up to five (stripe-python 16.1, `_http_client`).
    static let delayMinMilliseconds: Int64 = 500
    static let delayMaxMilliseconds: Int64 = 5_000
    /// The longest wait that Stripe may ask for and still be waited out here; past it the caller's schedule waits.
    static let retryAfterMillisecondsMax: Int64 = 30_000

    private let triesMax: Int
    private(set) var made = 0
    /// A try before the last may have been carried out.
    private var doubt: StripeFailure?

    init(max: Int) { triesMax = Swift.max(1, max) }

    /// - Parameters:
    ///   - jitter: 0 to 1000; where in the upper half of the wait the next try falls.
    ///   - millisecondsLeft: a try that could only begin later is not made.
    mutating func next(_ attempt: StripeTry, jitter: Int64, millisecondsLeft: Int64) -> Step {
        made += 1
        if attempt.mayRetry, made < triesMax, let wait = wait(attempt.retryAfterMilliseconds, jitter: jitter),
            wait < millisecondsLeft
        {
            if case .unknown(let failure) = attempt.verdict { doubt = failure }
            return .again(afterMilliseconds: wait)
        }
        // Turned away before it began says nothing about the try before.
        if case .notCarriedOut(let failure) = attempt.verdict, doubt != nil { return .end(.unknown(failure)) }
        return .end(attempt.verdict)
    }

    /// What the doubt of earlier tries makes of an end without an answer.
    func ended(_ failure: StripeFailure) -> StripeTry.Verdict {
        doubt == nil ? .notCarriedOut(failure) : .unknown(failure)
    }

    private func wait(_ retryAfter: Int64?, jitter: Int64) -> Int64? {
        let full = min(Self.delayMaxMilliseconds, Self.delayMinMilliseconds << min(Int64(made - 1), 10))
        let drawn = max(Self.delayMinMilliseconds, full / 2 + full / 2 * min(max(jitter, 0), 1000) / 1000)
        guard let retryAfter else { return drawn }
        return retryAfter <= Self.retryAfterMillisecondsMax ? max(drawn, retryAfter) : nil
    }
}
