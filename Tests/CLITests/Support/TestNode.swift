import ChildProcesses
import Foundation
import Testing

/// A development node on a Postgres of its own, one per test process.
///
/// A shell stands between: when the tests end, in whatever way, its input closes, and it stops the node and removes its
/// folder.
final class TestNode: Sendable {
    let dataDirectory: String
    let payURL: String
    let databaseURL: String
    let serviceKey: String
    private let keeper: ChildServer

    private static let shared = Task { try await start() }

    static func running() async throws -> TestNode { try await shared.value }

    private static let script = """
        "$1" up --json --data-dir "$2" --port-offset "$3" </dev/null 2>"$2/node.log" &
        # Only the node holds the output now: it closes when the node ends.
        exec >/dev/null
        cat
        kill -TERM $! 2>/dev/null
        wait $!
        rm -rf -- "$2"
        """

    private init(
        dataDirectory: String, payURL: String, databaseURL: String, serviceKey: String, keeper: ChildServer
    ) {
        self.dataDirectory = dataDirectory
        self.payURL = payURL
        self.databaseURL = databaseURL
        self.serviceKey = serviceKey
        self.keeper = keeper
    }

    /// Ports may be taken by others: a few are tried.
    private static func start() async throws -> TestNode {
        for _ in 0..<4 {
            if let node = try? await start(offset: .random(in: 5_000..<28_000)) { return node }
        }
        return try await start(offset: .random(in: 5_000..<28_000))
    }

    private static func start(offset: Int) async throws -> TestNode {
        var template = Array("/tmp/mjn-cli-node-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template).map { String(cString: $0) })
        chmod(made, 0o755)
        let environment = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("MJN_") && $0.key != "DATABASE_URL"
        }
        let keeper = try ChildServer(
            ["/bin/sh", "-c", script, "keeper", Program.path, made, "\(offset)"], environment: environment)
        let line = try await firstLine(of: keeper)
        let log = (try? String(contentsOfFile: made + "/node.log", encoding: .utf8)) ?? ""
        let ready = try #require(
            try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "no node: \(line) \(log)")
        let services = try #require(ready["services"] as? [String: String])
        return TestNode(
            dataDirectory: made, payURL: try #require(services["pay"]),
            databaseURL: try #require(ready["database_url"] as? String),
            serviceKey: try #require(ready["service_key"] as? String), keeper: keeper)
    }

    private static func firstLine(of keeper: ChildServer) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try keeper.firstLine(withinSeconds: 120) }) }
        }
    }

    /// Runs `mjn` against this node.
    func run(_ arguments: [String], input: String = "") throws -> Program.Run {
        try Program.run(
            arguments, input: input, environment: ["MJN_DATA_DIR": dataDirectory, "MJN_PAY_URL": payURL])
    }

    /// Funds a DID, and expects that to work.
    func fund(_ did: String, _ amount: Int, _ currency: String = "USD") throws {
        let run = try run(["ledger", "fund", "--did", did, "--amount", "\(amount)", "--currency", currency])
        #expect(run.status == 0, "\(run.err)")
    }

    /// Pays by a signed manifest, and returns the run.
    func settle(
        _ work: Work, manifest: String, from payer: String, amount: Int, key: String = UUID().uuidString
    ) throws -> Program.Run {
        let body = #"""
            {"from_did":"\#(try work.did(payer))","amount":\#(amount),"currency":"USD","service":"tests",
            "type":"ticket",
            "fair_manifest":\#(try String(contentsOfFile: manifest, encoding: .utf8)),"funding":{"source":"balance"}}
            """#
        return try run(["settle", "-", "--key", work.key(payer), "--idempotency-key", key], input: body)
    }
}
