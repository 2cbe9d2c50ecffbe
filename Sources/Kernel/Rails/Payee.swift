/// How a person wants to be paid out: signed by that person, and in force a day after it was said.
public struct Payee: Codable, Hashable, Sendable {
    /// Whose, a DID's text.
    public let did: String
    /// What is in force; `nil`: nothing yet, the money stays in the balance.
    public var policy: PayoutPolicy?
    /// What was said last and is not in force yet.
    public var pending: PayoutPolicy?
    /// When it will be, milliseconds since 1970.
    public var effectiveAtMs: Int64?
    /// When the schedule next pays out, milliseconds since 1970; `nil`: at no time of its own.
    public var nextRunAtMs: Int64?

    /// A person who has said nothing yet.
    public init(did: String) { self.did = did }

    /// The identifier of a person's row.
    public static func id(_ did: String) -> String { "payee:\(did)" }

    /// The policy in force at a time.
    public func policy(at nowMs: Int64) -> PayoutPolicy? {
        if let pending, let effectiveAtMs, effectiveAtMs <= nowMs { return pending }
        return policy
    }

    var facts: LifecycleFacts {
        LifecycleFacts(
            id: Self.id(did), owner: did, creator: did, status: policy == nil ? "pending" : "active",
            dueAtMs: [effectiveAtMs, nextRunAtMs].compactMap(\.self).min())
    }
}

/// Where a person's money goes, how often, and from which amount on.
public struct PayoutPolicy: Codable, Hashable, Sendable {
    /// Where money in one currency goes by one rail.
    public struct Destination: Codable, Hashable, Sendable {
        /// By which rail.
        public let rail: RailName
        /// Currency code.
        public let currency: String
        /// Where to, in the rail's own form.
        public let address: String

        /// A destination.
        public init(rail: RailName, currency: String, address: String) {
            self.rail = rail
            self.currency = currency
            self.address = address
        }
    }

    /// How often.
    public enum Schedule: String, Codable, Hashable, Sendable, CaseIterable {
        /// As soon as there is enough.
        case instant
        /// Each day, each Monday, each first of a month, at 00:00 UTC.
        case daily, weekly, monthly
        /// Only when somebody asks.
        case manual
    }

    /// At most one per rail and currency.
    public let destinations: [Destination]
    /// The rail of a currency that has several.
    public let defaultRail: RailName?
    /// How often.
    public let schedule: Schedule
    /// From which amount on, minor units by currency; the rail's own minimum holds besides.
    public let minimumMinor: [String: Int64]

    /// A policy.
    public init(
        destinations: [Destination], defaultRail: RailName?, schedule: Schedule, minimumMinor: [String: Int64]
    ) {
        self.destinations = destinations
        self.defaultRail = defaultRail
        self.schedule = schedule
        self.minimumMinor = minimumMinor
    }

    /// Where money in a currency goes: by the rail asked for, else by the default one, else by the first.
    public func destination(currency: String, rail: RailName? = nil) -> Destination? {
        let fitting = destinations.filter { $0.currency == currency }
        if let rail { return fitting.first { $0.rail == rail } }
        return fitting.first { $0.rail == defaultRail } ?? fitting.first
    }
}

/// What happens to a person's wishes.
public enum PayeeEvent: Codable, Hashable, Sendable {
    /// The person said something new, to be in force at a time.
    case changed(PayoutPolicy, effectiveAtMs: Int64)
    /// The change's time has come, or the schedule's.
    case ran

    /// The entry's cause.
    var name: String {
        switch self {
        case .changed: "payee_changed"
        case .ran: "payee_ran"
        }
    }
}

extension Payee {
    /// Moves on. What is in force stays so until the change is.
    public mutating func apply(_ event: PayeeEvent, nowMs: Int64) {
        switch event {
        case .changed(let policy, let effectiveAtMs):
            settle(nowMs)
            (pending, self.effectiveAtMs) = (policy, effectiveAtMs)
        case .ran:
            settle(nowMs)
            nextRunAtMs = policy.flatMap { $0.schedule.next(after: nowMs) }
        }
    }

    /// Puts a change in force whose time has come.
    private mutating func settle(_ nowMs: Int64) {
        guard let pending, let effectiveAtMs, effectiveAtMs <= nowMs else { return }
        policy = pending
        (self.pending, self.effectiveAtMs) = (nil, nil)
        nextRunAtMs = policy?.schedule.next(after: nowMs)
    }
}

extension PayoutPolicy.Schedule {
    /// The next time after a moment; `nil`: at no time, but when somebody asks or, for `instant`, when there is enough.
    public func next(after nowMs: Int64) -> Int64? {
        let dayMs = CivilDate.msPerDay
        let day = (nowMs >= 0 ? nowMs : nowMs - dayMs + 1) / dayMs
        switch self {
        case .daily: return (day + 1) * dayMs
        // The first day of 1970 was a Thursday: day 4 was a Monday.
        case .weekly: return (day + 7 - (day + 3) % 7) * dayMs
        case .monthly:
            var next = day + 1
            while CivilDate(ms: next * dayMs).day != 1 { next += 1 }
            return next * dayMs
        case .instant, .manual: return nil
        }
    }
}
