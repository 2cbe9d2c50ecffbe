public import PostgresClient

/// The history of the registry's schema: the `.sql` files of this folder, embedded into the program.
public enum RegistryMigrations {
    /// The schema that they make.
    public static let schema = "registry"

    /// The migrations, in the order of their numbers.
    public static let all: [Migration] = [
        ("001-create-relay-and-log.sql", PackageResources._01_create_relay_and_log_sql),
        ("002-create-chains.sql", PackageResources._02_create_chains_sql),
        ("003-create-credentials-and-blobs.sql", PackageResources._03_create_credentials_and_blobs_sql),
        ("004-create-mailbox-and-peers.sql", PackageResources._04_create_mailbox_and_peers_sql),
        ("005-create-index-functions.sql", PackageResources._05_create_index_functions_sql),
        ("006-create-bindings.sql", PackageResources._06_create_bindings_sql),
        ("007-create-blob-places.sql", PackageResources._07_create_blob_places_sql),
        ("008-create-identity-keys.sql", PackageResources._08_create_identity_keys_sql),
    ].compactMap { file, bytes in Migration(file: file, bytes: bytes) }
}
