import CPostgres
import Glibc

extension Connection {
    /// Opens a connection.
    ///
    /// The hosts are tried in their order, each with its share of the time; name resolution is libpq's, and blocks.
    /// - Throws: kind `unavailable` when no server takes us, `timeout`, `cancelled` when interrupted, `configuration`
    ///   when the server refuses our name, password or database. Messages hold no secrets.
    public static func connect(
        _ configuration: PostgresConfiguration, interrupter: Interrupter = Interrupter()
    ) throws(PostgresError) -> Connection {
        try connect(
            configuration, interrupter: interrupter,
            deadline: .after(seconds: configuration.connectTimeoutSeconds))
    }

    package static func connect(
        _ configuration: PostgresConfiguration, interrupter: Interrupter, deadline: Deadline
    ) throws(PostgresError) -> Connection {
        var failure = PostgresError(.unavailable, "no host to connect to")
        for (index, host) in configuration.hosts.enumerated() {
            let share = deadline.secondsLeft / Double(configuration.hosts.count - index)
            do throws(PostgresError) {
                let limit = deadline == .distant ? deadline : Deadline.after(seconds: share)
                return try connect(host, configuration, interrupter, limit)
            } catch {
                if error.kind == .cancelled { throw error }
                failure = error
            }
        }
        throw failure
    }

    private static func connect(
        _ host: [String: String], _ configuration: PostgresConfiguration, _ interrupter: Interrupter,
        _ deadline: Deadline
    ) throws(PostgresError) -> Connection {
        let values = configuration.options.merging(host) { _, host in host }
        guard let handle = start(values) else { throw PostgresError(.unavailable, "libpq is out of memory") }
        let connection = Connection(handle: handle, configuration: configuration, interrupter: interrupter)
        do throws(PostgresError) {
            try connection.finishConnecting(deadline)
            guard PQsetnonblocking(handle, 1) == 0 else {
                throw PostgresError(.unavailable, "the socket cannot be made non-blocking")
            }
            connection.deadline = deadline
            try connection.apply(configuration.settings)
            connection.deadline = .distant
        } catch {
            connection.close()
            throw error
        }
        return connection
    }

    private static func start(_ values: [String: String]) -> OpaquePointer? {
        let keywords = values.keys.sorted()
        var names = keywords.map { strdup($0).map { UnsafePointer($0) } } + [nil]
        var texts = keywords.map { strdup(values[$0] ?? "").map { UnsafePointer($0) } } + [nil]
        defer { for text in names + texts { free(UnsafeMutablePointer(mutating: text)) } }
        return PQconnectStartParams(&names, &texts, 0)
    }

    private func finishConnecting(_ deadline: Deadline) throws(PostgresError) {
        guard let handle else { return }
        var state = PGRES_POLLING_WRITING
        if PQstatus(handle) == CONNECTION_BAD { throw connectFailure() }
        while state != PGRES_POLLING_OK {
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            // The socket changes while libpq goes through addresses, so it is asked for each time.
            switch poll(socket: PQsocket(handle), events: events, deadline: deadline, interruptible: true) {
            case .ready: break
            case .deadline: throw PostgresError(.timeout, "no answer from the database in time while connecting")
            case .interrupted: throw PostgresError(.cancelled, "cancelled while connecting")
            }
            state = PQconnectPoll(handle)
            if state == PGRES_POLLING_FAILED { throw connectFailure() }
        }
    }

    private func connectFailure() -> PostgresError {
        let text = handle.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
        let message = Redaction.line(text, secrets: secrets)
        // libpq gives no SQLSTATE here. These refusals will not go away by trying again.
        let lasting = [
            "password authentication failed", "no password supplied", "authentication failed for user",
            "no pg_hba.conf entry", "fe_sendauth", "role \"", "database \"",
        ]
        let isLasting =
            lasting.contains { message.contains($0) } && message.contains("FATAL")
            || message.contains("fe_sendauth")
        return PostgresError(isLasting ? .configuration : .unavailable, message)
    }

    private func apply(_ settings: [String: String]) throws(PostgresError) {
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            try query("SELECT set_config($1, $2, false)", [.text(name), .text(value)])
        }
    }
}
