/// A type of Postgres that this client writes or reads in binary form.
///
/// Source: the catalog `pg_type`; the numbers of built-in types never change.
public struct PostgresType: Sendable, Hashable {
    /// The type's object identifier.
    public let oid: UInt32
    /// The identifier of the array type over it, zero where this client has no use for one.
    let arrayOID: UInt32

    /// `boolean`.
    public static let bool = PostgresType(oid: 16, arrayOID: 1000)
    /// `bytea`.
    public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    /// `bigint`.
    public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    /// `smallint`.
    public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
    /// `integer`.
    public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
    /// `text`.
    public static let text = PostgresType(oid: 25, arrayOID: 1009)
    /// `jsonb`.
    public static let jsonb = PostgresType(oid: 3802, arrayOID: 0)
    /// `date`.
    public static let date = PostgresType(oid: 1082, arrayOID: 1182)
    /// `timestamp with time zone`.
    public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
    /// `numeric`, read only.
    public static let numeric = PostgresType(oid: 1700, arrayOID: 0)

    /// Types whose binary form is the text itself: "char", name, text, json, xml, bpchar, varchar, unknown.
    static let textual: Set<UInt32> = [18, 19, 25, 114, 142, 1042, 1043, 705]
}

/// Midnight of 2000-01-01 UTC, from which Postgres counts.
enum PostgresEpoch {
    static let unixMicroseconds: Int64 = 946_684_800_000_000
    static let unixDays: Int32 = 10_957
}
