package import PostgresClient

extension WebhookStore {
    /// What metrics show of a book.
    struct Figures: Sendable {
        let pending: Int64
        /// When the oldest pending one was made; nil: none is.
        let oldestMs: Int64?
        let disabledEndpoints: Int64
    }

    /// Pending deliveries of an endpoint that are counted.
    private static let countedMax: Int64 = 10_000
    /// Rows of one deletion: it stays short.
    private static let deletedMax: Int64 = 1000

    func figures() async throws(PostgresError) -> Figures {
        let bookID = bookID
        return try await run { connection in
            let row = try connection.query(Self.figures, [.int8(bookID), .int8(Self.countedMax)]).one()
            return Figures(
                pending: try row.int8(0), oldestMs: try row.int8OrNil(1), disabledEndpoints: try row.int8(2))
        }
    }

    /// Deletes deliveries that ended longer ago than they are kept.
    /// - Returns: whether there may be more.
    package func deleteEnded(nowMs: Int64) async throws(PostgresError) -> Bool {
        let bookID = bookID
        return try await relaxedTransaction { connection in
            try connection.query(
                Self.deleteEnded,
                [.int8(bookID), .int8(nowMs - WebhookDelivery.keptMs), .int8(Self.deletedMax)]
            ).affected == Int(Self.deletedMax)
        }
    }
}
