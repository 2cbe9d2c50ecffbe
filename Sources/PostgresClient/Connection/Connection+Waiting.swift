import CPostgres
import Glibc

extension Connection {
    /// Reads of an idle connection before a statement; what is left after them is read with its answer.
    static let idleReadsMax = 64

    /// Why a wait ended.
    enum Wait { case ready, deadline, interrupted }

    /// Waits for the socket, the deadline, or an interrupt.
    func poll(socket: Int32, events: Int32, deadline: Deadline, interruptible: Bool) -> Wait {
        guard socket >= 0 else { return .ready }  // libpq then reports the broken connection itself.
        while true {
            if interruptible, interrupter.isRaised { return .interrupted }
            var descriptors = [
                pollfd(fd: socket, events: Int16(truncatingIfNeeded: events), revents: 0),
                pollfd(fd: interruptible ? interrupter.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            let count = Glibc.poll(&descriptors, 2, deadline.pollMilliseconds)
            if count < 0, errno == EINTR { continue }
            if descriptors[0].revents != 0 || count < 0 { return .ready }
            if count == 0, deadline.hasPassed { return .deadline }
        }
    }

    /// Takes in what arrived while the connection was idle, so that a session that the server has ended is noticed
    /// before a statement is sent to it; the caller can then be sure that the statement had no effect.
    package func noticeEnd() {
        guard let handle, !isBusy else { return }
        for _ in 0..<Self.idleReadsMax {
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&descriptor, 1, 0) > 0 else { return }
            if PQconsumeInput(handle) == 0 || PQstatus(handle) == CONNECTION_BAD { return close() }
            // Parses what came: notifications are kept for later, the server's last words become a notice.
            _ = PQisBusy(handle)
            if notices.sessionEnded { return close() }
        }
    }

    /// Sends all bytes that libpq has queued, taking in what arrives meanwhile.
    func flush(_ exchange: inout Exchange) throws(PostgresError) {
        while let handle {
            let left = PQflush(handle)
            if left == 0 { return }
            if left < 0 {
                close()
                throw lostError(exchange)
            }
            try wait(&exchange, events: POLLIN | POLLOUT)
            if PQconsumeInput(handle) == 0 { return exchange.isLost = true }
        }
    }

    /// Returns the next result, or nil at the end of a statement's results.
    func nextResult(_ exchange: inout Exchange) throws(PostgresError) -> OpaquePointer? {
        guard let handle else { throw lostError(exchange) }
        while !exchange.isLost, PQisBusy(handle) == 1 {
            try wait(&exchange, events: POLLIN)
            if PQconsumeInput(handle) == 0 { exchange.isLost = true }
        }
        // On a lost connection this returns libpq's own error without waiting.
        return PQgetResult(handle)
    }

    /// Waits for the socket. At the deadline, or when interrupted, asks the server to cancel the statement; when it
    /// does not answer within the grace time, gives the connection up and throws.
    func wait(_ exchange: inout Exchange, events: Int32) throws(PostgresError) {
        while true {
            guard let handle else { throw lostError(exchange) }
            let isStopping = exchange.stopped != nil
            let limit =
                isStopping ? min(exchange.deadline, .after(seconds: Self.cancelAgainSeconds)) : exchange.deadline
            switch poll(
                socket: PQsocket(handle), events: events, deadline: limit,
                interruptible: exchange.isInterruptible && !isStopping)
            {
            case .ready: return
            case .interrupted: cancel(&exchange, .cancelled)
            case .deadline where isStopping && !exchange.deadline.hasPassed:
                // A request that came before the server had begun with the statement had no effect.
                if cancelRequest?.isDone ?? true { cancelRequest = CancelRequest(handle) }
            case .deadline where isStopping || !exchange.isCancellable:
                close()
                throw exchange.stopError(exchange.stopped ?? .timeout, exchange.risk != .none)
            case .deadline: cancel(&exchange, .timeout)
            }
        }
    }

    /// Asks the server to cancel the running statement, and grants it the grace time.
    func cancel(_ exchange: inout Exchange, _ reason: PostgresError.Kind) {
        exchange.stopped = reason
        exchange.deadline = .after(seconds: Self.cancelGraceSeconds)
        cancelRequest = handle.flatMap { CancelRequest($0) }
    }

    /// Makes sure that no cancellation is under way that could hit a later statement.
    func settleCancel() {
        guard let request = cancelRequest else { return }
        cancelRequest = nil
        if !request.wait(until: .after(seconds: Self.cancelGraceSeconds)) { close() }
    }

    func lostError(_ exchange: Exchange) -> PostgresError {
        PostgresError(
            .connectionLost, "the connection to the database is gone", statement: exchange.statement,
            outcomeUnknown: exchange.risk != .none)
    }
}
