import Glibc
import Synchronization

/// A private Postgres in a directory, run by this program and reachable only through a socket in that directory.
///
/// Several processes may use one directory: the first one starts the server, the others attach to it, and the last one
/// to stop stops it. That holds for processes that were killed too: a server that they left behind is attached to by
/// the next start and stopped by its `stop()`. When the server dies, one of the processes starts it again.
/// As root the server runs as the account `postgres`. Nobody but that account, the account that ran this program, and
/// root can connect; no port is opened.
public final class EmbeddedCluster: Sendable {
    /// What happens to the server, for the log.
    public enum Event: Sendable, Equatable {
        /// Something the operator should know, such as a directory chosen in place of another.
        case message(String)
        /// The server takes connections; `attached` when another process started it.
        case started(pid: Int32, attached: Bool)
        /// The server died and is being started again.
        case died(String)
        /// The server takes connections again.
        case restarted(pid: Int32, attached: Bool)
        /// The server died too often, or cannot be started; it stays down.
        case gaveUp(String)
    }

    /// Seconds that a start may take, crash recovery included.
    public static let startTimeoutSeconds = 300.0

    let dataDirectory: String
    let settings: [String: String]
    let onEvent: @Sendable (Event) -> Void
    let state = Mutex(State())

    struct State: Sendable {
        var places: ClusterPlaces?
        var postmaster: Postmaster?
        var users: FileLock?
        var isStopping = false
        var monitor: DedicatedThread?
    }
    /// Closed by `stop()`, to wake the monitor from its pauses.
    let stopping = BlockingQueue<Bool>(capacity: 1)

    /// Describes a cluster; nothing happens before `start()`.
    ///
    /// - Parameters:
    ///   - dataDirectory: the node's directory; the server's files go into `postgres` below it.
    ///   - settings: server settings on top of the tuned ones.
    ///   - onEvent: called from threads of the cluster; must not block for long.
    public init(
        dataDirectory: String, settings: [String: String] = [:],
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.dataDirectory = dataDirectory
        self.settings = settings
        self.onEvent = onEvent
    }

    /// The connection string, for libpq and for `psql`; nil before `start()` has returned.
    public var databaseURL: String? {
        state.withLock { $0.places }.map { ClusterSettings.databaseURL($0, database: ClusterSettings.role) }
    }

    /// The directory that holds the server's files; nil before `start()` has returned.
    public var directory: String? { state.withLock { $0.places?.directory } }

    /// The server's process number; nil while there is none.
    public var postmasterPID: Int32? {
        state.withLock { $0.postmaster }.flatMap { $0.isRunning ? $0.identifier : nil }
    }

    /// Starts the server, or attaches to the one that runs, and watches over it from then on.
    ///
    /// Makes the cluster first where there is none. Returns when the database takes connections; a second call returns
    /// at once.
    /// - Returns: the connection string.
    /// - Throws: `ClusterError`.
    @discardableResult
    public func start() async throws -> String {
        if let url = databaseURL { return url }
        return try await DedicatedThread.run(name: "postgres-start") { [self] in
            try startBlocking()
        }
    }

    /// Stops watching, and stops the server unless other processes still use it. Never throws; calls after the first
    /// return when that one is done.
    ///
    /// - Parameter patienceSeconds: how long a clean shutdown may take before the server is stopped at once. Nothing
    ///   that was committed is lost either way.
    public func stop(patienceSeconds: Double = 30) async {
        state.withLock { $0.isStopping = true }
        stopping.close()
        await state.withLock { $0.monitor }?.join()
        let stopper = DedicatedThread.spawn(name: "postgres-stop") { [self] in
            stopBlocking(patienceSeconds: patienceSeconds)
        }
        await stopper.join()
    }

    private func startBlocking() throws(ClusterError) -> String {
        let account = try ServerAccount.current()
        let places = try ClusterPlaces.choose(dataDirectory: dataDirectory, account: account) { message in
            onEvent(.message(message))
        }
        let users = try FileLock(places.usersLock)
        let postmaster = try locked(places, account) { server throws(ClusterError) in
            // Under the start lock nobody holds this one alone for longer than a moment.
            guard users.lock(.shared, until: server.deadline) else {
                throw ClusterError(.startTimedOut, "\(places.usersLock) is held", fix: "stop the process that holds it")
            }
            try server.initialise()
            return try server.start()
        }
        let url = ClusterSettings.databaseURL(places, database: ClusterSettings.role)
        let monitor = DedicatedThread.spawn(name: "postgres-watch") { [self] in
            watch(places, account, postmaster)
        }
        state.withLock { state in
            state.places = places
            state.postmaster = postmaster
            state.users = users
            state.monitor = monitor
        }
        onEvent(.started(pid: postmaster.identifier, attached: postmaster.isAttached))
        return url
    }

    /// Runs a step while holding the lock that lets one process at a time start or stop the server.
    func locked<Value: Sendable>(
        _ places: ClusterPlaces, _ account: ServerAccount,
        _ body: (ClusterServer) throws(ClusterError) -> Value
    ) throws(ClusterError) -> Value {
        let deadline = Deadline.after(seconds: Self.startTimeoutSeconds)
        let lock = try FileLock(places.startLock)
        if !lock.tryLock(.exclusive) {
            onEvent(.message("another process is starting or stopping Postgres: waiting for it"))
            guard lock.lock(.exclusive, until: deadline) else {
                throw ClusterError(
                    .startTimedOut, "\(places.startLock) is held", fix: "stop the process that holds it")
            }
        }
        defer { lock.unlock() }
        return try body(ClusterServer(places: places, account: account, settings: settings, deadline: deadline))
    }
}
