import ChildProcesses
import Cryptography
import Foundation
import Testing

/// A running `mjn up`.
final class Node {
    let home: Home
    let process: ChildProcess
    let port: Int
    let databaseURL: String
    let did: String
    /// The development service: it may do everything, and spend any balance.
    let service: Person
    let log: String

    var pid: Int32 { process.identifier }
    var authority: String { "127.0.0.1:\(port)" }

    /// The line that `mjn up --json` prints when it serves.
    struct Ready: Decodable {
        let ready: Bool
        let database_url: String
        let services: [String: String]
        let node: String
        let service_key: String
    }

    /// Pay's port without an offset.
    static let payPort = 3004
    /// Registry's port without an offset.
    static let registryPort = 3002

    /// Starts a node and waits until it serves.
    /// - Parameter offset: of its ports; nil: one that is free.
    init(
        in home: Home, offset: Int? = nil, data: String? = nil, _ settings: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        self.home = home
        let offset = try offset ?? Self.freeOffset()
        let name = home.next("node")
        log = home("\(name).log")
        let out = home("\(name).out")
        let arguments = ["up", "--json", "--data-dir", data ?? home.data, "--port-offset", "\(offset)"]
        process = try Program.start(Program.path, arguments, environment: settings, out: out, err: log)
        var line = ""
        do {
            try Patience.until("the node serves", location) { [process, log] in
                line = try Program.text(out)
                let said = try Program.text(log)
                try #require(process.isRunning || line.hasSuffix("\n"), "\(said)", sourceLocation: location)
                return line.hasSuffix("\n")
            }
            let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
            port = try #require(ready.services["pay"].flatMap { URL(string: $0)?.port })
            databaseURL = ready.database_url
            did = ready.node
            service = try Person(jwk: ready.service_key)
        } catch {
            process.end()
            throw error
        }
        #expect(port == Self.payPort + offset, sourceLocation: location)
    }

    var offset: Int { port - Self.payPort }

    /// An offset at which pay's port is free, below the range that the system hands out.
    static func freeOffset() throws -> Int {
        for _ in 0..<100 {
            let offset = Int.random(in: 17_000..<29_000)
            if Wire.canBind(payPort + offset), Wire.canBind(registryPort + offset) { return offset }
        }
        throw WireFailure.refused
    }

    func signal(_ number: Int32) { process.signal(number) }

    /// Waits for the end.
    /// - Returns: the exit code, or the signal's number and 128.
    func ending(within limit: Double = Patience.seconds) throws -> Int32 {
        try #require(process.exitStatus(withinSeconds: limit), "the node does not end")
    }

    /// Ends the server with no chance to say goodbye; Postgres goes on.
    func killHard() throws {
        signal(SIGKILL)
        _ = try ending(within: 10)
    }

    /// Stops it as an operator does.
    func stop(_ location: SourceLocation = #_sourceLocation) throws {
        signal(SIGTERM)
        #expect(try ending() == 0, "\((try? Program.text(log)) ?? "")", sourceLocation: location)
    }

    deinit { process.signal(SIGKILL) }
}
