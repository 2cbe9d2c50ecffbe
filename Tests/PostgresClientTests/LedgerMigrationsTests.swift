import Foundation
import LedgerMigrations
import PostgresClient
import Testing

@Suite("The ledger's migrations")
struct LedgerMigrationsTests {
    /// The folder in the source tree.
    private static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ledger-migrations")
    }

    @Test("the registered list is the folder's files, in order and byte for byte")
    func registered() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
            .filter { $0.hasSuffix(".sql") }.sorted()
        #expect(LedgerMigrations.all.map(\.file) == files)
        for migration in LedgerMigrations.all {
            let text = try String(contentsOf: Self.folder.appending(path: migration.file), encoding: .utf8)
            #expect(migration.sql == text, "\(migration.file) was built from another text")
        }
    }

    @Test("they are numbered 1, 2, 3, …, say in their head what they do, and apply to an empty database")
    func apply() async throws {
        #expect(LedgerMigrations.all.map(\.number) == Array(1...LedgerMigrations.all.count))
        for migration in LedgerMigrations.all {
            #expect(migration.sql.hasPrefix("-- "), "\(migration.file) has no head")
        }
        try await withDatabase { connection in
            let migrator = Migrator(schema: LedgerMigrations.schema, migrations: LedgerMigrations.all)
            let applied = try migrator.apply(on: connection)
            #expect(applied == LedgerMigrations.all)
        }
    }
}
