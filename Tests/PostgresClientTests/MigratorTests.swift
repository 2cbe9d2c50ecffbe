import LedgerMigrations
import PostgresClient
import PostgresFixture
import Testing

@Suite("Migrator")
struct MigratorTests {
    private static let first = Migration(
        number: 1, name: "create-things",
        sql: "-- Semicolons; and quotes '' do no harm.\nCREATE TABLE things (a bigint PRIMARY KEY);")
    private static let second = Migration(
        number: 2, name: "fill-things", sql: "INSERT INTO things SELECT generate_series(1, 10); SELECT 1;")

    private static func error(_ body: () throws -> Void) -> MigrationError? {
        do {
            try body()
            return nil
        } catch {
            return error as? MigrationError
        }
    }

    @Test("it applies what is missing, once, and says what stands where")
    func applies() async throws {
        try await withDatabase { connection in
            let short = Migrator(schema: "shop", migrations: [Self.first])
            let long = Migrator(schema: "shop", migrations: [Self.first, Self.second])
            #expect(try long.status(on: connection).map(\.state) == [.pending, .pending])
            #expect(try short.apply(on: connection) == [Self.first])
            let half = try long.status(on: connection)
            guard case .applied(let when) = half[0].state else {
                Issue.record("the first is not applied")
                return
            }
            #expect(when > 1_700_000_000_000_000)
            #expect(half[1].state == .pending)
            #expect(try long.apply(on: connection) == [Self.second])
            #expect(try long.apply(on: connection) == [])
            #expect(try connection.query("SELECT count(*) FROM shop.things").one().int8(0) == 10)
        }
    }

    @Test("two schemas of one database have histories of their own")
    func twoSchemas() async throws {
        try await withDatabase { connection in
            try Migrator(schema: "shop", migrations: [Self.first]).apply(on: connection)
            try Migrator(schema: "club", migrations: [Self.first, Self.second]).apply(on: connection)
            let count = try connection.query("SELECT (SELECT count(*) FROM shop.things), count(*) FROM club.things")
                .one()
            #expect(try count.int8(0) == 0)
            #expect(try count.int8(1) == 10)
        }
    }

    @Test("an edited or renamed migration is refused, and shown as edited")
    func edited() async throws {
        try await withDatabase { connection in
            try Migrator(schema: "shop", migrations: [Self.first]).apply(on: connection)
            let changed = [
                Migration(number: 1, name: Self.first.name, sql: Self.first.sql + " "),
                Migration(number: 1, name: "another-name", sql: Self.first.sql),
            ]
            for migration in changed {
                let migrator = Migrator(schema: "shop", migrations: [migration, Self.second])
                let refusal = Self.error { try migrator.apply(on: connection) }
                #expect(refusal?.code == .historyEdited)
                let states = try migrator.status(on: connection).map(\.state)
                guard case .edited = states[0] else {
                    Issue.record("shown as \(states[0])")
                    continue
                }
            }
        }
    }

    @Test("a database that is newer than the program, or that lacks a migration in between, is refused")
    func newerAndMissing() async throws {
        try await withDatabase { connection in
            let long = Migrator(schema: "shop", migrations: [Self.first, Self.second])
            let short = Migrator(schema: "shop", migrations: [Self.first])
            try long.apply(on: connection)
            let newer = Self.error { try short.apply(on: connection) }
            #expect(newer?.code == .databaseNewer)
            #expect(newer?.fix.isEmpty == false)
            guard case .unknown = try short.status(on: connection)[1].state else {
                Issue.record("the newer one is not shown")
                return
            }
            try connection.execute("DELETE FROM shop.mjn_migrations WHERE number = 1")
            #expect(Self.error { try long.apply(on: connection) }?.code == .numberMissing)
        }
    }

    @Test("a list with a gap, a repetition or a wrong schema name is refused before anything is touched")
    func invalidLists() async throws {
        try await withDatabase { connection in
            let lists = [[Self.second], [Self.first, Self.first]]
            for list in lists {
                let refusal = Self.error { try Migrator(schema: "shop", migrations: list).apply(on: connection) }
                #expect(refusal?.code == .listInvalid)
            }
            for name in ["", "Shop", "1shop", "shop; DROP TABLE x", "a-b", String(repeating: "a", count: 64)] {
                let refusal = Self.error { try Migrator(schema: name, migrations: []).apply(on: connection) }
                #expect(refusal?.code == .listInvalid, "\(name)")
            }
            let schemas = try connection.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'").one()
            #expect(try schemas.int8(0) == 0)
        }
    }

    @Test("a migration that fails leaves nothing behind, and the ones before it stay")
    func failing() async throws {
        try await withDatabase { connection in
            let bad = Migration(number: 2, name: "break", sql: "CREATE TABLE half (a bigint); SELECT 1 / 0;")
            let migrator = Migrator(schema: "shop", migrations: [Self.first, bad])
            let refusal = Self.error { try migrator.apply(on: connection) }
            #expect(refusal?.code == .failed)
            #expect(refusal?.message.contains("002-break.sql") == true)
            let left = try connection.query("SELECT to_regclass('shop.half')::text, to_regclass('shop.things')::text")
                .one()
            #expect(left.isNull(0))
            #expect(!left.isNull(1))
            let committing = Migration(number: 2, name: "commit", sql: "COMMIT;")
            let ended = Self.error {
                try Migrator(schema: "shop", migrations: [Self.first, committing]).apply(on: connection)
            }
            #expect(ended?.code == .failed)
        }
    }

    @Test("eight programs that migrate at once apply every migration once between them")
    func concurrently() async throws {
        let url = try await PostgresFixture.freshDatabase()
        let many = (1...6).map { number in
            Migration(number: number, name: "step-\(number)", sql: "CREATE TABLE t\(number) (a bigint)")
        }
        let applied = try await withThrowingTaskGroup(of: [Migration].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await DedicatedThread.run(name: "migrates") {
                        let connection = try PostgresFixture.connect(url)
                        defer { connection.close() }
                        return try Migrator(schema: "shop", migrations: many).apply(on: connection)
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.map(\.number).sorted() == [1, 2, 3, 4, 5, 6])
    }

    @Test("a migration gives way to those who use its table, and says so when they do not finish")
    func lockedTable() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let user = try PostgresFixture.connect(url)
            let connection = try PostgresFixture.connect(url)
            try Migrator(schema: "shop", migrations: [Self.first]).apply(on: connection)
            try user.execute("BEGIN; SELECT * FROM shop.things")
            let alter = Migration(
                number: 2, name: "alter-things",
                sql: "SET LOCAL lock_timeout = '20ms'; ALTER TABLE things ADD COLUMN b text;")
            let migrator = Migrator(schema: "shop", migrations: [Self.first, alter])
            #expect(Self.error { try migrator.apply(on: connection) }?.code == .locked)
            try user.execute("COMMIT")
            let applied = try migrator.apply(on: connection)
            #expect(applied == [alter])
        }
    }

    @Test("a file's name gives a migration its number and name")
    func fileNames() {
        let migration = Migration(file: "012-add-index.sql", bytes: Array("SELECT 1".utf8))
        #expect(migration == Migration(number: 12, name: "add-index", sql: "SELECT 1"))
        #expect(migration?.file == "012-add-index.sql")
        for name in ["12-add.sql", "012.sql", "012-add.txt", "abc-add.sql", "add.sql", ""] {
            #expect(Migration(file: name, bytes: []) == nil, "\(name)")
        }
    }
}
