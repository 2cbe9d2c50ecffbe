import Cryptography
import Foundation
import PostgresClient
import Service

/// A node for the time of one command: a process of this program, with its data in a temporary folder.
final class PrivateNode: Sendable {
    let dataDirectory: String
    private let process: Process
    private let output: Pipe
    /// Kept for as long as the node, and never touched again: Dispatch's objects are thread-safe, and only not marked so.
    private nonisolated(unsafe) let signals: [any DispatchSourceSignal]

    /// Ports are tried from this offset on, away from those of a node that may be started meanwhile.
    private static let offsets = 20_000..<40_000
    /// A first start makes a cluster and runs every migration.
    private static let readySecondsMax = 120

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
            dataDirectory: folder, process: process, output: output, signals: interruptions(process, folder))
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
        return address
    }

    /// Stops the process and removes its folder.
    func stop() async {
        if process.isRunning { process.terminate() }
        let process = process
        _ = try? await DedicatedThread.run(name: "demo-node") { process.waitUntilExit() }
        try? FileManager.default.removeItem(atPath: dataDirectory)
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

    /// The child has a process group of its own, so a Ctrl-C reaches only us: it is passed on, and nothing is left behind.
    private static func interruptions(_ process: Process, _ folder: String) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                process.terminate()
                process.waitUntilExit()
                try? FileManager.default.removeItem(atPath: folder)
                Foundation.exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
