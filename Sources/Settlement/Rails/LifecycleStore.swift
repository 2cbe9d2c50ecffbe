public import Kernel

/// Reads lifecycles. They are written by commands only (`Action.advance`, `.settle`, `.refund`).
public protocol LifecycleStore: Sendable {
    /// One with its life, event by event, oldest first; `nil` when there is none.
    func lifecycle(_ id: String) async throws(LedgerFailure) -> (row: LifecycleRow, events: [LifecycleEvent])?

    /// One by the rail's name for it; `nil` when there is none.
    func lifecycle(
        rail: RailName, reference: String, kind: Lifecycle.Kind
    ) async throws(LedgerFailure) -> LifecycleRow?

    /// Those that the node has something to do for, the longest due first.
    func dueLifecycles(nowMs: Int64, limit: Int) async throws(LedgerFailure) -> [LifecycleRow]

    /// Payees whose policy in force pays out as soon as there is enough, by their identifiers.
    /// - Parameter after: only those behind this identifier.
    func payeesPaidAtOnce(after: String, limit: Int) async throws(LedgerFailure) -> [LifecycleRow]

    /// Those that match, newest first.
    func lifecycles(_ filter: LifecycleFilter) async throws(LedgerFailure) -> [LifecycleRow]
}

/// Which lifecycles to list.
public struct LifecycleFilter: Hashable, Sendable {
    /// What they are.
    public var kind: Lifecycle.Kind
    /// Whose; `nil`: anybody's.
    public var owner: String?
    /// Who made them; `nil`: anybody.
    public var creator: String?
    /// Where they stand; empty: anywhere.
    public var statuses: [String] = []
    /// By which rail; `nil`: any.
    public var rail: RailName?
    /// Of which payment; `nil`: any.
    public var parent: String?
    /// Of escrows, whom they are for; `nil`: anybody.
    public var payee: String?
    /// Of escrows, who decides; `nil`: anybody, or nobody.
    public var arbiter: String?
    /// Before this one in the list: its id; identifiers are in the order of time. `nil`: from the newest.
    public var before: String?
    /// At most.
    public var limit: Int

    /// A filter.
    public init(kind: Lifecycle.Kind, limit: Int) {
        self.kind = kind
        self.limit = limit
    }
}
