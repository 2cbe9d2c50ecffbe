/// The comparison of the program's migrations with those that a database has: decided in values.
struct MigrationHistory {
    /// What the database says of one.
    struct Applied: Equatable {
        let number: Int
        let name: String
        let checksum: String
        let unixMicroseconds: Int64
    }

    let schema: String
    let known: [Migration]
    /// The checksums of `known`, in order.
    let checksums: [String]
    /// In the order of their numbers.
    let applied: [Applied]

    /// The first migration that the database lacks, once its history is found to be a beginning of ours.
    func next() throws(MigrationError) -> Migration? {
        for (index, row) in applied.enumerated() {
            guard row.number == index + 1 else {
                throw MigrationError(
                    code: .numberMissing, message: "schema \(schema) has no migration \(index + 1), but a later one",
                    fix: "restore the row of \(schema).mjn_migrations, or the database, from a backup")
            }
            guard index < known.count else {
                throw MigrationError(
                    code: .databaseNewer,
                    message: "schema \(schema) is at migration \(applied.count), this program knows \(known.count)",
                    fix: "run the newer program")
            }
            guard row.checksum == checksums[index], row.name == known[index].name else {
                throw MigrationError(
                    code: .historyEdited, message: "\(known[index].file) of schema \(schema) was edited after it ran",
                    fix: "undo the edit, and make the change in a new migration")
            }
        }
        return applied.count < known.count ? known[applied.count] : nil
    }

    /// Every migration that either side knows, by number.
    func status() -> [MigrationStatus] {
        let rows = Dictionary(applied.map { ($0.number, $0) }) { first, _ in first }
        let ours = known.enumerated().map { index, migration in
            guard let row = rows[migration.number] else {
                return MigrationStatus(number: migration.number, name: migration.name, state: .pending)
            }
            let isSame = row.checksum == checksums[index] && row.name == migration.name
            return MigrationStatus(
                number: migration.number, name: migration.name,
                state: isSame
                    ? .applied(unixMicroseconds: row.unixMicroseconds)
                    : .edited(unixMicroseconds: row.unixMicroseconds))
        }
        let theirs = applied.filter { $0.number < 1 || $0.number > known.count }.map {
            MigrationStatus(
                number: $0.number, name: $0.name, state: .unknown(unixMicroseconds: $0.unixMicroseconds))
        }
        return (ours + theirs).sorted { $0.number < $1.number }
    }

    /// Refuses a list that is not 1, 2, 3, …
    static func check(schema: String, _ migrations: [Migration]) throws(MigrationError) {
        let isName =
            schema.utf8.count <= 63 && !schema.isEmpty
            && schema.utf8.enumerated().allSatisfy { index, byte in
                (0x61...0x7a).contains(byte) || byte == 0x5f || (index > 0 && (0x30...0x39).contains(byte))
            }
        guard isName else {
            throw MigrationError(
                code: .listInvalid, message: "the schema's name must match [a-z_][a-z0-9_]*", fix: "rename the schema")
        }
        for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
            throw MigrationError(
                code: .listInvalid, message: "\(migration.file) stands where number \(index + 1) belongs",
                fix: "number the migrations 1, 2, 3, … in their order")
        }
    }
}
