import Cryptography
import Foundation
import PostgresClient
import Service
import Synchronization

/// A node for the time of one command: a process of this program, with its data in a temporary folder.
final class PrivateNode: Sendable {
    let dataDirectory: String
    private let process: Process
    private let output: Pipe
    /// Kept for as long as the node, and never touched again: Dispatch's objects are thread-safe, if not marked so.
    private nonisolated(unsafe) let signals: [any DispatchSourceSignal]

    /// Ports are tried from this offset on, away from those of a node that may be started meanwhile.
    private static let offsets = 20_000..<40_000
    /// Set by Ctrl-C and SIGTERM.
    private static let stoppedBy = Atomic<Int32>(0)
    /// Until it serves, the node is left to finish its start: half a start leaves half a Postgres behind.
    private static let isServing = Atomic<Bool>(false)
    /// A first start makes a cluster and runs every migration.
    private static let readySecondsMax = 120
    /// Tries, five a second: programs that were told to end take a moment.
    private static let removalsMax = 50

    private var log: String { dataDirectory + "/node.log" }

    private init(dataDirectory: String, process: Process, output: Pipe, signals: [any DispatchSourceSignal]) {
        self.dataDirectory = dataDirectory
        self.process = process
        self.output = output
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
        _ = FileManager.default.createFile(atPath: log, contents: nil, attributes: [.posixPermissions: 0o600])
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["up", "--json", "--data-dir", folder, "--port-offset", "\(try freeOffset())"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return PrivateNode(
            dataDirectory: folder, process: process, output: output, signals: interruptions(process))
    }

    /// Waits until it serves.
    /// - Returns: the address of its pay service.
    func ready() async throws -> String {
        let handle = output.fileHandleForReading
        let log = log
        let line = try await withDeadline { Self.firstLine(of: handle) }
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
        if process.isRunning { process.terminate() }
        let process = process
        _ = try? await DedicatedThread.run(name: "demo-node") { process.waitUntilExit() }
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

    /// Reads up to a line's end on a thread of its own; ends the process when that takes too long.
    private func withDeadline(_ read: @escaping @Sendable () -> String?) async throws -> String? {
        let process = process
        let watchdog = Task {
            try await Task.sleep(for: .seconds(Self.readySecondsMax))
            process.terminate()
        }
        defer { watchdog.cancel() }
        return try await DedicatedThread.run(name: "demo-ready") { read() }
    }

    private static func firstLine(of handle: FileHandle) -> String? {
        var bytes: [UInt8] = []
        while !bytes.contains(UInt8(ascii: "\n")) {
            let chunk = handle.availableData
            if chunk.isEmpty { return nil }
            bytes += chunk
        }
        return bytes.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
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
    private static func interruptions(_ process: Process) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                stoppedBy.store(number, ordering: .sequentiallyConsistent)
                if isServing.load(ordering: .sequentiallyConsistent) { process.terminate() }
            }
            source.resume()
            return source
        }
    }
}
