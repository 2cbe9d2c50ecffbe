import ChildProcesses
import Foundation
import Glibc
import PostgresClient
import PostgresFixture
import Testing

@Suite("Embedded cluster", .serialized)
struct ClusterTests {
    /// Starts a cluster in a directory of its own, and cleans up after the body.
    private func withCluster(
        path: String = "", _ body: (EmbeddedCluster, Shared<[EmbeddedCluster.Event]>) async throws -> Void
    ) async throws {
        let root = try TemporaryDirectory.make("mjn-cluster")
        let (cluster, events) = Self.cluster(root + path)
        if !path.isEmpty {
            try FileManager.default.createDirectory(atPath: root + path, withIntermediateDirectories: true)
        }
        var failure: (any Error)?
        do {
            try await cluster.start()
            try Guardian.watch(cluster, directory: root)
            try await body(cluster, events)
        } catch {
            failure = error
        }
        await cluster.stop()
        try FileManager.default.removeItem(atPath: root)
        if let failure { throw failure }
    }

    private static func cluster(_ directory: String) -> (EmbeddedCluster, Shared<[EmbeddedCluster.Event]>) {
        let events = Shared<[EmbeddedCluster.Event]>([])
        let cluster = EmbeddedCluster(dataDirectory: directory, settings: ["shared_buffers": "32MB"]) { event in
            events.update { $0.append(event) }
        }
        return (cluster, events)
    }

    private func answer(_ url: String) async throws -> Int64 {
        try await DedicatedThread.run(name: "test") {
            let connection = try PostgresFixture.connect(url)
            defer { connection.close() }
            return try connection.query("SELECT 42::int8").one().int8(0)
        }
    }

    @Test("it starts, answers psql, keeps its data over a stop, and leaves no process behind")
    func lifecycle() async throws {
        let root = try TemporaryDirectory.make("mjn-cluster")
        defer { try? FileManager.default.removeItem(atPath: root) }
        let (first, events) = Self.cluster(root)
        let url = try await first.start()
        try Guardian.watch(first, directory: root)
        let pid = try #require(first.postmasterPID)
        #expect(events.value == [.started(pid: pid, attached: false)])
        try await DedicatedThread.run(name: "test") {
            let connection = try PostgresFixture.connect(url)
            defer { connection.close() }
            try connection.execute("CREATE TABLE kept (a bigint); INSERT INTO kept VALUES (7)")
            for (name, value) in [
                ("data_checksums", "on"), ("fsync", "on"), ("synchronous_commit", "on"), ("listen_addresses", ""),
                ("jit", "off"), ("wal_compression", "pglz"), ("server_encoding", "UTF8"), ("lc_collate", "C.UTF-8"),
            ] {
                let setting = try connection.query("SELECT current_setting($1)", [.text(name)]).one().text(0)
                #expect(setting == value, "\(name)")
            }
        }
        let psql = try ChildProcess.run(["psql", url, "-XAtc", "SELECT a FROM kept"])
        #expect(psql.status == 0 && psql.output == "7\n", "\(psql.errors)")
        await first.stop()
        #expect(kill(pid, 0) == -1)
        #expect(first.postmasterPID == nil)

        let (second, _) = Self.cluster(root)
        let again = try await second.start()
        #expect(again == url)
        try await DedicatedThread.run(name: "test") {
            let connection = try PostgresFixture.connect(again)
            defer { connection.close() }
            let row = try connection.query("SELECT a FROM kept").one()
            #expect(try row.int8(0) == 7)
        }
        await second.stop()
    }

    @Test("a server that is killed is started again, with what was committed")
    func restart() async throws {
        try await withCluster { cluster, events in
            let url = try #require(cluster.databaseURL)
            let pool = PostgresPool(try PostgresConfiguration(databaseURL: url), size: 1, waitTimeoutSeconds: 30)
            try await pool.run { try $0.execute("CREATE TABLE t (a bigint); INSERT INTO t VALUES (1)") }
            let pid = try #require(cluster.postmasterPID)
            kill(pid, SIGKILL)
            let isBack = try await eventually(withinSeconds: 60) {
                events.value.contains { if case .restarted(let next, _) = $0 { next != pid } else { false } }
            }
            #expect(isBack)
            #expect(events.value.contains { if case .died = $0 { true } else { false } })
            let count = try await pool.run { try $0.query("SELECT count(*) FROM t").one().int8(0) }
            #expect(count == 1)
            await pool.close()
        }
    }

