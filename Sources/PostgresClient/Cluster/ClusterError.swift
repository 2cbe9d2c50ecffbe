/// Why the embedded Postgres could not be started.
public struct ClusterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable {
        /// No Postgres server is installed.
        case binariesMissing = "postgres_binaries_missing"
        /// We are root, and there is no account that Postgres could run as.
        case accountMissing = "postgres_account_missing"
        /// A directory cannot be made, written or trusted.
        case directoryUnusable = "postgres_directory_unusable"
        /// `initdb` failed.
        case initialisationFailed = "postgres_initialisation_failed"
        /// The server ended while starting.
        case startFailed = "postgres_start_failed"
        /// The server did not become ready in time.
        case startTimedOut = "postgres_start_timed_out"
        /// The cluster was made by another major version.
        case versionMismatch = "postgres_version_mismatch"
    }

    /// The stable code.
    public let code: Code
    /// What happened.
    public let message: String
    /// What to do about it.
    public let fix: String

    init(_ code: Code, _ message: String, fix: String) {
        self.code = code
        self.message = message
        self.fix = fix
    }

    /// Code, message and fix on one line.
    public var description: String { "\(code.rawValue): \(message) (\(fix))" }
}
