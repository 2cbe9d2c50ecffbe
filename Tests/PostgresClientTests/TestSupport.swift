import PostgresClient
import PostgresFixture
import Synchronization

/// Runs a body with a connection to a fresh database, on a thread that may block.
func withDatabase<Value: Sendable>(
    settings: [String: String] = [:], statementTimeoutSeconds: Double = 60,
    _ body: @escaping @Sendable (Connection) throws -> Value
) async throws -> Value {
    let url = try await PostgresFixture.freshDatabase()
    return try await DedicatedThread.run(name: "test") {
        let connection = try Connection.connect(
            PostgresConfiguration(
                databaseURL: url, statementTimeoutSeconds: statementTimeoutSeconds, settings: settings))
        defer { connection.close() }
        return try body(connection)
    }
}

/// Whatever a body throws, or nil.
func thrownError<Value>(_ body: () throws -> Value) -> (any Error)? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// The error that a body throws, or nil.
func postgresError<Value>(_ body: () throws -> Value) -> PostgresError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

/// The error that an asynchronous body throws, or nil.
func postgresError<Value>(_ body: () async throws -> Value) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

/// Waits on this thread, which must be one that may block, until a condition holds; false when it does not in time.
func eventuallyBlocking(withinSeconds seconds: Double = 20, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Deadline.after(seconds: seconds)
    while !deadline.hasPassed {
        if try condition() { return true }
        _ = BlockingQueue<Bool>(capacity: 1).take(upTo: 1, timeoutSeconds: 0.005)
    }
    return try condition()
}

/// Waits, without holding a thread, until a condition holds; false when it does not in time.
func eventually(withinSeconds seconds: Double = 20, _ condition: () -> Bool) async throws -> Bool {
    let deadline = Deadline.after(seconds: seconds)
    while !deadline.hasPassed {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}

/// Something shared between threads of a test.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>
    init(_ value: Value) { mutex = Mutex(value) }
    var value: Value { mutex.withLock { $0 } }
    func set(_ value: Value) { mutex.withLock { $0 = value } }
    func update(_ change: @Sendable (inout Value) -> Void) { mutex.withLock { change(&$0) } }
}

/// Hands a connection over to another thread, once.
///
/// `@unchecked Sendable`: the giver never touches the connection again, and the taker gets it only once.
final class OneUse: @unchecked Sendable {
    private var connection: Connection?
    init(_ connection: Connection) { self.connection = connection }

    func take() -> Connection {
        defer { connection = nil }
        guard let connection else { preconditionFailure("taken twice") }
        return connection
    }
}

/// Whether a connection still serves a simple statement.
func answers(_ connection: Connection) -> Bool {
    do {
        return try connection.query("SELECT 41::int8 + 1").one().int8(0) == 42
    } catch {
        return false
    }
}
