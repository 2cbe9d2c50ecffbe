import Glibc
import PostgresClient
import PostgresFixture
import Testing

@Suite("Streaming and COPY")
struct StreamingTests {
    @Test("a million rows stream through in bounded memory")
    func boundedMemory() async throws {
        try await withDatabase { connection in
            let before = Self.residentBytes()
            var sum: Int64 = 0
            var peak = 0
            let count = try connection.stream(
                "SELECT n, repeat('x', 100) FROM generate_series(1::int8, 1000000) AS n"
            ) { row in
                sum += try row.int8(0)
                if sum % 1000 == 0 { peak = max(peak, Self.residentBytes()) }
            }
            #expect(count == 1_000_000)
            #expect(sum == 500_000_500_000)
            // The whole result would be above 100 MB; other tests in this process allocate a little meanwhile.
            #expect(peak - before < 64 << 20, "grew by \(peak - before) bytes")
        }
    }

    @Test("a body that throws stops the stream, and the connection stays usable")
    func stoppedStream() async throws {
        struct Stop: Error {}
        try await withDatabase { connection in
            var seen = 0
            let stop1 = thrownError {
                try connection.stream("SELECT generate_series(1, 100000000)") { _ in
                    seen += 1
                    if seen == 10 { throw Stop() }
                }
            }
            #expect(stop1 is Stop)
            #expect(seen == 10)
            #expect(answers(connection))
        }
    }

    @Test("a stream that fails half-way throws, and the connection stays usable")
    func failingStream() async throws {
        try await withDatabase { connection in
            let error = postgresError {
                try connection.stream("SELECT 1 / (500 - n) FROM generate_series(1, 1000) AS n") { _ in }
            }
            #expect(error?.sqlState == "22012")
            let prepared = Statement("numbers", "SELECT n FROM generate_series(1::int8, $1) AS n")
            var numbers: [Int64] = []
            try connection.stream(prepared, [.int8(3)]) { numbers.append(try $0.int8(0)) }
            #expect(numbers == [1, 2, 3])
        }
    }

    @Test("COPY takes data in and gives it out again")
    func copies() async throws {
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint, b text)")
            var next = 0
            let count = try connection.copyIn("COPY t FROM STDIN") {
                guard next < 100_000 else { return nil }
                defer { next += 1000 }
                return Array((next..<next + 1000).map { "\($0)\trow \($0)\n" }.joined().utf8)
            }
            #expect(count == 100_000)
            var lines = 0
            var bytes = 0
            try connection.copyOut("COPY (SELECT * FROM t ORDER BY a) TO STDOUT") { line in
                lines += 1
                bytes += line.count
            }
            #expect(lines == 100_000)
            #expect(bytes == (0..<100_000).reduce(0) { $0 + "\($1)\trow \($1)\n".utf8.count })
        }
    }

    @Test("a COPY that fails on either side keeps no row, and the connection stays usable")
    func failingCopies() async throws {
        struct Stop: Error {}
        try await withDatabase { connection in
            try connection.execute("CREATE TABLE t (a bigint)")
            var isFirst = true
            let stop2 = thrownError {
                try connection.copyIn("COPY t FROM STDIN") {
                    guard isFirst else { throw Stop() }
                    isFirst = false
                    return Array("1\n".utf8)
                }
            }
            #expect(stop2 is Stop)
            var pieces = [Array("1\n".utf8), Array("canary\n".utf8)]
            let error = postgresError {
                try connection.copyIn("COPY t FROM STDIN") { pieces.isEmpty ? nil : pieces.removeFirst() }
            }
            #expect(error?.sqlState == "22P02")
            #expect(error?.description.contains("canary") == false)
            let stop3 = thrownError {
                try connection.copyOut("COPY (SELECT generate_series(1, 10000000)) TO STDOUT") { _ in throw Stop() }
            }
            #expect(stop3 is Stop)
            let misused = postgresError { try connection.copyIn("COPY nothing FROM STDIN") { nil } }
            #expect(misused?.sqlState == "42P01")
            #expect(try connection.query("SELECT count(*) FROM t").one().int8(0) == 0)
        }
    }

    /// Source: proc(5), the second field of `/proc/self/statm`, in pages.
    private static func residentBytes() -> Int {
        let file = open("/proc/self/statm", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        let fields = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}
