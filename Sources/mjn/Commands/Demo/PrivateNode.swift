import ChildProcesses
import Cryptography
import Foundation
import PostgresClient
import Service
import Synchronization

/// A node for the time of one command: a process of this program, with its data in a temporary folder.
final class PrivateNode: Sendable {
    let dataDirectory: String
    private let server: ChildServer
    /// Kept for as long as the node, and never touched again: Dispatch's objects are thread-safe, if not marked so.
    private nonisolated(unsafe) let signals: [any DispatchSourceSignal]

    /// Ports are tried from this offset on, away from those of a node that may be started meanwhile.
    private static let offsets = 20_000..<40_000
    /// Set by Ctrl-C and SIGTERM.
    private static let stoppedBy = Atomic<Int32>(0)
    /// Until it serves, the node is left to finish its start: half a start leaves half a Postgres behind.
    private static let isServing = Atomic<Bool>(false)
    /// A first start makes a cluster and runs every migration.
    private static let readySecondsMax = 120.0
    /// Tries, five a second: programs that were told to end take a moment.
    private static let removalsMax = 50

    private var log: String { dataDirectory + "/node.log" }

    private init(dataDirectory: String, server: ChildServer, signals: [any DispatchSourceSignal]) {
        self.dataDirectory = dataDirectory
        self.server = server
        self.signals = signals
    }

    /// Starts the process.
    static func start() throws -> PrivateNode {
        // The private Postgres is wanted, also where another database is named.
        unsetenv("DATABASE_URL")
        let name = "mjn-demo-" + Hex.encode(RandomBytes.generate(6))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        // Others may pass through, and read nothing: as root, Postgres runs as an account of its own below.
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o711])
        let log = folder + "/node.log"
        let messages = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(messages) }
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let server = try ChildServer(
            [program, "up", "--json", "--data-dir", folder, "--port-offset", "\(try freeOffset())"],
            errors: messages < 0 ? nil : messages)
        return PrivateNode(dataDirectory: folder, server: server, signals: interruptions(server.process))
    }

    /// Waits until it serves.
    /// - Returns: the address of its pay service.
    func ready() async throws -> String {
        let (server, log) = (server, log)
        let line = try? await DedicatedThread.run(name: "demo-ready") {
            try server.firstLine(withinSeconds: Self.readySecondsMax)
        }
        guard let line, let document = try? JSONDocument(parsing: line),
            let address = document.root["services"]?["pay"]?.string
        else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            let last = text.split(separator: "\n").suffix(5).joined(separator: "\n  ")
            throw CLIFailure(
                "the demonstration's node did not start:\n  \(last)", fix: "mjn doctor checks the machine",
                exitCode: ExitStatus.unavailable)
        }
        Self.isServing.store(true, ordering: .sequentiallyConsistent)
        let signal = Self.stoppedBy.load(ordering: .sequentiallyConsistent)
        if signal != 0 { throw CLIFailure("interrupted", exitCode: 128 + signal) }
        return address
    }

    /// Stops the process and removes its folder.
    /// - Throws: exit code 130 or 143 when a signal had stopped it.
    func stop() async throws(CLIFailure) {
        let process = server.process
        process.signal(SIGTERM)
        _ = try? await DedicatedThread.run(name: "demo-node") { process.waitForEnd() }
        await removeFolder()
        let signal = Self.stoppedBy.load(ordering: .relaxed)
        if signal != 0 { throw CLIFailure("interrupted", exitCode: 128 + signal) }
    }

    /// A node that was interrupted while it started Postgres leaves that behind: it is stopped here, and what it was
    /// still writing is removed with the rest.
    private func removeFolder() async {
        let manager = FileManager.default
        for _ in 0..<Self.removalsMax {
            if manager.fileExists(atPath: dataDirectory + "/postgres/data/postmaster.pid") {
                let cluster = EmbeddedCluster(dataDirectory: dataDirectory)
                _ = try? await cluster.start()
                await cluster.stop()
            }
            try? manager.removeItem(atPath: dataDirectory)
            guard manager.fileExists(atPath: dataDirectory) else { return }
            try? await Task.sleep(for: .milliseconds(200))
        }
        standardError("mjn: \(dataDirectory) could not be removed whole")
    }

    private static func freeOffset() throws(CLIFailure) -> Int {
        for _ in 0..<100 {
            let offset = Int.random(in: offsets)
            let ports = NodeRuntime.available.compactMap { ServicePorts.port(of: $0, offset: offset) }
            if ports.allSatisfy(LocalPort.isFree) { return offset }
        }
        throw CLIFailure("no free ports were found", fix: "end programs that hold ports", exitCode: ExitStatus.busy)
    }

    /// The child has a process group of its own, so a Ctrl-C reaches only us: it is passed on, and whoever
    /// waits for the node then finds it gone, cleans up and ends.
    private static func interruptions(_ process: ChildProcess) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                stoppedBy.store(number, ordering: .sequentiallyConsistent)
                if isServing.load(ordering: .sequentiallyConsistent) { process.signal(SIGTERM) }
            }
            source.resume()
            return source
        }
    }
}
