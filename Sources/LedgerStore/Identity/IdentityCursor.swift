import PostgresClient

/// Where reading a relay's log stands.
public struct IdentityCursor: Hashable, Sendable {
    /// Which relay.
    public let relay: String
    /// The last entry that was taken; empty at the beginning.
    public let cursor: String
    /// Its number, as this node counts.
    public let position: Int64
    /// Identity operations met since the log is being read again from its beginning; nil at other times.
    public let reread: Int64?
    /// When the log was last known to be read to its end, milliseconds since 1970; 0 when it never was.
    public let syncedAtMs: Int64

    init(_ row: Row) throws {
        relay = try row.text(0)
        cursor = try row.text(1)
        position = try row.int8(2)
        reread = try row.int8OrNil(3)
        syncedAtMs = try row.int8(4)
    }
}
