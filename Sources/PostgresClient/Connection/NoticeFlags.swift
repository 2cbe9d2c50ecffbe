import CPostgres

/// Listens to the server's warnings for those that put a commit in doubt; libpq would print them all to stderr.
///
/// A commit whose wait for a synchronous standby was cut short is answered as a success with a warning: the row is
/// committed here, but may be lost in a failover. Source: the PostgreSQL manual, `synchronous_commit`, and
/// `SyncRepWaitForLSN`.
final class NoticeFlags {
    /// A warning that says that a commit was not replicated.
    var commitInDoubt = false
    /// Any warning without a more special SQLSTATE.
    var plainWarning = false

    /// The server's last words: it has ended the session, although the socket may still look open.
    var sessionEnded = false

    func reset() {
        commitInDoubt = false
        plainWarning = false
    }

    /// Registers with libpq. The flags must outlive the connection.
    func install(on handle: OpaquePointer) {
        let receiver: PQnoticeReceiver = { context, result in
            guard let context, let result else { return }
            Unmanaged<NoticeFlags>.fromOpaque(context).takeUnretainedValue().note(result)
        }
        PQsetNoticeReceiver(handle, receiver, Unmanaged.passUnretained(self).toOpaque())
    }

    private func note(_ result: OpaquePointer) {
        if PostgresError.endsSession(result) { sessionEnded = true }
        guard let state = PQresultErrorField(result, 67).map({ String(cString: $0) }) else { return }
        if state == "57P01" { commitInDoubt = true }
        guard state == "01000" else { return }
        plainWarning = true
        let text = PQresultErrorField(result, 77).map { String(cString: $0) } ?? ""
        if text.contains("synchronous replication") { commitInDoubt = true }
    }
}
