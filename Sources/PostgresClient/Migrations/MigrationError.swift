/// Why a schema could not be brought up to date. Nothing of the failed migration remains; earlier ones stay applied.
public struct MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable {
        /// An applied migration's text or name is not the one that this program has.
        case historyEdited = "migration_history_edited"
        /// The database lacks a migration before its newest.
        case numberMissing = "migration_number_missing"
        /// The database has migrations that this program does not know.
        case databaseNewer = "migration_database_newer"
        /// The program's own list is not 1, 2, 3, …, or the schema's name is none.
        case listInvalid = "migration_list_invalid"
        /// Another process migrates, or holds the tables, for too long.
        case locked = "migration_locked"
        /// The migration's SQL was refused.
        case failed = "migration_failed"
    }

    /// The stable code.
    public let code: Code
    /// What happened.
    public let message: String
    /// What to do about it.
    public let fix: String

    /// Code, message and fix on one line.
    public var description: String { "\(code.rawValue): \(message) (\(fix))" }
}
