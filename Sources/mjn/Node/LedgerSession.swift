import Cryptography
import Foundation
import Kernel
import LedgerMigrations
import LedgerStore
import Logging
import PostgresClient
import Service
import Settlement

/// An open book, for the time of one command.
struct LedgerSession: Sendable {
    let store: PostgresLedgerStore
    let database: PostgresConfiguration
    let nodeDID: DID
    let clock: @Sendable () -> Int64

    /// Whether balances may be invented.
    var isDevelopment: Bool { store.isDevelopment }
}

/// Opens the node's book, runs `body`, and closes it. Works beside a running server, which then does the writing.
///
/// - Parameter isReadOnly: reads only: it works on a standby of the database then, and asks for no lease.
func withLedger<T: Sendable>(
    _ options: NodeOptions, isReadOnly: Bool = false, _ body: (LedgerSession) async throws -> T
) async throws -> T {
    let settings = try NodeSettings()
    let logger = quietLogger()
    let database = try await NodeDatabase.open(settings, dataDirectory: options.dataDirectory) { _ in }
    let result: Result<T, any Error>
    do {
        result = .success(try await withBook(database, settings, logger, isReadOnly, body))
    } catch {
        result = .failure(error)
    }
    await database.close()
    return try result.get()
}

/// Opens the node's book and its rails, runs `body`, and closes both.
func withRails<T: Sendable>(
    _ options: NodeOptions, isReadOnly: Bool = false, _ body: (NodeRails, LedgerSession) async throws -> T
) async throws -> T {
    let settings = try NodeSettings()
    return try await withLedger(options, isReadOnly: isReadOnly) { session in
        let rails = try await NodeRails.open(
            settings.rails, store: session.store, payOrigin: settings.origins.first)
        let result: Result<T, any Error>
        do { result = .success(try await body(rails, session)) } catch { result = .failure(error) }
        await rails.close()
        return try result.get()
    }
}

private func withBook<T: Sendable>(
    _ database: NodeDatabase, _ settings: NodeSettings, _ logger: Logger, _ isReadOnly: Bool,
    _ body: (LedgerSession) async throws -> T
) async throws -> T {
    var configuration = PostgresLedgerStore.Configuration.inSchema(database.configuration)
    if isReadOnly { configuration.settings["default_transaction_read_only"] = "on" }
    let pool = PostgresPool(configuration, size: 2)
    let result: Result<T, any Error>
    do {
        guard let book = try await PostgresLedgerStore.book(BookNumbers.main, in: pool) else {
            throw CLIFailure(
                "there is no book here yet", fix: "start a node once: mjn up", exitCode: ExitStatus.unavailable)
        }
        var store = PostgresLedgerStore.Configuration(
            database: configuration, book: book, holder: ProcessName.make(), clock: SystemClock.milliseconds,
            logger: logger)
        store.isReadOnly = isReadOnly
        store.leaseMs = settings.leaseMs
        store.isHolderGone = ProcessName.isGone
        let open = try await PostgresLedgerStore(store, pool: pool)
        let session = LedgerSession(
            store: open, database: configuration, nodeDID: book.node, clock: SystemClock.milliseconds)
        do {
            result = .success(try await body(session))
        } catch {
            result = .failure(error)
        }
        await open.close()
    } catch {
        result = .failure(error)
    }
    await pool.close()
    do {
        return try result.get()
    } catch let failure as LedgerFailure {
        throw CLIFailure(failure)
    }
}

/// A logger for commands: only what is wrong, on standard error.
func quietLogger() -> Logger {
    var environment = ProcessInfo.processInfo.environment
    environment["MJN_LOG_LEVEL"] = environment["MJN_LOG_LEVEL"] ?? "error"
    return ServiceLog.logger(label: "mjn", environment: environment)
}

/// A line for people on standard error.
func standardError(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

extension CLIFailure {
    /// What a ledger failure means on the command line.
    init(_ failure: LedgerFailure) {
        switch failure {
        case .overloaded: self.init("the ledger is busy", fix: "try again", exitCode: ExitStatus.busy)
        case .inFlight:
            self.init(
                "the server that writes the book did not answer in time",
                fix: "try again with the same key; it finds out what happened", exitCode: ExitStatus.busy)
        case .databaseUnavailable(let why):
            self.init(
                "the database does not answer (\(why))", fix: "check it with: mjn doctor",
                exitCode: ExitStatus.unavailable)
        case .stopping: self.init("the ledger is closing", fix: "try again", exitCode: ExitStatus.busy)
        case .rejected(let why):
            // 42P01 and 3F000: the tables are not there.
            let isEmpty = why.hasPrefix("42P01") || why.hasPrefix("3F000")
            self.init(
                isEmpty ? "this database has no book yet" : "the database refused: \(why)",
                fix: isEmpty ? "start a node once (mjn up), or run: mjn migrate" : nil,
                exitCode: isEmpty ? ExitStatus.unavailable : ExitStatus.failed)
        }
    }
}
