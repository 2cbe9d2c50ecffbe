import Foundation

/// What one scenario came to.
struct BenchResult: Encodable {
    let name: String
    let title: String
    let settlements: Int
    let requests: Int
    let seconds: Double
    let settlementsPerSecond: Double
    let target: Double?
    let p50Milliseconds: Double
    let p99Milliseconds: Double
    let p999Milliseconds: Double
    /// CPU microseconds a settlement: of the node, of its Postgres, and of the driver, which shares the cores.
    let nodeMicroseconds: Double?
    let postgresMicroseconds: Double?
    let driverMicroseconds: Double
    let residentBytes: Int?
    let residentPeakBytes: Int?
    /// Answers by status; 0 where there was none.
    let statuses: [String: Int]
    let notSettled: Int
    let firstRefusal: String?
}

/// The whole of a run, as it is written to the JSON file.
struct BenchReport: Encodable {
    var startedAt = ISO8601DateFormatter().string(from: Date())
    var cores = ProcessInfo.processInfo.activeProcessorCount
    var accounts = 0
    var connections = 0
    var coldReadySeconds: Double?
    var warmReadySeconds: Double?
    var fundingSeconds: Double?
    var insertRowsPerSecond: Double?
    var results: [BenchResult] = []

    func rate(_ name: String) -> Double? { results.first { $0.name == name }?.settlementsPerSecond }

    /// The rate with everything on one payer and five payees, over the same spread.
    var hotRatio: Double? {
        guard let hot = rate("hot"), let spread = rate("session"), spread > 0 else { return nil }
        return hot / spread
    }

    func write(to url: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try encoder.encode(self).write(to: url)
    }

    /// The table for a person: a line a scenario, then the baselines.
    var table: String {
        let heads = [
            "scenario", "settl/s", "target", "p50 ms", "p99", "p99.9", "node µs", "pg µs", "drv µs", "rss MB",
            "x insert",
            "x single", "failed",
        ]
        let rows = results.map(row)
        let widths = heads.indices.map { column in ([heads] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).enumerated().map { index, cell in
                let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + blanks : blanks + cell.0
            }
            .joined(separator: "  ")
        }
        return ([line(heads)] + rows.map(line) + ["", summary]).joined(separator: "\n")
    }

    private func row(_ result: BenchResult) -> [String] {
        func ratio(_ base: Double?) -> String { Self.text(base.map { result.settlementsPerSecond / $0 }, digits: 1) }
        let megabytes = result.residentBytes.map { Double($0) / 1e6 }
        return [
            result.title, Self.text(result.settlementsPerSecond, digits: 0), Self.text(result.target, digits: 0),
            Self.text(result.p50Milliseconds, digits: 1), Self.text(result.p99Milliseconds, digits: 1),
            Self.text(result.p999Milliseconds, digits: 1), Self.text(result.nodeMicroseconds, digits: 0),
            Self.text(result.postgresMicroseconds, digits: 0), Self.text(result.driverMicroseconds, digits: 0),
            Self.text(megabytes, digits: 0), ratio(insertRowsPerSecond), ratio(rate("one-by-one")),
            String(result.notSettled),
        ]
    }

    private var summary: String {
        let lines: [String?] = [
            "single-row INSERT, pgbench, \(InsertBaseline.clients) clients, same Postgres: "
                + Self.text(insertRowsPerSecond, digits: 0) + " rows/s",
            "hot over spread: \(Self.text(hotRatio, digits: 2)) (expected at least 0.90)",
            "start to ready: new cluster \(Self.text(coldReadySeconds, digits: 2)) s, "
                + "warm cluster \(Self.text(warmReadySeconds, digits: 2)) s",
            webhookLine(.hangs, "hangs"), webhookLine(.fails, "fails"),
            "\(accounts) accounts, \(connections) connections, \(cores) cores shared by driver, node and Postgres",
        ]
        return lines.compactMap(\.self).joined(separator: "\n")
    }

    private func webhookLine(_ receiver: Scenario.Receiver, _ does: String) -> String? {
        webhookRatio(receiver).map {
            "p99 with a webhook receiver that \(does) over p99 without an endpoint, middle of the rounds: "
                + Self.text($0, digits: 3) + " (expected below 1.05)"
        }
    }

    private static func text(_ value: Double?, digits: Int) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "-"
    }
}
