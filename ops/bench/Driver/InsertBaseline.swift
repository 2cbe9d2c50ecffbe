import ChildProcesses
import Foundation

/// The baseline that everyone has a feeling for: one row a transaction, inserted by pgbench on the node's Postgres.
enum InsertBaseline {
    static let clients = 32

    struct BaselineError: Error, CustomStringConvertible {
        let description: String
    }

    /// Rows a second over `seconds`, in a table of its own that is dropped afterwards.
    static func rowsPerSecond(databaseURL: String, seconds: Int, folder: URL) throws -> Double {
        let script = folder.appending(path: "insert.sql")
        try Data(
            "\\set payer random(1, 100000)\nINSERT INTO mjn_bench_row (payer, amount) VALUES (:payer, 10000);\n".utf8
        )
        .write(to: script)
        let table =
            "CREATE TABLE mjn_bench_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
            + "payer bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL DEFAULT now())"
        _ = try run("psql", [databaseURL, "-Xqc", "DROP TABLE IF EXISTS mjn_bench_row", "-c", table])
        defer { _ = try? run("psql", [databaseURL, "-Xqc", "DROP TABLE mjn_bench_row"]) }
        let arguments = [
            "-n", "-M", "prepared", "-c", String(clients), "-j", "2", "-T", String(seconds), "-f", script.path,
            databaseURL,
        ]
        let output = try run(try pgbench(), arguments)
        let found = output.firstMatch(of: #/tps = ([0-9.]+)/#).flatMap { Double($0.1) }
        guard let found else { throw BaselineError(description: "pgbench said: \(output)") }
        return found
    }

    /// Debian keeps pgbench in the server's folder, one for each major version; the newest is taken.
    private static func pgbench() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init)
            .sorted()
        let found = versions.reversed().map { "\(root)/\($0)/bin/pgbench" }
        return found.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "pgbench"
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let outcome = try ChildProcess.run([program] + arguments)
        guard outcome.status == 0 else {
            throw BaselineError(description: "\(program) failed: \(outcome.output)\(outcome.errors)")
        }
        return outcome.output
    }
}
