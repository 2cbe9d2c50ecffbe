/// A statement that each connection prepares once, at its first use, under its name.
///
/// A name stands for one text, and is always bound with the same parameter types.
public struct Statement: Sendable, Hashable {
    /// The name, as errors and `pg_stat_activity` show it.
    public let name: String
    /// The text, with `$1`, `$2`, … for the parameters.
    public let sql: String

    /// Makes a statement.
    public init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}
