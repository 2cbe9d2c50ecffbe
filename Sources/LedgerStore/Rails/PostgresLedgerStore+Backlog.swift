import Kernel
import PostgresClient
public import Settlement

/// What waits for the node, and what for a person.
public struct RailBacklog: Hashable, Sendable {
    /// Lifecycles that are due.
    public var dueCount: Int64 = 0
    /// Since when the oldest of them is, milliseconds since 1970; `nil`: none is.
    public var oldestDueAtMs: Int64?
    /// Payments whose money is in suspense.
    public var suspendedPayments: Int64 = 0
    /// Payouts that are not tried any more.
    public var stoppedPayouts: Int64 = 0
    /// Payments with money that a failed refund left.
    public var failedRefunds: Int64 = 0
    /// Disputes that are not decided.
    public var openDisputes: Int64 = 0

    /// Nothing waits.
    public init() {}
}

/// Lifecycles of one kind, rail, status and currency together.
public struct LifecycleCount: Hashable, Sendable {
    /// The rail's name; empty: none.
    public let rail: String
    /// What they are; the stored word.
    public let kind: String
    /// Where they stand.
    public let status: String
    /// Currency code; empty for payees.
    public let currency: String
    /// How many.
    public let count: Int64
    /// Their sum, minor units.
    public let amountMinor: Int128
    /// When the first of them is due, milliseconds since 1970; `nil`: they wait for somebody.
    public let oldestDueAtMs: Int64?
}

extension PostgresLedgerStore {
    /// What waits; reads only what waits.
    public func railBacklog(nowMs: Int64) async throws(LedgerFailure) -> RailBacklog {
        try await read { [bookID = book.bookID] connection in
            let due = try connection.query(Self.countDue, [.int8(bookID), .int8(nowMs)]).one()
            var backlog = RailBacklog()
            backlog.dueCount = try due.int8(0)
            backlog.oldestDueAtMs = try due.int8OrNil(1)
            for row in try connection.query(Self.countAttention, [.int8(bookID)]) {
                let count = try row.int8(2)
                switch (try row.text(0), try row.text(1)) {
                case ("payment", "suspended"): backlog.suspendedPayments = count
                case ("payment", "settled"): backlog.failedRefunds = count
                case ("payout", "stopped"): backlog.stoppedPayouts = count
                case ("dispute", "open"): backlog.openDisputes = count
                default: break
                }
            }
            return backlog
        }
    }

    /// All lifecycles, counted. Reads every row: for a person who waits, not for a loop.
    public func lifecycleCounts() async throws(LedgerFailure) -> [LifecycleCount] {
        try await read { [bookID = book.bookID] connection in
            try connection.query(Self.countAll, [.int8(bookID)], timeoutSeconds: 120).map { row in
                LifecycleCount(
                    rail: try row.text(0), kind: try row.text(1), status: try row.text(2), currency: try row.text(3),
                    count: try row.int8(4), amountMinor: try row.int128OrNil(5) ?? 0,
                    oldestDueAtMs: try row.int8OrNil(6))
            }
        }
    }

    private static let countDue = Statement(
        "count_due_lifecycles",
        """
        SELECT count(*), min(due_at_ms) FROM lifecycles
        WHERE book_id = $1 AND due_at_ms IS NOT NULL AND due_at_ms <= $2
        """)
    private static let countAttention = Statement(
        "count_lifecycles_attention",
        """
        SELECT kind, status, count(*) FROM lifecycles
        WHERE book_id = $1 AND status IN ('stopped', 'open', 'suspended', 'settled')
          AND (kind = 'payout' OR kind = 'dispute'
              OR (kind = 'payment' AND (status = 'suspended' OR state #> '{payment,_0,unspentMinor}' <> '0'::jsonb)))
        GROUP BY kind, status
        """)
    private static let countAll = Statement(
        "count_lifecycles",
        """
        SELECT rail, kind, status, currency, count(*), sum(amount), min(due_at_ms) FROM lifecycles
        WHERE book_id = $1 GROUP BY rail, kind, status, currency ORDER BY rail, kind, status, currency
        """)
}