    @Test("starters of one directory, all at once, share one server; the last to stop stops it")
    func sharing() async throws {
        let root = try TemporaryDirectory.make("mjn-cluster")
        let clusters = (0..<3).map { _ in Self.cluster(root).0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for cluster in clusters { group.addTask { try await cluster.start() } }
            try await group.waitForAll()
        }
        try Guardian.watch(clusters[0], directory: root)
        let pid = try #require(clusters[0].postmasterPID)
        #expect(clusters.allSatisfy { $0.postmasterPID == pid })
        await clusters[0].stop()
        await clusters[1].stop()
        #expect(kill(pid, 0) == 0)
        let url = try #require(clusters[2].databaseURL)
        #expect(try await answer(url) == 42)
        await clusters[2].stop()
        let isGone = try await eventually { kill(pid, 0) == -1 }
        #expect(isGone)
        try FileManager.default.removeItem(atPath: root)
    }

    @Test("when a shared server is killed, its users agree on one new server")
    func sharedRestart() async throws {
        try await withCluster { first, _ in
            let root = try #require(first.directory.map { URL(filePath: $0).deletingLastPathComponent().path() })
            let (second, _) = Self.cluster(root)
            try await second.start()
            let pid = try #require(first.postmasterPID)
            kill(pid, SIGKILL)
            let agree = try await eventually(withinSeconds: 60) {
                guard let one = first.postmasterPID, let other = second.postmasterPID else { return false }
                return one == other && one != pid
            }
            #expect(agree)
            await second.stop()
            let url = try #require(first.databaseURL)
            #expect(try await answer(url) == 42)
        }
    }

    @Test("a lock file that names a stranger's process does not keep the server from starting")
    func staleFile() async throws {
        let root = try TemporaryDirectory.make("mjn-cluster")
        let (first, _) = Self.cluster(root)
        try await first.start()
        try Guardian.watch(first, directory: root)
        let directory = try #require(first.directory)
        await first.stop()
        let stranger = try ChildProcess(["/bin/sleep", "600"])
        defer { stranger.end() }
        let text = "\(stranger.identifier)\n\(directory)/data\n1700000000\n5432\n\n\n\n"
        try text.write(toFile: directory + "/data/postmaster.pid", atomically: false, encoding: .utf8)
        let (second, _) = Self.cluster(root)
        let url = try await second.start()
        #expect(try await answer(url) == 42)
        #expect(stranger.isRunning)
        await second.stop()
        try FileManager.default.removeItem(atPath: root)
    }

    @Test("a path too long for a socket gets a short private directory instead")
    func longPath() async throws {
        let deep = "/" + String(repeating: "d", count: 60) + "/" + String(repeating: "e", count: 60)
        try await withCluster(path: deep) { cluster, events in
            let url = try #require(cluster.databaseURL)
            #expect(url.utf8.count < 100)
            #expect(try await answer(url) == 42)
            #expect(
                events.value.contains { if case .message(let text) = $0 { text.contains("too long") } else { false } })
            let sockets = try #require(url.split(separator: "host=").last?.prefix { $0 != "&" })
            var information = stat()
            #expect(lstat(String(sockets), &information) == 0)
            #expect(information.st_mode & 0o7777 == 0o700)
            // The server may keep its sockets' names until it stops: its directory goes when the test process does.
            try Guardian.watch(cluster, directory: String(sockets))
        }
    }

    @Test(
        "as root, a directory that the server's account cannot reach is replaced, with a message, for good",
        .enabled(if: geteuid() == 0, "only root runs the server as another account"))
    func unreachable() async throws {
        let root = try TemporaryDirectory.make("mjn-cluster")
        chmod(root, 0o700)
        let (first, events) = Self.cluster(root + "/node")
        try await first.start()
        let directory = try #require(first.directory)
        try Guardian.watch(first, directory: root)
        #expect(directory.hasPrefix("/var/lib/mjn/"))
        #expect(
            events.value.contains { if case .message(let text) = $0 { text.contains("cannot reach") } else { false } })
        await first.stop()
        chmod(root, 0o755)
        let (second, _) = Self.cluster(root + "/node")
        try await second.start()
        #expect(second.directory == directory)
        await second.stop()
        try FileManager.default.removeItem(atPath: root)
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test("a directory that is a file is refused with a code and what to do")
    func unusable() async throws {
        let root = try TemporaryDirectory.make("mjn-cluster")
        defer { try? FileManager.default.removeItem(atPath: root) }
        try "x".write(toFile: root + "/postgres", atomically: false, encoding: .utf8)
        let (cluster, _) = Self.cluster(root)
        let error = await #expect(throws: ClusterError.self) { try await cluster.start() }
        #expect(error?.code == .directoryUnusable)
        await cluster.stop()
    }
}
