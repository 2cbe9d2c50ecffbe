/// One parameter as a value, for statements off the hot path: `[.int8(7), .text(name)]`.
public enum Parameter: Sendable {
    /// A `bigint`, or NULL.
    case int8(Int64?)
    /// An `integer`, or NULL.
    case int4(Int32?)
    /// A `smallint`, or NULL.
    case int2(Int16?)
    /// A `boolean`, or NULL.
    case bool(Bool?)
    /// A `text`, or NULL.
    case text(String?)
    /// A `bytea`, or NULL.
    case bytea([UInt8]?)
    /// A `jsonb` given as JSON text, or NULL.
    case jsonb(String?)
    /// A `timestamptz` in microseconds since 1970-01-01T00:00Z, or NULL.
    case timestamp(unixMicroseconds: Int64?)
    /// A `date` in days since 1970-01-01, or NULL.
    case date(unixDays: Int32?)
    /// A `bigint[]`.
    case int8s([Int64])
    /// An `integer[]`.
    case int4s([Int32])
    /// A `smallint[]`.
    case int2s([Int16])
    /// A `boolean[]`.
    case bools([Bool])
    /// A `text[]`.
    case texts([String])
    /// A `text[]` with NULLs.
    case optionalTexts([String?])
    /// A `bytea[]`.
    case byteas([[UInt8]])
    /// A `bytea[]` with NULLs.
    case optionalByteas([[UInt8]?])
    /// A NULL of a type.
    case null(PostgresType)
}

extension Parameters {
    /// Appends a value.
    public mutating func append(_ parameter: Parameter) {
        switch parameter {
        case .int8(let value): int8(value)
        case .int4(let value): int4(value)
        case .int2(let value): int2(value)
        case .bool(let value): bool(value)
        case .text(let value): text(value)
        case .bytea(let value): bytea(value)
        case .jsonb(let value): jsonb(value)
        case .timestamp(let value): timestamp(unixMicroseconds: value)
        case .date(let value): date(unixDays: value)
        case .int8s(let values): int8s(values)
        case .int4s(let values): int4s(values)
        case .int2s(let values): int2s(values)
        case .bools(let values): bools(values)
        case .texts(let values): texts(values)
        case .optionalTexts(let values): texts(values)
        case .byteas(let values): byteas(values)
        case .optionalByteas(let values): byteas(values)
        case .null(let type): null(type)
        }
    }
}
