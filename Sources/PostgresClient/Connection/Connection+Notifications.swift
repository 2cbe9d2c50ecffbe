import CPostgres
import Glibc

/// A message of LISTEN and NOTIFY.
public struct Notification: Sendable, Equatable {
    /// The channel it came on.
    public let channel: String
    /// Its text, empty where none was given.
    public let payload: String
    /// The process number of the backend that sent it.
    public let backendPID: Int32
}

extension Connection {
    /// Begins to receive what is notified on a channel. The name is taken as it stands, quoted.
    public func listen(_ channel: String) throws(PostgresError) {
        try execute("LISTEN \(Self.quoted(channel))")
    }

    /// Ends receiving on a channel.
    public func unlisten(_ channel: String) throws(PostgresError) {
        try execute("UNLISTEN \(Self.quoted(channel))")
    }

    /// Notifies a channel, at the commit of the open transaction or at once; a payload below 8000 bytes.
    public func notify(_ channel: String, payload: String = "") throws(PostgresError) {
        try query("SELECT pg_notify($1, $2)", [.text(channel), .text(payload)])
    }

    /// Waits for the next notification; nil when none came in time.
    ///
    /// - Throws: kind `cancelled` when interrupted, `connectionLost` when the server went away.
    public func waitForNotification(timeoutSeconds: Double) throws(PostgresError) -> Notification? {
        guard !isBusy else { throw PostgresError(.misuse, "the connection is in the middle of a stream") }
        let limit = min(Deadline.after(seconds: timeoutSeconds), deadline)
        while let handle, PQstatus(handle) == CONNECTION_OK {
            if let notification = takeNotification(handle) { return notification }
            switch poll(socket: PQsocket(handle), events: POLLIN, deadline: limit, interruptible: true) {
            case .deadline: return nil
            case .interrupted: throw PostgresError(.cancelled, "cancelled while waiting for a notification")
            case .ready: if PQconsumeInput(handle) == 0 { close() }
            }
        }
        close()
        throw PostgresError(.connectionLost, "the connection to the database is gone")
    }

    private func takeNotification(_ handle: OpaquePointer) -> Notification? {
        guard let notice = PQnotifies(handle) else { return nil }
        defer { PQfreemem(notice) }
        return Notification(
            channel: notice.pointee.relname.map { String(cString: $0) } ?? "",
            payload: notice.pointee.extra.map { String(cString: $0) } ?? "",
            backendPID: notice.pointee.be_pid)
    }

    /// An identifier in double quotes, as SQL wants it.
    package static func quoted(_ identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
