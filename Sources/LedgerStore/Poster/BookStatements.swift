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

    /// For the transaction of `acquire` only.
    static let lockTimeout = Statement("lock_timeout", "SELECT set_config('lock_timeout', $1, true)")

    /// Ends a writer's connections. A role may end its own.
    static let endWriter = Statement(
        "end_writer",
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = $1 AND datname = current_database() AND usename = current_user
          AND pid <> pg_backend_pid()
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
