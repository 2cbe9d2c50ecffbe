/// One step of a schema's history: append-only, never edited once it was applied anywhere.
public struct Migration: Sendable, Hashable {
    /// Its place in the history: 1, 2, 3, … without gaps.
    public let number: Int
    /// What it does, as `verb-noun`.
    public let name: String
    /// Its statements. They run in one transaction, so none may be one that Postgres refuses there.
    public let sql: String

    /// Makes a migration.
    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// Makes a migration from the name and the bytes of its file, `NNN-verb-noun.sql`; nil for another form of name.
    public init?(file: String, bytes: [UInt8]) {
        guard file.hasSuffix(".sql") else { return nil }
        let parts = file.dropLast(4).split(separator: "-", maxSplits: 1)
        guard parts.count == 2, parts[0].count == 3, let number = Int(parts[0]) else { return nil }
        self.init(number: number, name: String(parts[1]), sql: String(decoding: bytes, as: UTF8.self))
    }

    /// The name of its file.
    public var file: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "-" + name + ".sql"
    }
}

/// Where a migration stands in a database.
public struct MigrationStatus: Sendable, Equatable {
    /// Whether it was applied.
    public enum State: Sendable, Equatable {
        /// Applied, at microseconds since 1970-01-01T00:00Z.
        case applied(unixMicroseconds: Int64)
        /// Not applied yet.
        case pending
        /// Applied with another text than this program has.
        case edited(unixMicroseconds: Int64)
        /// Applied by a newer program; this one does not know it.
        case unknown(unixMicroseconds: Int64)
    }

    /// Its number.
    public let number: Int
    /// Its name.
    public let name: String
    /// Where it stands.
    public let state: State
}
