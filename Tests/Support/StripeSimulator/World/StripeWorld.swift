/// A simulated Stripe: accounts, payments, balances, events, and everything that can go wrong on the way to them.
///
/// A value without input or output: time comes in with each call, as Unix milliseconds that never go back, and
/// randomness from a seed; the same calls give the same bytes. Copying it is a snapshot.
///
/// What holds after every call: the balance of every account in every currency is the sum of the `net` of its balance
/// transactions (``balanceProof()``).
public struct StripeWorld: Sendable {
    /// How the account is set up. Changes hold for what comes after.
    public var configuration: StripeConfiguration
    /// What goes wrong.
    public var faults: StripeFaults
    /// Requests that no correct client sends, in order: unknown or missing parameters, wrong types, malformed forms,
    /// keys reused for something else, parameters that the simulator does not know. A test asserts that there is none.
    public internal(set) var violations: [StripeViolation] = []
    /// How many requests arrived.
    public internal(set) var requestCount = 0

    var random: SimulatorRandom
    var objects: [String: StripeRecord] = [:]
    /// The ids of each kind, oldest first.
    var idsByKind: [String: [String]] = [:]
    var ledger = StripeLedger()
    var keys: [String: IdempotencyRecord] = [:]
    var events = StripeEventQueue()
    var scheduled: [ScheduledWork] = []
    /// The latest time that any call gave.
    var clockMs: Int64 = 0
    /// The request that is being executed, for its events.
    var requestInHand: (id: String, key: String?)?

    /// A world with nothing in it.
    public init(seed: UInt64, configuration: StripeConfiguration = .init(), faults: StripeFaults = .init()) {
        self.configuration = configuration
        self.faults = faults
        random = SimulatorRandom(seed: seed)
    }

    /// Answers a request with no fault on the way.
    public mutating func handle(_ request: StripeRequest, nowMs: Int64) -> StripeAnswer {
        perform(request, nowMs: nowMs)
    }

    /// Sends a request over a network with ``faults``.
    public mutating func exchange(_ request: StripeRequest, nowMs: Int64) -> StripeExchange {
        var exchange = StripeExchange(webhooksBeforeReply: [], outcome: .lost(wasTaken: false), replyDelayMs: 0)
        switch faults.next(for: request) {
        case nil: exchange.outcome = .answered(perform(request, nowMs: nowMs))
        case .requestLost: break
        case .replyLost:
            _ = perform(request, nowMs: nowMs)
            exchange.outcome = .lost(wasTaken: true)
        case .keyInUse: exchange.outcome = .answered(turnAway(.keyInUse, nowMs: nowMs, shouldRetry: true))
        case .rateLimited(let shouldRetry):
            let failure = StripeFailure(429, "Too many requests", code: "rate_limit")
            exchange.outcome = .answered(turnAway(failure, nowMs: nowMs, shouldRetry: shouldRetry))
        case .failedBeforeExecution:
            exchange.outcome = .answered(turnAway(.internalError, nowMs: nowMs, shouldRetry: nil))
        case .failedDuringExecution(let effectStands):
            let execution = effectStands ? Execution.answers500 : .undone
            exchange.outcome = .answered(perform(request, nowMs: nowMs, execution: execution))
        case .slow(let delayMs):
            exchange.outcome = .answered(perform(request, nowMs: nowMs, busyForMs: delayMs))
            exchange.replyDelayMs = delayMs
        case .eventsFirst:
            exchange.outcome = .answered(perform(request, nowMs: nowMs))
            exchange.webhooksBeforeReply = takeWebhooks(nowMs: nowMs)
        }
        return exchange
    }
}

/// A request that does not keep to the API's specification.
public struct StripeViolation: Hashable, Sendable, CustomStringConvertible {
    /// The request.
    public let request: StripeRequest
    /// What is wrong with it, as the answer says it.
    public let message: String

    /// The method, the path and what is wrong.
    public var description: String { "\(request.method) \(request.path): \(message)" }
}

extension StripeFailure {
    static var keyInUse: StripeFailure {
        var failure = StripeFailure(409, "A request with this key is in progress", code: "idempotency_key_in_use")
        failure.type = "idempotency_error"
        return failure
    }

    static var internalError: StripeFailure {
        var failure = StripeFailure(500, "Something went wrong on Stripe's end")
        failure.type = "api_error"
        return failure
    }
}
