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
            guard let source = sources[kind] else { continue }
            for row in try connection.query(source, [.int8(bookID), .texts(sameKind.map(\.id))]) {
                creators[Cause(kind: kind, id: try row.text(0))] = try row.text(1)
            }
        }
        return creators
    }
}
