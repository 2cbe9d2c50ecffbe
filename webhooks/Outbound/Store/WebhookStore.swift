import Cryptography
public import PostgresClient

/// Endpoints and deliveries in the database. Safe from any thread; several processes may work on one book.
public struct WebhookStore: Sendable {
    let pool: PostgresPool
    let bookID: Int64

    /// A store on connections to the ledger's schema.
    public init(pool: PostgresPool, bookID: Int64) {
        self.pool = pool
        self.bookID = bookID
    }

    /// Runs a body on a connection, in no transaction of its own.
    func run<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws(PostgresError) -> T {
        do {
            return try await pool.run(body)
        } catch {
            throw Self.failure(error)
        }
    }

    /// Runs a body in a transaction, and again where that may help.
    func transaction<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws(PostgresError) -> T {
        do {
            return try await pool.transaction(body)
        } catch {
            throw Self.failure(error)
        }
    }

    /// A transaction whose loss with the server is harmless: it is done again, and gives the same rows. Its commit
    /// waits for no disk, so that it costs a settlement's commit nothing.
    func relaxedTransaction<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws(PostgresError) -> T {
        try await transaction { connection in
            try connection.execute(Self.relaxed)
            return try body(connection)
        }
    }

    private static let relaxed = "SET LOCAL synchronous_commit = off"

    private static func failure(_ error: any Error) -> PostgresError {
        (error as? PostgresError)
            ?? PostgresError(.decoding, "a row of the webhooks is not what it should be: \(error)")
    }

    /// Holds the cursor's row for the transaction, making it where there is none: a book's first cursor stands at its
    /// head, for what happened before there were endpoints is for none.
    /// - Returns: where it stands.
    static func lockCursor(_ bookID: Int64, nowMs: Int64, on connection: Connection) throws -> Int64 {
        if let row = try connection.query(lockCursor, [.int8(bookID)]).first { return try row.int8(0) }
        try connection.query(makeCursor, [.int8(bookID), .int8(nowMs)])
        return try connection.query(lockCursor, [.int8(bookID)]).one().int8(0)
    }

    private static let lockCursor = Statement(
        "webhook_lock_cursor", "SELECT seq FROM webhook_cursors WHERE book_id = $1 FOR UPDATE")
    private static let makeCursor = Statement(
        "webhook_make_cursor",
        """
        INSERT INTO webhook_cursors (book_id, seq, moved_at_ms)
        SELECT book_id, head_seq, $2 FROM books WHERE book_id = $1
        ON CONFLICT (book_id) DO NOTHING
        """)
    static let head = Statement("webhook_head", "SELECT head_seq FROM books WHERE book_id = $1")
}
