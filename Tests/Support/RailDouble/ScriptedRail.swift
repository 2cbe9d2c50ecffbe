public import Kernel
public import Settlement
import Synchronization

/// A rail in memory that keeps what it was told, moves a thing once per reference, and says what a test scripts. Every
/// call is recorded, so that a test can show that there was none.
public final class ScriptedRail: Rail {
    /// A call that was made.
    public enum Call: Hashable, Sendable {
        case prepare(String), carryOut(String), fetch(String), cancel(String), check(String)

        /// Whether it may move something or reads the state of what moves.
        var touchesMoney: Bool {
            switch self {
            case .prepare, .check: false
            case .carryOut, .fetch, .cancel: true
            }
        }
    }

    /// What the rail takes.
    public struct Rules: Sendable {
        /// Currencies that it moves.
        public var currencies: Set<String> = ["CAD", "USD"]
        /// Smallest amount, minor units.
        public var minimumMinor: Int64 = 50
        /// Addresses that it does not pay.
        public var closed: Set<String> = []
        /// Whether `prepare` cannot be asked.
        public var isAway = false
    }

    private struct State {
        var rules = Rules()
        var things: [String: RailFacts] = [:]
        var instructions: [String: RailInstruction] = [:]
        var outcomes: [RailOutcome] = []
        var answers: [RailAnswer] = []
        var calls: [Call] = []
        var hook: (@Sendable (String) async -> Void)?
    }

    /// See `Rail`.
    public let name: RailName
    /// See `Rail`.
    public let capabilities: RailCapabilities
    private let state = Mutex(State())

    /// A rail that does everything at once, but for payments, whose payer has to pay.
    public init(
        _ name: RailName = .stripe,
        capabilities: RailCapabilities = [.collect, .payOut, .splitDirectly, .refund, .list]
    ) {
        self.name = name
        self.capabilities = capabilities
    }

    /// What it takes; may be changed at any time.
    public var rules: Rules {
        get { state.withLock { $0.rules } }
        set { state.withLock { $0.rules = newValue } }
    }

    /// Every call so far, in order.
    public var calls: [Call] { state.withLock { $0.calls } }

    /// Those that move money or ask about it.
    public var moneyCalls: [Call] { calls.filter(\.touchesMoney) }

    /// What was carried out under a reference; nil: nothing.
    public func instruction(_ reference: String) -> RailInstruction? {
        state.withLock { $0.instructions[reference] }
    }

    /// Lets the next calls of `carryOut` come to these, one each. What is scripted is not kept by the rail: `set`
    /// says what it kept although nobody knows.
    public func scriptOutcomes(_ outcomes: RailOutcome...) { state.withLock { $0.outcomes += outcomes } }

    /// Lets the next calls of `fetch` and `cancel` come to these, one each.
    public func scriptAnswers(_ answers: RailAnswer...) { state.withLock { $0.answers += answers } }

    /// Runs something while the rail is being called, from now on.
    public func whileCalling(_ hook: (@Sendable (_ reference: String) async -> Void)?) {
        state.withLock { $0.hook = hook }
    }

    /// What the rail says of a reference from now on.
    public func set(_ facts: RailFacts, for reference: String) { state.withLock { $0.things[reference] = facts } }

    /// The payer pays.
    /// - Parameter paymentID: `pay_…`.
    /// - Returns: what the rail tells of it.
    @discardableResult
    public func pay(
        _ paymentID: String, _ amountMinor: Int64, feeMinor: Int64, settledMinor: Int64? = nil,
        settledCurrency: String? = nil
    ) -> RailNews {
        let reference = "\(paymentID)-1"
        let facts = RailFacts(
            standing: .done, reference: Self.name(of: reference), amountMinor: amountMinor, feeMinor: feeMinor,
            settledMinor: settledMinor, settledCurrency: settledCurrency, source: "ch_\(paymentID)")
        set(facts, for: reference)
        return .instruction(reference: reference, facts)
    }

