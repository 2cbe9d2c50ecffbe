import Glibc
import PostgresClient

/// The server, the templates, and the numbering of databases.
actor SharedCluster {
    private var starting: Task<EmbeddedCluster, any Error>?
    private var templates: [String: Task<String, any Error>] = [:]
    private var databases = 0

    func started() async throws -> EmbeddedCluster {
        if let starting { return try await starting.value }
        let task = Task { () throws -> EmbeddedCluster in
            let directory = try TemporaryDirectory.make("mjn-tests")
            let cluster = EmbeddedCluster(
                dataDirectory: directory,
                settings: [
                    "fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0",
                    "autovacuum_naptime": "5min", "max_connections": "200", "shared_buffers": "128MB",
                ])
            try await cluster.start()
            try Guardian.watch(cluster, directory: directory)
            return cluster
        }
        starting = task
        return try await task.value
    }

    func database(from template: String) async throws -> String {
        databases += 1
        return try await create("test_\(databases)", from: template)
    }

    /// Returns the name of a prepared database.
    func template(_ name: String, _ prepare: @escaping @Sendable (String) async throws -> Void) async throws -> String {
        if let known = templates[name] { return try await known.value }
        let task = Task { () throws -> String in
            try await prepare(try await create("template_\(name)", from: "template1"))
            return "template_\(name)"
        }
        templates[name] = task
        return try await task.value
    }

    /// One at a time: the server refuses two copies of one template at once.
    private var queue: Task<String, any Error>?

    private func create(_ name: String, from template: String) async throws -> String {
        let cluster = try await started()
        guard let admin = cluster.databaseURL else { throw FixtureError(message: "the server is not running") }
        let before = queue
        let task = Task { () throws -> String in
            _ = await before?.result
            return try await DedicatedThread.run(name: "create-database") {
                let connection = try PostgresFixture.connect(admin)
                defer { connection.close() }
                try connection.execute("CREATE DATABASE \(name) TEMPLATE \(template)")
                return admin.replacing("///mjn?", with: "///\(name)?")
            }
        }
        queue = task
        return try await task.value
    }
}

/// What is wrong with the fixture itself.
struct FixtureError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}
