import CPostgres

/// One connection to Postgres, used by one thread at a time.
///
/// Every call blocks its thread, and none longer than its deadline: the socket is non-blocking and waited for with
/// poll(). A call that outlasts its deadline cancels its statement on the server, and gives the connection up when
/// the server does not answer that either. After a failure that broke the connection, `isUsable` is false and every
/// further call fails with kind `connectionLost`; make a new one then.
/// Not Sendable on purpose: hand it to a `PostgresPool`, or keep it on a `DedicatedThread`.
public final class Connection {
    /// Seconds that the server has to acknowledge a cancellation before the connection is given up.
    static let cancelGraceSeconds = 2.0

    /// Seconds after which a cancellation without effect is asked for again.
    static let cancelAgainSeconds = 0.2

    /// Cancels what the connection is doing, from any thread.
    public let interrupter: Interrupter
    /// Seconds that a call may take where it names no limit of its own.
    public var statementTimeoutSeconds: Double
    /// A bound on all calls together, for instance that of a pool's job.
    package var deadline = Deadline.distant

    /// libpq's connection, nil once closed.
    var handle: OpaquePointer?
    let secrets: [String]
    let notices: NoticeFlags
    /// The statements prepared so far: text and parameter types by name.
    var prepared: [String: PreparedStatement] = [:]
    /// The cancellation that was asked for, until the statement has ended.
    var cancelRequest: CancelRequest?
    /// How often a statement had to be forgotten and prepared anew.
    var preparedAgain = 0
    /// True inside a pipeline, a stream or a copy, when no other call is possible.
    var isBusy = false

    init(handle: OpaquePointer, configuration: PostgresConfiguration, interrupter: Interrupter) {
        self.handle = handle
        self.interrupter = interrupter
        statementTimeoutSeconds = configuration.statementTimeoutSeconds
        secrets = configuration.secrets
        notices = NoticeFlags()
        notices.install(on: handle)
    }

    deinit { close() }

    /// Whether the connection is open, as far as is known without asking the server.
    public var isUsable: Bool { handle.map { PQstatus($0) == CONNECTION_OK } ?? false }

    /// Whether a transaction is open or has failed and awaits its ROLLBACK.
    public var isInTransaction: Bool {
        guard let handle else { return false }
        let status = PQtransactionStatus(handle)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// The process number of the server's backend; zero when closed.
    public var backendPID: Int32 { handle.map { PQbackendPID($0) } ?? 0 }

    /// The server's version, for instance 150018; zero when closed.
    public var serverVersion: Int32 { handle.map { PQserverVersion($0) } ?? 0 }

    /// Closes the connection; an open transaction is rolled back by the server. Further calls change nothing.
    public func close() {
        guard let handle else { return }
        self.handle = nil
        prepared = [:]
        PQfinish(handle)
    }

    /// What the server knows a statement as.
    struct PreparedStatement {
        let serverName: String
        let sql: String
        let types: [UInt32]
    }
}
