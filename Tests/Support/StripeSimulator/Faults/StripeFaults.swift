/// Which requests and events go wrong: by a script, by a seed, or both; the script is asked first.
public struct StripeFaults: Sendable {
    /// How often each thing goes wrong, in thousandths of requests or events.
    public struct Rates: Hashable, Sendable {
        /// ``StripeFault/requestLost``
        public var requestLost = 0
        /// ``StripeFault/replyLost``
        public var replyLost = 0
        /// ``StripeFault/keyInUse``, of requests with a key.
        public var keyInUse = 0
        /// ``StripeFault/rateLimited(shouldRetry:)``, a third of them with each header and a third without.
        public var rateLimited = 0
        /// ``StripeFault/failedBeforeExecution``
        public var failedBeforeExecution = 0
        /// ``StripeFault/failedDuringExecution(effectStands:)``, of `POST`; the effect stands in half of them.
        public var failedDuringExecution = 0
        /// ``StripeFault/eventsFirst``
        public var eventsFirst = 0
        /// ``StripeEventFault/dropped``
        public var eventDropped = 0
        /// ``StripeEventFault/delayed(delayMs:)``, 1 ms to ``eventDelayMsMax``.
        public var eventDelayed = 0
        /// ``StripeEventFault/delivered(twiceAfterMs:)``, 0 to ``eventDelayMsMax``.
        public var eventTwice = 0
        /// ``StripeEventFault/twin``
        public var eventTwin = 0
        /// ``StripeEventFault/overtaken``
        public var eventOvertaken = 0
        /// The longest delay of an event.
        public var eventDelayMsMax: Int64 = 3_600_000

        /// Nothing goes wrong.
        public init() {}

        /// Everything goes wrong about once in ten times.
        public static var stormy: Rates {
            var rates = Rates()
            rates.requestLost = 30
            rates.replyLost = 40
            rates.keyInUse = 10
            rates.rateLimited = 20
            rates.failedBeforeExecution = 15
            rates.failedDuringExecution = 15
            rates.eventsFirst = 60
            rates.eventDropped = 30
            rates.eventDelayed = 100
            rates.eventTwice = 60
            rates.eventTwin = 30
            rates.eventOvertaken = 60
            return rates
        }
    }

    private var rates = Rates()
    private var random = SimulatorRandom(seed: 0)
    private var requests: [(method: String, path: String, fault: StripeFault?)] = []
    private var events: [(type: String, fault: StripeEventFault?)] = []

    /// Nothing goes wrong, until the script says so.
    public init() {}

    /// Faults as often as `rates` says, decided by `seed`.
    public init(seed: UInt64, rates: Rates) {
        self.rates = rates
        random = SimulatorRandom(seed: seed)
    }

    /// Sets how often things go wrong from now on.
    public mutating func setRates(_ rates: Rates) { self.rates = rates }

    /// The next request of this method whose path is `path`, or begins with it where it ends in `*`, meets this fault,
    /// once; nil: it meets none. Several for the same requests are used in order.
    public mutating func script(_ method: String, _ path: String, _ fault: StripeFault?) {
        requests.append((method, path, fault))
    }

    /// The next event of this type meets this fault, once; nil: it meets none.
    public mutating func script(event type: String, _ fault: StripeEventFault?) {
        events.append((type, fault))
    }

    mutating func next(for request: StripeRequest) -> StripeFault? {
        if let index = requests.firstIndex(where: { Self.matches($0, request) }) {
            return requests.remove(at: index).fault
        }
        let isPost = request.method == "POST"
        let choices: [(Int, StripeFault)] = [
            (rates.requestLost, .requestLost), (rates.replyLost, .replyLost),
            (request.idempotencyKey == nil ? 0 : rates.keyInUse, .keyInUse),
            (rates.rateLimited, .rateLimited(shouldRetry: [true, false, nil][random.below(3)])),
            (rates.failedBeforeExecution, .failedBeforeExecution),
            (isPost ? rates.failedDuringExecution : 0, .failedDuringExecution(effectStands: random.below(2) == 0)),
            (rates.eventsFirst, .eventsFirst),
        ]
        return pick(choices)
    }

    mutating func next(forEvent type: String) -> StripeEventFault? {
        if let index = events.firstIndex(where: { $0.type == type }) { return events.remove(at: index).fault }
        let delayMs = Int64(random.below(Int(max(rates.eventDelayMsMax, 1)))) + 1
        return pick([
            (rates.eventDropped, .dropped), (rates.eventDelayed, .delayed(delayMs: delayMs)),
            (rates.eventTwice, .delivered(twiceAfterMs: delayMs)), (rates.eventTwin, .twin),
            (rates.eventOvertaken, .overtaken),
        ])
    }

    private mutating func pick<Fault>(_ choices: [(perMille: Int, fault: Fault)]) -> Fault? {
        var left = random.below(1000)
        for choice in choices {
            left -= choice.perMille
            if left < 0 { return choice.fault }
        }
        return nil
    }

    private static func matches(
        _ rule: (method: String, path: String, fault: StripeFault?), _ request: StripeRequest
    ) -> Bool {
        guard rule.method == request.method else { return false }
        return rule.path.hasSuffix("*") ? request.path.hasPrefix(rule.path.dropLast()) : request.path == rule.path
    }
}
