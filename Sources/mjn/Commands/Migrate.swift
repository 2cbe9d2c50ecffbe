import ArgumentParser
import Foundation
import Kernel
import PostgresClient

/// Applies or lists migrations.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Applies the database's missing migrations, or lists all.",
        discussion: """
            Safe while servers run: one process at a time applies them, each in a transaction of its own.

              mjn migrate
              mjn migrate --status
            """)

    @OptionGroup var options: NodeOptions

    @OptionGroup var output: FormatOptions

    @Flag(help: "List, and change nothing.")
    var status = false

    func run() async throws {
        let database = try await NodeDatabase.open(NodeSettings(), dataDirectory: options.dataDirectory) { _ in }
        let result: Result<Void, any Error>
        do {
            result = .success(try await status ? list(database.configuration) : apply(database.configuration))
        } catch {
            result = .failure(error)
        }
        await database.close()
        try result.get()
    }

    private func apply(_ configuration: PostgresConfiguration) async throws {
        let applied = try await NodeRuntime.migrate(configuration)
        for (schema, migration) in applied { print("applied  \(schema)  \(migration.name)") }
        if applied.isEmpty { print("nothing to apply") }
    }

    private func list(_ configuration: PostgresConfiguration) async throws {
        let all = try await DedicatedThread.run(name: "migrations") {
            let connection = try Connection.connect(configuration)
            defer { connection.close() }
            return try NodeRuntime.schemas.flatMap { schema, migrations in
                try Migrator(schema: schema, migrations: migrations).status(on: connection)
                    .map { (schema: schema, status: $0) }
            }
        }
        var listing = Listing(Self.columns, format: output.chosen)
        for (schema, line) in all {
            let (state, time) = Self.shown(line.state)
            try listing.add([
                .text(schema), .int(Int64(line.number)), .text(line.name), .text(state),
                time.map { .text(CivilDate(ms: $0 / 1000).rfc3339) } ?? .null,
            ])
        }
        try listing.finish()
    }

    private static let columns: [Listing.Column] = [
        .init(name: "schema"), .init(name: "number", isRight: true), .init(name: "name"), .init(name: "state"),
        .init(name: "applied_at"),
    ]

    private static func shown(_ state: MigrationStatus.State) -> (state: String, unixMicroseconds: Int64?) {
        switch state {
        case .applied(let time): ("applied", time)
        case .pending: ("pending", nil)
        case .edited(let time): ("edited", time)
        case .unknown(let time): ("unknown", time)
        }
    }
}
