public import Kernel
public import Settlement

extension LedgerDouble: LifecycleStore {
    /// See `LifecycleStore`.
    public func lifecycle(
        _ id: String
    ) async throws(LedgerFailure) -> (row: LifecycleRow, events: [LifecycleEvent])? {
        let book = book
        return book.lifecycles[id].map { ($0, book.lifecycleEvents.filter { $0.id == id }) }
    }

    /// See `LifecycleStore`.
    public func lifecycle(
        rail: RailName, reference: String, kind: Lifecycle.Kind
    ) async throws(LedgerFailure) -> LifecycleRow? {
        book.lifecycles.values.first {
            let facts = $0.lifecycle.facts
            return facts.rail == rail.rawValue && facts.reference == reference && $0.lifecycle.kind == kind
        }
    }

    /// See `LifecycleStore`.
    public func dueLifecycles(nowMs: Int64, limit: Int) async throws(LedgerFailure) -> [LifecycleRow] {
        let due = book.lifecycles.values.compactMap { row in row.lifecycle.facts.dueAtMs.map { ($0, row) } }
        return due.filter { $0.0 <= nowMs }.sorted { ($0.0, $0.1.id) < ($1.0, $1.1.id) }.prefix(limit).map(\.1)
    }

    /// See `LifecycleStore`.
    public func payeesPaidAtOnce(after: String, limit: Int) async throws(LedgerFailure) -> [LifecycleRow] {
        let instant = book.lifecycles.values.filter { row in
            guard case .payee(let payee) = row.lifecycle else { return false }
            return payee.policy?.schedule == .instant && row.id > after
        }
        return Array(instant.sorted { $0.id < $1.id }.prefix(limit))
    }

    private static func isFor(_ lifecycle: Lifecycle, _ filter: LifecycleFilter) -> Bool {
        guard filter.payee != nil || filter.arbiter != nil else { return true }
        guard case .escrow(let escrow) = lifecycle else { return false }
        return filter.payee ?? escrow.payee == escrow.payee
            && (filter.arbiter == nil || filter.arbiter == escrow.arbiter)
    }

    /// See `LifecycleStore`.
    public func lifecycles(_ filter: LifecycleFilter) async throws(LedgerFailure) -> [LifecycleRow] {
        let matching = book.lifecycles.values.filter { row in
            let facts = row.lifecycle.facts
            return row.lifecycle.kind == filter.kind && filter.owner ?? facts.owner == facts.owner
                && filter.creator ?? facts.creator == facts.creator && filter.parent ?? facts.parent == facts.parent
                && (filter.statuses.isEmpty || filter.statuses.contains(facts.status))
                && (filter.rail.map { $0.rawValue == facts.rail } ?? true)
                && filter.before.map { facts.id < $0 } ?? true
                && Self.isFor(row.lifecycle, filter)
        }
        return Array(matching.sorted { $0.id > $1.id }.prefix(filter.limit))
    }
}
