import Foundation
import PostgresClient
import Service

/// The database: whether it answers, whether it keeps what it is given, and whether its schema is ours.
enum DatabaseChecks {
    /// What one connection tells.
    private struct Facts: Sendable {
        let version: String
        let majorVersion: Int64
        let settings: [String: String]
        let clockMs: Int64
        let migrations: [MigrationStatus]
    }

    /// The oldest Postgres that the ledger's tests run on.
    private static let majorVersionMin: Int64 = 15
    /// Clocks further apart than this spoil leases and signatures.
    private static let clockDifferenceMaxMs: Int64 = 2000

    static func all(dataDirectory: String) async -> [Check] {
        let isNamed = !(ProcessInfo.processInfo.environment["DATABASE_URL"] ?? "").isEmpty
        let manager = FileManager.default
        let isMade = ["postgres", "postgres.location"].contains { manager.fileExists(atPath: "\(dataDirectory)/\($0)") }
        guard isNamed || isMade else {
            return [.ok("database", "none yet in \(dataDirectory): mjn up makes one")]
        }
        do {
            let database = try await NodeDatabase.open(NodeSettings(), dataDirectory: dataDirectory) { _ in }
            let facts: Result<Facts, any Error>
            do {
                let configuration = database.configuration
                facts = .success(
                    try await DedicatedThread.run(name: "doctor") { try read(configuration) })
            } catch {
                facts = .failure(error)
            }
            await database.close()
            return judge(try facts.get(), now: SystemClock.milliseconds())
        } catch {
            let failure = CLIFailure(anyOf: error) ?? CLIFailure("\(error)")
            let fix = failure.fix ?? "start the database, or correct DATABASE_URL"
            return [
                .fail(
                    "database", failure.message, fix: fix.contains("doctor") ? "start it, or correct DATABASE_URL" : fix
                )
            ]
        }
    }

    private static func read(_ configuration: PostgresConfiguration) throws -> Facts {
        let connection = try Connection.connect(configuration)
        defer { connection.close() }
        var settings: [String: String] = [:]
        for row in try connection.query(settingValues) { settings[try row.text(0)] = try row.text(1) }
        let clock = try connection.query(clockNow)
        let status = try NodeRuntime.schemas.flatMap { schema, migrations in
            try Migrator(schema: schema, migrations: migrations).status(on: connection)
        }
        return Facts(
            version: settings["server_version"] ?? "unknown",
            majorVersion: (Int64(settings["server_version_num"] ?? "") ?? 0) / 10_000, settings: settings,
            clockMs: try clock.first?.int8(0) ?? 0,
            migrations: status)
    }

    private static let settingValues = """
        SELECT name, setting FROM pg_settings WHERE name IN (
            'data_checksums', 'fsync', 'full_page_writes', 'synchronous_commit', 'server_version', 'server_version_num')
        """
    private static let clockNow = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"

    private static func judge(_ facts: Facts, now: Int64) -> [Check] {
        var checks: [Check] = []
        checks.append(
            facts.majorVersion >= majorVersionMin
                ? .ok("database", "Postgres \(facts.version) answers")
                : .fail(
                    "database", "Postgres \(facts.version) is too old", fix: "use version \(majorVersionMin) or newer"))
        checks += durability(facts.settings)
        checks.append(migrations(facts.migrations))
        let difference = abs(facts.clockMs - now)
        if difference > clockDifferenceMaxMs {
            checks.append(
                .warn(
                    "database clock", "\(difference) ms from this machine's",
                    fix: "run a time service on both machines"))
        }
        return checks
    }

    private static func migrations(_ all: [MigrationStatus]) -> Check {
        var pending = 0
        for migration in all {
            switch migration.state {
            case .applied: continue
            case .pending: pending += 1
            case .edited:
                return .fail(
                    "migrations", "\(migration.name) was edited after it was applied",
                    fix: "put the file back as it was, and write a new migration")
            case .unknown:
                return .fail(
                    "migrations", "\(migration.name) is unknown to this program, which is older than the database",
                    fix: "install the newer release")
            }
        }
        return pending == 0
            ? .ok("migrations", "all \(all.count) applied")
            : .warn("migrations", "\(pending) of \(all.count) to apply", fix: "mjn migrate")
    }

    private static func durability(_ settings: [String: String]) -> [Check] {
        var checks: [Check] = []
        let losing = ["fsync", "full_page_writes", "synchronous_commit"].filter { settings[$0] == "off" }
        checks.append(
            losing.isEmpty
                ? .ok("durability", "what is committed stays: fsync, full_page_writes, synchronous_commit on")
                : .fail(
                    "durability", "\(losing.joined(separator: ", ")) off: a power cut loses settlements",
                    fix: "turn them on in postgresql.conf"))
        checks.append(
            settings["data_checksums"] == "on"
                ? .ok("checksums", "on")
                : .warn(
                    "checksums", "off: a failing disk goes unnoticed", fix: "stop Postgres, then: pg_checksums --enable"
                ))
        return checks
    }
}
