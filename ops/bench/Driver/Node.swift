import Foundation

/// A node of the benchmark's own, started with `mjn up` and stopped again. Nothing else is ever signalled.
final class Node {
    struct StartError: Error, CustomStringConvertible {
        let description: String
    }

    static let readySecondsMax = 120.0
    static let stopSecondsMax = 60.0

    let databaseURL: String
    let payURL: URL
    let serviceKey: String
    /// From starting the process to the line that says it serves.
    let readySeconds: Double
    private let process: Process

    /// - Parameters:
    ///   - log: where its messages go.
    ///   - processFile: gets its process number and data folder, for the script that stops it when the driver is ended.
    ///   - environment: set in addition to the driver's own.
    init(
        binary: String, dataDirectory: String, portOffset: Int, log: URL, processFile: URL,
        environment: [String: String] = [:]
    ) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = ["up", "--data-dir", dataDirectory, "--port-offset", String(portOffset), "--json"]
        // The node makes its own Postgres, whatever the shell that called has set.
        var variables = ProcessInfo.processInfo.environment.filter { $0.key != "DATABASE_URL" }
        variables.merge(environment) { $1 }
        process.environment = variables
        let output = Pipe()
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        let started = LoadLoop.now()
        try process.run()
        try Data("\(process.processIdentifier)\n\(dataDirectory)\n".utf8).write(to: processFile)
        do {
            let line = try Self.readyLine(output.fileHandleForReading, process: process, log: log)
            readySeconds = Double(LoadLoop.now() - started) / 1e9
            guard let object = try JSONSerialization.jsonObject(with: line) as? [String: Any],
                let services = object["services"] as? [String: String], let pay = services["pay"].flatMap(URL.init),
                let database = object["database_url"] as? String, let key = object["service_key"] as? String
            else { throw StartError(description: "mjn up --json said: \(String(decoding: line, as: UTF8.self))") }
            (payURL, databaseURL, serviceKey) = (pay, database, key)
        } catch {
            Self.stop(process)
            throw error
        }
    }

    private static func readyLine(_ handle: FileHandle, process: Process, log: URL) throws -> Data {
        var line = Data()
        let deadline = LoadLoop.now() + UInt64(readySecondsMax * 1e9)
        while !line.contains(10) {
            var poller = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&poller, 1, 200)
            let part = ready > 0 ? handle.availableData : Data()
            line.append(part)
            if (ready > 0 && part.isEmpty) || LoadLoop.now() > deadline {
                let messages = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
                throw StartError(description: "the node did not start:\n\(messages.suffix(2000))")
            }
        }
        return line.prefix { $0 != 10 }
    }

    var processID: Int32 { process.processIdentifier }

    /// Asks it to stop, and waits; a node that does not stop in time is ended.
    func stop() { Self.stop(process) }

    private static func stop(_ process: Process) {
        guard process.isRunning else { return }
        process.terminate()
        let deadline = LoadLoop.now() + UInt64(stopSecondsMax * 1e9)
        while process.isRunning, LoadLoop.now() < deadline { usleep(20_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// The first process of the node's Postgres: it stands in the lock file beside its socket. Nil over TCP.
    var postmaster: Int32? {
        guard let parts = URLComponents(string: databaseURL) else { return nil }
        let query = Dictionary((parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { $1 }
        let host = query["host"] ?? parts.percentEncodedHost?.removingPercentEncoding ?? ""
        guard host.hasPrefix("/") else { return nil }
        let port = query["port"] ?? parts.port.map(String.init) ?? "5432"
        let lock = try? String(contentsOfFile: "\(host)/.s.PGSQL.\(port).lock", encoding: .utf8)
        return lock?.split(separator: "\n").first.flatMap { Int32($0) }
    }
}
