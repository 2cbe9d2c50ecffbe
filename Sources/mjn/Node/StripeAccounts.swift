import PostgresClient
import Stripe

/// Which account at Stripe is whose, in the book's database.
struct StripeAccounts: StripeAccountStore {
    let pool: PostgresPool
    let bookID: Int64

    private static let rail = "stripe"

    func entry(of seller: String) async throws(StripeAccountStoreError) -> StripeAccountEntry? {
        try await run { connection in
            let rows = try connection.query(
                Self.select, [.int8(bookID), .text(Self.rail), .text(seller)])
            guard rows.count > 0 else { return nil }
            let row = rows[0]
            var attempt: StripeAccountEntry.Attempt?
            if let bytes = try row.byteaOrNil(2), let key = try row.textOrNil(3), let atMs = try row.int8OrNil(4) {
                guard let call = StripeCall(bytes: bytes) else {
                    throw PostgresError(.decoding, "the stored request for \(seller) cannot be read")
                }
                attempt = StripeAccountEntry.Attempt(call: call, key: key, firstSentAtMs: atMs)
            }
            return StripeAccountEntry(
                seller: seller, version: try row.int8(0), attempt: attempt,
                account: try row.textOrNil(1).flatMap { StripeID($0) })
        }
    }

    func put(_ entry: StripeAccountEntry) async throws(StripeAccountStoreError) -> Bool {
        try await run { connection in
            let values: [Parameter] = [
                .int8(bookID), .text(Self.rail), .text(entry.seller), .int8(entry.version),
                .text(entry.account?.text), .bytea(entry.attempt?.call.bytes),
                .text(entry.attempt?.key), .int8(entry.attempt?.firstSentAtMs),
            ]
            return try connection.query(entry.version == 1 ? Self.insert : Self.update, values).count == 1
        }
    }

    private func run<T: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws(StripeAccountStoreError) -> T {
        do {
            return try await pool.run(body)
        } catch {
            throw StripeAccountStoreError("\(error)")
        }
    }

    private static let select = PostgresClient.Statement(
        "select_rail_account",
        """
        SELECT version, account, attempt, attempt_key, attempt_at_ms FROM rail_accounts
        WHERE book_id = $1 AND rail = $2 AND owner = $3
        """)
    private static let insert = PostgresClient.Statement(
        "insert_rail_account",
        """
        INSERT INTO rail_accounts (book_id, rail, owner, version, account, attempt, attempt_key, attempt_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (book_id, rail, owner) DO NOTHING RETURNING version
        """)
    private static let update = PostgresClient.Statement(
        "update_rail_account",
        """
        UPDATE rail_accounts SET version = $4, account = $5, attempt = $6, attempt_key = $7, attempt_at_ms = $8
        WHERE book_id = $1 AND rail = $2 AND owner = $3 AND version = $4 - 1 RETURNING version
        """)
}
