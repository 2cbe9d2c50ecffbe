public import PostgresClient

/// The history of the ledger's schema: the `.sql` files of this folder, embedded into the program.
///
/// To add one, put `NNN-verb-noun.sql` here, add `.embedInCode("NNN-verb-noun.sql")` to the target's resources, and a
/// line below. The build names the bytes after the file, with `_` for its first character and for every hyphen and
/// dot: `001-create-books.sql` is `PackageResources._01_create_books_sql`. A test holds the list against the folder.
public enum LedgerMigrations {
    /// The schema that they make.
    public static let schema = "pay"

    /// The migrations, in the order of their numbers.
    public static let all: [Migration] = [
        ("001-create-book-and-journal.sql", PackageResources._01_create_book_and_journal_sql),
        ("002-create-settlements.sql", PackageResources._02_create_settlements_sql),
        ("003-create-outbox-and-intents.sql", PackageResources._03_create_outbox_and_intents_sql),
        ("004-create-operations.sql", PackageResources._04_create_operations_sql),
        ("005-create-identities.sql", PackageResources._05_create_identities_sql),
        ("006-create-lifecycles.sql", PackageResources._06_create_lifecycles_sql),
        ("007-create-inbox.sql", PackageResources._07_create_inbox_sql),
        ("008-create-webhook-deliveries.sql", PackageResources._08_create_webhook_deliveries_sql),
        ("009-complete-identities.sql", PackageResources._09_complete_identities_sql),
        ("010-create-rail-accounts.sql", PackageResources._10_create_rail_accounts_sql),
        ("011-pace-webhook-endpoints.sql", PackageResources._11_pace_webhook_endpoints_sql),
        ("012-retry-failed-webhooks.sql", PackageResources._12_retry_failed_webhooks_sql),
        ("013-create-rail-positions-and-tokens.sql", PackageResources._13_create_rail_positions_and_tokens_sql),
        ("014-follow-rail-openings.sql", PackageResources._14_follow_rail_openings_sql),
        ("015-create-rail-nonces.sql", PackageResources._15_create_rail_nonces_sql),
        ("016-index-instant-payees.sql", PackageResources._16_index_instant_payees_sql),
        ("017-index-escrow-parties.sql", PackageResources._17_index_escrow_parties_sql),
    ].compactMap { file, bytes in Migration(file: file, bytes: bytes) }
}
