import Glibc

/// The server's configuration files.
enum ClusterSettings {
    /// The role that owns the database, and the database.
    static let role = "mjn"

    /// Chosen for a ledger on a small machine: durable, on one disk, with many small commits.
    private static let tuned: [(String, String)] = [
        ("listen_addresses", "''"),
        ("port", "\(ClusterPlaces.port)"),
        ("unix_socket_permissions", "0700"),
        ("max_connections", "60"),
        ("shared_buffers", "'\(sharedBuffersMB())MB'"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("wal_compression", "on"),
        ("max_wal_size", "'4GB'"),
        ("checkpoint_timeout", "'15min'"),
        ("checkpoint_completion_target", "0.9"),
        ("jit", "off"),
        // Ledger tables only grow: by default they would be vacuumed when a fifth has changed, far too late.
        ("autovacuum_naptime", "'20s'"),
        ("autovacuum_vacuum_scale_factor", "0.05"),
        ("autovacuum_analyze_scale_factor", "0.05"),
        ("autovacuum_vacuum_insert_scale_factor", "0.05"),
        ("autovacuum_vacuum_cost_limit", "2000"),
        ("timezone", "'UTC'"),
        ("log_timezone", "'UTC'"),
        ("lc_messages", "'C'"),
        ("log_line_prefix", "'%m [%p] '"),
        // Details and parameters quote rows; they do not belong into a log.
        ("log_error_verbosity", "terse"),
        ("log_parameter_max_length", "0"),
        ("log_parameter_max_length_on_error", "0"),
        ("log_min_error_statement", "panic"),
    ]

    /// An eighth of the machine's memory: the journal grows at some 4 KB a settlement, and a page that was written out
    /// before its time is written twice. Above 1 GB nothing more was gained here.
    static func sharedBuffersMB(
        physicalBytes: Int = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    ) -> Int {
        min(max(physicalBytes / 8 / (1 << 20), 128), 1024)
    }

    /// The text of `postgresql.conf`; later lines win, so the caller's settings stand behind ours.
    static func server(_ places: ClusterPlaces, _ settings: [String: String]) -> String {
        var lines = ["# Written at every start. Put your own settings into local.conf, beside this file."]
        lines += tuned.map { "\($0) = \($1)" }
        lines.append("unix_socket_directories = \(quoted(places.sockets))")
        lines.append("hba_file = \(quoted(places.directory + "/pg_hba.conf"))")
        lines.append("ident_file = \(quoted(places.directory + "/pg_ident.conf"))")
        lines += settings.sorted { $0.key < $1.key }.map { "\($0.key) = \(quoted($0.value))" }
        lines.append("include_if_exists = \(quoted(places.directory + "/local.conf"))")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Only through the socket, and only accounts of the system that the map names.
    static let authentication = """
        local all         all peer map=mjn
        local replication all peer map=mjn

        """

    /// Who may connect as the role: the server's account, and root.
    static func identities(_ account: ServerAccount) -> String {
        Set([account.userName, "root"]).sorted().map { "mjn \($0) \(role)\n" }.joined()
    }

    /// A value in the syntax of the configuration file.
    private static func quoted(_ value: String) -> String {
        let escaped = value.flatMap { character -> [Character] in
            switch character {
            case "'": ["'", "'"]
            case "\\": ["\\", "\\"]
            default: [character]
            }
        }
        return "'" + String(escaped) + "'"
    }

    /// The connection string for a database of the cluster, for libpq and psql.
    static func databaseURL(_ places: ClusterPlaces, database: String) -> String {
        let host = places.sockets.utf8.map { byte -> String in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x2f, 0x5f: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
        return "postgresql:///\(database)?host=\(host)&port=\(ClusterPlaces.port)&user=\(role)"
    }
}
