/// Names of events, made of the kinds of causes that entries have.
public enum EventType {
    /// Sent on request, to see whether an endpoint takes deliveries.
    public static let test = "webhook.test"
    /// Sent to a service's other endpoints when one of them was disabled.
    public static let endpointDisabled = "endpoint.disabled"

    /// The kinds that have a name of their own.
    static let named: [String: String] = [
        "settlement": "settlement.created", "refund": "refund.created", "fund": "balance.funded",
        "credit": "balance.credited", "hold": "hold.created", "hold_post": "hold.posted", "hold_void": "hold.voided",
        "hold_expire": "hold.expired", "gas": "gas.charged",
    ]

    /// Groups whose events follow from a kind: `payment_succeeded` is `payment.succeeded`. No group begins with
    /// another one and an underscore.
    static let openGroups = ["payment", "payout", "rail_refund", "dispute", "escrow", "payee", "transfer"]

    /// The group of kinds that this version does not know: nothing of the journal is kept back for want of a name.
    static let otherGroup = "entry"

    /// The name of the event that an entry is.
    ///
    /// - Parameter kind: the cause's, `settlement` for example.
    public static func named(forKind kind: String) -> String {
        if let name = named[kind] { return name }
        for group in openGroups {
            if kind == group { return group + ".created" }
            if kind.hasPrefix(group + "_") { return group + "." + kind.dropFirst(group.count + 1) }
        }
        return otherGroup + "." + kind
    }

    /// Every name that is fixed, for the specification.
    public static let fixed = (Array(named.values) + [test, endpointDisabled]).sorted()

    /// The groups of all events.
    static let groups: Set<String> = Set(fixed.compactMap(group(of:)) + openGroups + [otherGroup])

    /// What stands before the dot.
    static func group(of type: String) -> String? { type.split(separator: ".").first.map(String.init) }
}

/// What an endpoint asks to be told of: a type (`settlement.created`), a group (`settlement.*`) or everything (`*`).
public struct EventSubscription: Hashable, Sendable {
    /// As it was written.
    public let pattern: String

    /// Subscriptions of one endpoint, at most; one more is refused with 400 `field_invalid`.
    public static let countMax = 32

    /// Bytes of the part after the dot, at most; longer names do not occur.
    private static let nameBytesMax = 64

    /// Reads a pattern; nil where no event can ever have that name.
    public init?(_ pattern: String) {
        let parts = pattern.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isKnown: Bool
        if parts.count == 1 {
            isKnown = pattern == "*"
        } else if parts[1] == "*" {
            isKnown = EventType.groups.contains(parts[0])
        } else if EventType.openGroups.contains(parts[0]) || parts[0] == EventType.otherGroup {
            isKnown = Self.isName(parts[1])
        } else {
            isKnown = EventType.fixed.contains(pattern)
        }
        guard isKnown else { return nil }
        self.pattern = pattern
    }

    /// Whether an event of this type is meant.
    public func includes(_ type: String) -> Bool {
        if pattern == "*" || pattern == type { return true }
        return pattern.hasSuffix(".*") && type.hasPrefix(pattern.dropLast())
    }

    /// Reads what ``stored(_:)`` wrote. A pattern that this version does not know is passed over: nothing has its name.
    static func list(stored text: String) -> [EventSubscription] {
        text.split(separator: ",").compactMap { EventSubscription(String($0)) }
    }

    /// As the database keeps them.
    static func stored(_ subscriptions: [EventSubscription]) -> String {
        subscriptions.map(\.pattern).joined(separator: ",")
    }

    private static func isName(_ text: String) -> Bool {
        (1...nameBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
