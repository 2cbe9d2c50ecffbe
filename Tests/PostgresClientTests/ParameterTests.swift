import Glibc
import PostgresClient
import Testing

@Suite("Parameters and results")
struct ParameterTests {
    @Test("every scalar type comes back as it was sent, at its extremes and as NULL")
    func scalars() async throws {
        try await withDatabase { connection in
            var sent = Parameters()
            sent.int8(.min)
            sent.int8(.max)
            sent.int4(.min)
            sent.int2(.max)
            sent.bool(true)
            sent.text("naïve ☂ \"'\\")
            sent.bytea([0, 255, 7])
            sent.jsonb(#"{"a": [1, 2]}"#)
            sent.timestamp(unixMicroseconds: -1)
            sent.date(unixDays: 20_000)
            sent.text("")
            sent.bytea([])
            let row = try connection.query("SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12", sent).one()
            #expect(try row.int8(0) == .min)
            #expect(try row.int8(1) == .max)
            #expect(try row.int4(2) == .min)
            #expect(try row.int2(3) == .max)
            #expect(try row.bool(4))
            #expect(try row.text(5) == "naïve ☂ \"'\\")
            #expect(try row.bytea(6) == [0, 255, 7])
            #expect(try row.text(7) == #"{"a": [1, 2]}"#)
            #expect(try row.unixMicroseconds(8) == -1)
            #expect(try row.unixMilliseconds(8) == -1)
            #expect(try row.unixDays(9) == 20_000)
            #expect(try row.text(10) == "")
            #expect(try row.bytea(11) == [])
            let nulls: [Parameter] = [
                .int8(nil), .int4(nil), .int2(nil), .bool(nil), .text(nil), .bytea(nil), .jsonb(nil),
                .timestamp(unixMicroseconds: nil), .date(unixDays: nil),
            ]
            let empty = try connection.query("SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9", nulls).one()
            #expect((0..<9).allSatisfy { empty.isNull($0) })
            #expect(try empty.int8OrNil(0) == nil)
            #expect(try empty.textOrNil(4) == nil)
            #expect(try empty.unixDaysOrNil(8) == nil)
        }
    }

    @Test("dates and times agree with the server's own reading of them")
    func times() async throws {
        try await withDatabase { connection in
            let row = try connection.query(
                "SELECT '2026-03-31T12:00:00.123456Z'::timestamptz, '2026-03-31'::date, $1::text, $2::text,"
                    + " '-infinity'::timestamptz, $3::text",
                [
                    .timestamp(unixMicroseconds: 1_774_958_400_123_456), .date(unixDays: 20_543),
                    .timestamp(unixMicroseconds: .max),
                ]
            ).one()
            #expect(try row.unixMicroseconds(0) == 1_774_958_400_123_456)
            #expect(try row.unixMilliseconds(0) == 1_774_958_400_123)
            #expect(try row.unixDays(1) == 20_543)
            #expect(try row.text(2).hasPrefix("2026-03-31 12:00:00.123456"))
            #expect(try row.text(3) == "2026-03-31")
            #expect(try row.unixMilliseconds(4) == .min)
            #expect(try row.text(5) == "infinity")
        }
    }

    @Test("arrays keep their NULLs, and empty arrays stay empty")
    func arrays() async throws {
        try await withDatabase { connection in
            var sent = Parameters()
            sent.texts(["a", nil, ""])
            sent.byteas([nil, [1, 2], []])
            sent.int8s([Int64?.some(5), nil])
            sent.bools([true, false])
            sent.int8s([Int64]())
            sent.byteas(contiguous: [1, 2, 3, 4], width: 2)
            sent.int4s([.min, 3])
            sent.int2s([-2])
            sent.timestamps(unixMicroseconds: [0])
            let row = try connection.query(
                """
                SELECT array_to_string($1, ',', 'NULL'), $2::text, array_to_string($3, ',', 'NULL'), $4::text,
                       $5, $6, $7, $8::text, ($9::timestamptz[])[1]
                """, sent
            ).one()
            #expect(try row.text(0) == "a,NULL,")
            #expect(try row.text(1) == #"{NULL,"\\x0102","\\x"}"#)
            #expect(try row.text(2) == "5,NULL")
            #expect(try row.text(3) == "{t,f}")
            #expect(try row.int8s(4) == [])
            #expect(try row.byteas(5) == [[1, 2], [3, 4]])
            #expect(try row.int4s(6) == [.min, 3])
            #expect(try row.text(7) == "{-2}")
            #expect(try row.unixMicroseconds(8) == 0)
        }
    }

    @Test("a hundred thousand rows go in through arrays in one statement")
    func manyRows() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint, b text, c bytea, d integer)")
            let count = 100_000
            var sent = Parameters()
            sent.int8s((0..<count).map(Int64.init))
            sent.texts((0..<count).map { "row \($0)" })
            sent.byteas((0..<count).map { [UInt8(truncatingIfNeeded: $0)] })
            sent.int4s((0..<count).map(Int32.init))
            let insert = Statement(
                "insert_t", "INSERT INTO t SELECT * FROM unnest($1::int8[], $2::text[], $3::bytea[], $4::int4[])")
            #expect(try connection.query(insert, sent).affected == count)
            let row = try connection.query(
                "SELECT count(*), sum(a), count(*) FILTER (WHERE b = 'row ' || a AND d = a) FROM t"
            ).one()
            #expect(try row.int8(0) == Int64(count))
            #expect(try row.int128(1) == Int128(count) * Int128(count - 1) / 2)
            #expect(try row.int8(2) == Int64(count))
        }
    }

    @Test(
        "integral numerics come back as 128-bit integers",
        arguments: [
            "0", "1", "-1", "9999", "10000", "-10000", "120000", "9223372036854775808",
            "170141183460469231731687303715884105727", "-170141183460469231731687303715884105728",
            "5000000000000000000",
        ])
    func numerics(text: String) async throws {
        try await withDatabase { connection in
            let row = try connection.query("SELECT $1::text::numeric, $1::text::numeric(50, 4)", [.text(text)]).one()
            #expect(try row.int128(0) == Int128(text))
            #expect(try row.int128(1) == Int128(text))
        }
    }

    @Test("a numeric that is no 128-bit integer is refused", arguments: ["0.5", "NaN", "1e39", "Infinity", "-1e50"])
    func badNumerics(text: String) async throws {
        try await withDatabase { connection in
            let row = try connection.query("SELECT $1::text::numeric", [.text(text)]).one()
            #expect(postgresError { _ = try row.int128(0) }?.kind == .decoding)
        }
    }

    @Test("a reader of the wrong type, a NULL and a missing column are errors, not values")
    func mismatches() async throws {
        try await withDatabase { connection in
            let row = try connection.query("SELECT 1::int8, 'x'::text, NULL::int8, now()::timestamp").one()
            #expect(postgresError { _ = try row.int4(0) }?.kind == .decoding)
            #expect(postgresError { _ = try row.text(0) }?.kind == .decoding)
            #expect(postgresError { _ = try row.int8(1) }?.kind == .decoding)
            #expect(postgresError { _ = try row.int8(2) }?.kind == .decoding)
            #expect(postgresError { _ = try row.unixMicroseconds(3) }?.kind == .decoding)
            #expect(postgresError { _ = try row.int8(4) }?.kind == .decoding)
            #expect(postgresError { _ = try row.int8(-1) }?.kind == .decoding)
            #expect(!row.isNull(-1))
        }
    }

    @Test("a value that cannot be represented fails its statement and does not trap")
    func unrepresentable() async throws {
        try await withDatabase { connection in
            let far: [Parameter] = [.timestamp(unixMicroseconds: .min + 1)]
            #expect(postgresError { try connection.query("SELECT $1", far) }?.kind == .parameter)
            var late = Parameters()
            late.timestamp(unixMilliseconds: .max - 1)
            #expect(postgresError { try connection.query("SELECT $1", late) }?.kind == .parameter)
            var odd = Parameters()
            odd.byteas(contiguous: [1, 2, 3], width: 2)
            #expect(postgresError { try connection.query("SELECT $1", odd) }?.kind == .parameter)
            let zero = postgresError { try connection.query("SELECT $1", [.text("a\0b")]) }
            #expect(zero?.sqlState == "22021")
            odd.reset()
            odd.int8(1)
            let row = try connection.query("SELECT $1", odd).one()
            #expect(try row.int8(0) == 1)
        }
    }
}
