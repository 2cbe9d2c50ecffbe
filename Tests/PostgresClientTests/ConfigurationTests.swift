import PostgresClient
import PostgresFixture
import Testing

@Suite("Connection strings and secrets")
struct ConfigurationTests {
    @Test(
        "a connection string that cannot be used is refused without a word of it",
        arguments: [
            "postgresql://mjn:canary/x@host/mjn", "postgresql://mjn:canary@x@host/mjn", "host=x password=canary oops",
            "postgresql://mjn:canary%zz@host/mjn", "canary", "host='a canary' user=x", "postgresql://h/d?canary=1",
            "host=x port=canary",
        ])
    func unusable(url: String) {
        let error = postgresError { try PostgresConfiguration(databaseURL: url) }
        #expect(error?.kind == .configuration)
        #expect(error?.description.contains("canary") == false)
    }

    @Test("a refused password does not reach the message")
    func password() async throws {
        let url = try await PostgresFixture.freshDatabase() + "&password=canary_4711"
        try await DedicatedThread.run(name: "test") {
            let wrong = url.replacing("user=mjn", with: "user=canary_4711")
            let error = postgresError { try PostgresFixture.connect(wrong) }
            #expect(error?.kind == .configuration)
            #expect(error?.isRetryable == false)
            #expect(error?.description.contains("canary") == false)
        }
    }

    @Test("a database that does not exist is a matter of configuration, a missing server is not")
    func lastingAndPassing() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let missing = "postgresql:///no_such?" + url.split(separator: "?")[1]
            #expect(postgresError { try PostgresFixture.connect(missing) }?.kind == .configuration)
            #expect(postgresError { try PostgresFixture.connect("host=/nonexistent") }?.kind == .unavailable)
        }
    }

    @Test("hosts are tried in their order until one answers")
    func severalHosts() async throws {
        let url = try await PostgresFixture.freshDatabase()
        try await DedicatedThread.run(name: "test") {
            let host = try #require(url.split(separator: "host=").last?.prefix { $0 != "&" })
            let several = url.replacing("host=\(host)", with: "host=/nonexistent,/also-missing,\(host)")
            let connection = try PostgresFixture.connect(several)
            #expect(answers(connection))
        }
    }

    @Test("a server that accepts and then says nothing costs no more than the time for connecting")
    func silentServer() async throws {
        try await DedicatedThread.run(name: "test") {
            let silent = try SilentServer()
            let configuration = try PostgresConfiguration(
                databaseURL: "host=\(silent.directory) user=mjn dbname=mjn", connectTimeoutSeconds: 0.2)
            let error = postgresError { try Connection.connect(configuration) }
            #expect(error?.kind == .timeout)
            #expect(error?.outcomeUnknown == false)
        }
    }
}
