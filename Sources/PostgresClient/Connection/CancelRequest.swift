import CPostgres

/// One request to the server to cancel a statement, made on a thread of its own: libpq opens a second connection for
/// it and waits there, which a server that hangs would prolong without end.
///
/// `@unchecked Sendable`: libpq's cancel object is a copy of the connection's address and key, used by that thread
/// only.
final class CancelRequest: @unchecked Sendable {
    private let request: OpaquePointer
    /// Closed when the server has taken the request, or refused it.
    private let done = BlockingQueue<Bool>(capacity: 1)

    /// Sends the request; nil when the connection is closed.
    init?(_ connection: OpaquePointer) {
        guard let request = PQgetCancel(connection) else { return nil }
        self.request = request
        _ = DedicatedThread.spawn(name: "postgres-cancel") { [self] in
            var message = [CChar](repeating: 0, count: 256)
            // What went wrong does not matter: without an answer to the statement the connection is given up.
            _ = PQcancel(self.request, &message, Int32(message.count))
            done.close()
        }
    }

    deinit { PQfreeCancel(request) }

    var isDone: Bool { done.isClosed }

    /// Waits until the server has taken the request; false when the time passes first.
    func wait(until deadline: Deadline) -> Bool {
        done.take(upTo: 1, timeoutSeconds: deadline.secondsLeft) == nil
    }
}
