import PostgresClient

/// The book's row: who may write it, and where it stands.
enum BookStatements {
    static let open = Statement(
        "open_book",
        """
        INSERT INTO books (book_id, name, node_did, is_development) VALUES ($1, $2, $3, $4)
        ON CONFLICT (book_id) DO NOTHING
        """)

    static let identity = Statement(
        "book_identity", "SELECT name, node_did, is_development FROM books WHERE book_id = $1")

    /// Waits for a transaction that still holds the row; the database's clock decides whether the lease is over.
    static let acquire = Statement(
        "acquire_lease",
        """
        UPDATE books
        SET epoch = epoch + 1, lease_holder = $2, lease_until = now() + interval '1 millisecond' * $3
        WHERE book_id = $1 AND (lease_until < now() OR lease_holder = $4)
        RETURNING epoch, head_seq, head_hash, head_time_ms, next_account_id
        """)

    static let holder = Statement("lease_holder", "SELECT lease_holder FROM books WHERE book_id = $1")

    static let renew = Statement(
        "renew_lease",
        """
        UPDATE books SET lease_until = now() + interval '1 millisecond' * $3
        WHERE book_id = $1 AND epoch = $2
        """)

    static let release = Statement(
        "release_lease",
        "UPDATE books SET lease_until = '-infinity' WHERE book_id = $1 AND epoch = $2")
}
