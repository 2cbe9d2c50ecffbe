import PostgresClient
import PostgresFixture
import Testing

@Suite("Pipeline")
struct PipelineTests {
    private static let insert = Statement("insert_t", "INSERT INTO t VALUES ($1) RETURNING a")
    private static let count = Statement("count_t", "SELECT count(*) FROM t")

    @Test("its statements are answered in order and committed together")
    func commits() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint PRIMARY KEY)")
            var reused = Parameters()
            for round in 0..<2 {
                let results = try connection.pipeline { pipe in
                    for number in 1...3 {
                        reused.reset()
                        reused.int8(Int64(round * 10 + number))
                        try pipe.send(Self.insert, reused)
                    }
                    try pipe.send(Self.count)
                    try pipe.send("SELECT $1", [.text("loose")])
                }
                #expect(results.count == 5)
                #expect(try results[1].one().int8(0) == Int64(round * 10 + 2))
                #expect(try results[3].one().int8(0) == Int64(3 * (round + 1)))
                #expect(try results[4].one().text(0) == "loose")
            }
            let known = try connection.query("SELECT count(*) FROM pg_prepared_statements").one()
            #expect(try known.int8(0) == 2)
        }
    }

    @Test("a duplicate in it undoes all of it, names its statement, and leaves the connection usable")
    func atomicity() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint PRIMARY KEY); INSERT INTO t VALUES (3)")
            let error = postgresError {
                try connection.pipeline { pipe in
                    try pipe.send(Self.insert, [.int8(1)])
                    try pipe.send(Self.insert, [.int8(2)])
                    try pipe.send(Self.insert, [.int8(3)])
                    try pipe.send(Self.insert, [.int8(4)])
                }
            }
            #expect(error?.sqlState == SQLState.uniqueViolation)
            #expect(error?.statement == "insert_t")
            #expect(error?.outcomeUnknown == false)
            let results = try connection.pipeline { try $0.send(Self.count) }
            #expect(try results[0].one().int8(0) == 1)
        }
    }

    @Test("a body that throws undoes what it had sent, and the connection stays usable")
    func throwingBody() async throws {
        struct Stop: Error {}
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint PRIMARY KEY)")
            let stop1 = thrownError {
                try connection.pipeline { pipe in
                    try pipe.send(Self.insert, [.int8(1)])
                    throw Stop()
                }
            }
            #expect(stop1 is Stop)
            let stop2 = thrownError { try connection.pipeline { _ in throw Stop() } }
            #expect(stop2 is Stop)
            let after = try connection.query(Self.count).one().int8(0)
            #expect(after == 0)
            let wrong = postgresError {
                try connection.pipeline { pipe in
                    try pipe.send(Self.insert, [.int8(1)])
                    try pipe.send(Self.insert, [.timestamp(unixMicroseconds: .min + 1)])
                }
            }
            #expect(wrong?.kind == .parameter)
            #expect(try connection.query(Self.count).one().int8(0) == 0)
        }
    }

    @Test("a constraint that fails at its commit is a definite failure")
    func failureAtCommit() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let error = postgresError {
                try connection.pipeline { pipe in
                    try pipe.send(Self.insert, [.int8(1)])
                    try pipe.send(Self.insert, [.int8(1)])
                }
            }
            #expect(error?.sqlState == SQLState.uniqueViolation)
            #expect(error?.outcomeUnknown == false)
            #expect(try connection.query(Self.count).one().int8(0) == 0)
        }
    }

    @Test("inside a transaction it becomes part of that transaction")
    func insideTransaction() async throws {
        struct Stop: Error {}
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint PRIMARY KEY)")
            let stop3 = thrownError {
                try connection.transaction { connection in
                    try connection.pipeline { try $0.send(Self.insert, [.int8(1)]) }
                    throw Stop()
                }
            }
            #expect(stop3 is Stop)
            try connection.transaction { connection in
                try connection.pipeline { try $0.send(Self.insert, [.int8(2)]) }
            }
            #expect(try connection.query(Self.count).one().int8(0) == 1)
        }
    }

    @Test("large parameters in both directions do not block each other")
    func largeTraffic() async throws {
        try await withDatabase { connection in
            let echo = Statement("echo", "SELECT $1")
            let piece = [UInt8](repeating: 0x5a, count: 1 << 20)
            let results = try connection.pipeline { pipe in
                for _ in 0..<40 { try pipe.send(echo, [.bytea(piece)]) }
            }
            #expect(results.count == 40)
            #expect(try results.allSatisfy { try $0.one().bytea(0) == piece })
        }
    }

    @Test("while it is open the connection takes no other call")
    func noOtherCalls() async throws {
        try await withDatabase { connection in
            var inner: PostgresError?
            try connection.pipeline { pipe in
                inner = postgresError { try connection.query("SELECT 1") }
                try pipe.send("SELECT 1")
            }
            #expect(inner?.kind == .misuse)
            let empty = try connection.pipeline { _ in }
            #expect(empty.isEmpty)
        }
    }
}
