import ChildProcesses
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
    private let server: ChildServer

    /// - Parameters:
    ///   - log: where its messages go.
    ///   - processFile: gets its process number and data folder, for the script that stops it when the driver is ended.
    ///   - environment: set in addition to the driver's own.
    init(
        binary: String, dataDirectory: String, portOffset: Int, log: URL, processFile: URL,
        environment: [String: String] = [:]
    ) throws {
        // The node makes its own Postgres, whatever the shell that called has set.
        let inherited = ProcessInfo.processInfo.environment.filter { $0.key != "DATABASE_URL" }
        let messages = open(log.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        defer { close(messages) }
        let started = LoadLoop.now()
        server = try ChildServer(
            [binary, "up", "--data-dir", dataDirectory, "--port-offset", String(portOffset), "--json"],
            environment: inherited.merging(environment) { $1 }, errors: messages < 0 ? nil : messages)
        try Data("\(server.process.identifier)\n\(dataDirectory)\n".utf8).write(to: processFile)
        do {
            let line = try Self.readyLine(server, log: log)
            readySeconds = Double(LoadLoop.now() - started) / 1e9
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let services = object["services"] as? [String: String], let pay = services["pay"].flatMap(URL.init),
                let database = object["database_url"] as? String, let key = object["service_key"] as? String
            else { throw StartError(description: "mjn up --json said: \(line)") }
            (payURL, databaseURL, serviceKey) = (pay, database, key)
        } catch {
            Self.stop(server.process)
            throw error
        }
    }

    private static func readyLine(_ server: ChildServer, log: URL) throws -> String {
        do {
            return try server.firstLine(withinSeconds: readySecondsMax)
        } catch {
            let messages = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            throw StartError(description: "the node did not start: \(error)\n\(messages.suffix(2000))")
        }
    }

    var processID: Int32 { server.process.identifier }

    /// Asks it to stop, and waits; a node that does not stop in time is ended.
    func stop() { Self.stop(server.process) }

    private static func stop(_ process: ChildProcess) {
        process.signal(SIGTERM)
        if process.exitStatus(withinSeconds: stopSecondsMax) == nil { process.end() }
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
