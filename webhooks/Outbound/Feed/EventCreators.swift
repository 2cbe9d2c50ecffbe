import PostgresClient

/// Who asked for what: the one place that says whose an entry is.
///
/// A kind that stands in no table here belongs to nobody: only services that may read everything are told of it. A new
/// kind is a new line with its statement.
enum EventCreators {
    /// Where the creators of a kind of cause are found: by book and the causes' ids, columns id and creator.
    private static let sources: [String: Statement] = [
        "settlement": Statement(
            "webhook_settlement_creators",
            """
            SELECT settlement_id, caller FROM settlements WHERE book_id = $1 AND settlement_id = ANY ($2::text[])
            """),
        "refund": Statement(
            "webhook_refund_creators",
            "SELECT refund_id, caller FROM refunds WHERE book_id = $1 AND refund_id = ANY ($2::text[])"),
    ]

    /// Payments, payouts, refunds by a rail, disputes, escrows and payees are named `kind_event`, and keep who made
    /// them.
    private static let lifecycles = Statement(
        "webhook_lifecycle_creators",
        "SELECT lifecycle_id, creator FROM lifecycles WHERE book_id = $1 AND lifecycle_id = ANY ($2::text[])")
    private static let lifecyclePrefixes = ["payment_", "payout_", "rail_refund_", "dispute_", "escrow_", "payee_"]

    private static func source(_ kind: String) -> Statement? {
        sources[kind] ?? (lifecyclePrefixes.contains { kind.hasPrefix($0) } ? lifecycles : nil)
    }

    /// A cause of an entry.
    struct Cause: Hashable {
        let kind: String
        let id: String
    }

    /// The creators of these causes; those that have none are left out.
    static func find(
        _ causes: [Cause], bookID: Int64, on connection: Connection
    ) throws -> [Cause: String] {
        var creators: [Cause: String] = [:]
        for (kind, sameKind) in Dictionary(grouping: causes, by: \.kind) {
            guard let source = source(kind) else { continue }
            for row in try connection.query(source, [.int8(bookID), .texts(sameKind.map(\.id))]) {
                creators[Cause(kind: kind, id: try row.text(0))] = try row.text(1)
            }
        }
        return creators
    }
}