    /// The rail's name for a thing of ours.
    public static func name(of reference: String) -> String { "at_\(reference)" }

    // MARK: Rail

    /// See `Rail`.
    public func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        state.withLock { state in
            state.calls.append(.prepare(instruction.reference))
            if state.rules.isAway { return .unavailable("scripted") }
            let (amount, currency) = instruction.money
            guard state.rules.currencies.contains(currency) else {
                return .refused(
                    RailRefusal(code: "currency_unsupported", reason: "\(name) does not move \(currency)"))
            }
            guard amount >= state.rules.minimumMinor else {
                return .refused(
                    RailRefusal(
                        code: "amount_below_minimum", reason: "\(name) moves \(state.rules.minimumMinor) or more"))
            }
            return .ready(Array(instruction.reference.utf8))
        }
    }

    /// See `Rail`.
    public func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        if let hook = state.withLock({ $0.hook }) { await hook(instruction.reference) }
        return state.withLock { state in
            let reference = instruction.reference
            state.calls.append(.carryOut(reference))
            if !state.outcomes.isEmpty { return state.outcomes.removeFirst() }
            let facts = state.things[reference] ?? Self.facts(instruction)
            state.things[reference] = facts
            state.instructions[reference] = instruction
            return facts.standing == .done ? .done(facts) : .pending(facts)
        }
    }

    /// See `Rail`.
    public func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer {
        state.withLock { state in
            state.calls.append(.fetch(instruction.reference))
            if !state.answers.isEmpty { return state.answers.removeFirst() }
            return state.things[instruction.reference].map { .found($0) } ?? .absent
        }
    }

    /// See `Rail`.
    public func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage {
        RailPage(records: [], next: position, hasMore: false)
    }

    /// See `Rail`.
    public func balances() async throws(RailListFailure) -> [RailBalance] { [] }

    /// See `Rail`.
    public func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer {
        state.withLock { state in
            state.calls.append(.cancel(instruction.reference))
            if !state.answers.isEmpty { return state.answers.removeFirst() }
            guard var facts = state.things[instruction.reference] else { return .absent }
            if facts.standing == .pending { facts.standing = .cancelled }
            state.things[instruction.reference] = facts
            return .found(facts)
        }
    }

    /// See `Rail`.
    public func check(_ destination: PayoutPolicy.Destination) async -> RailRefusal? {
        state.withLock { state in
            state.calls.append(.check(destination.address))
            guard state.rules.currencies.contains(destination.currency) else {
                return RailRefusal(
                    code: "currency_unsupported", reason: "\(name) does not move \(destination.currency)")
            }
            guard state.rules.closed.contains(destination.address) else { return nil }
            return RailRefusal(code: "destination_not_payable", reason: "\(destination.address) is closed")
        }
    }

    private static func facts(_ instruction: RailInstruction) -> RailFacts {
        let reference = name(of: instruction.reference)
        let amount = instruction.money.amountMinor
        switch instruction {
        case .collect:
            return RailFacts(
                standing: .pending, reference: reference, amountMinor: 0, url: "https://rail.example/\(reference)")
        case .payOut, .refund: return RailFacts(standing: .done, reference: reference, amountMinor: amount)
        case .recall(let recall):
            var facts = RailFacts(standing: .done, reference: recall.payoutReference, amountMinor: 0)
            (facts.returnedMinor, facts.recalled) = (amount, recall.reference)
            return facts
        }
    }
}

extension RailInstruction {
    /// What is to move.
    fileprivate var money: (amountMinor: Int64, currency: String) {
        switch self {
        case .collect(let value): (value.amountMinor, value.currency)
        case .payOut(let value): (value.amountMinor, value.currency)
        case .refund(let value): (value.amountMinor, value.currency)
        case .recall(let value): (value.amountMinor, value.currency)
        }
    }
}
