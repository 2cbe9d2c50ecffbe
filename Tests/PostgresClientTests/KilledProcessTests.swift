import ChildProcesses
import Foundation
import Glibc
import PostgresClient
import PostgresFixture
import Testing

/// What becomes of a server whose process was killed. A second run of this test program plays that process.
@Suite("A killed process")
struct KilledProcessTests {
    private static let variable = "MJN_TEST_CLUSTER_TO_HOLD"

    @Test("its server serves the next process, which stops it in the end")
    func takeover() async throws {
        let root = try TemporaryDirectory.make("mjn-killed")
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let holder = try ChildProcess(
            [program, "--testing-library", "swift-testing", "--filter", "KilledProcessTests/holdsACluster"],
            environment: ProcessInfo.processInfo.environment.merging([Self.variable: root]) { _, new in new })
        let isReady = try await eventually(withinSeconds: 120) {
            FileManager.default.fileExists(atPath: root + "/ready") || !holder.isRunning
        }
        #expect(isReady && holder.isRunning)
        holder.signal(SIGKILL)
        #expect(holder.waitForEnd() == 128 + SIGKILL)
        let pid = try #require(Int32(try String(contentsOfFile: root + "/ready", encoding: .utf8)))
        #expect(kill(pid, 0) == 0)

        let next = EmbeddedCluster(dataDirectory: root)
        let url = try await next.start()
        #expect(next.postmasterPID == pid)
        let value = try await DedicatedThread.run(name: "test") {
            let connection = try PostgresFixture.connect(url)
            defer { connection.close() }
            return try connection.query("SELECT a FROM t").one().int8(0)
        }
        #expect(value == 7)
        await next.stop()
        let isGone = try await eventually { kill(pid, 0) == -1 }
        #expect(isGone)
        try FileManager.default.removeItem(atPath: root)
    }

    @Test(
        "the part of the process that is killed",
        .enabled(if: getenv(KilledProcessTests.variable) != nil, "runs only inside the test above"))
    func holdsACluster() async throws {
        let root = try #require(ProcessInfo.processInfo.environment[Self.variable])
        let cluster = EmbeddedCluster(dataDirectory: root, settings: ["shared_buffers": "32MB"])
        let url = try await cluster.start()
        try await DedicatedThread.run(name: "test") {
            let connection = try PostgresFixture.connect(url)
            try connection.execute("CREATE TABLE t (a bigint); INSERT INTO t VALUES (7)")
        }
        let pid = try #require(cluster.postmasterPID)
        try "\(pid)".write(toFile: root + "/ready", atomically: true, encoding: .utf8)
        // Bounded, so that it ends although nobody kills it.
        _ = try await eventually(withinSeconds: 120) { false }
        await cluster.stop()
    }
}
