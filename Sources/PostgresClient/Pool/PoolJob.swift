import Synchronization

/// One piece of work of a pool: waiting, running, or done; its outcome is delivered exactly once.
final class PoolJob: Sendable {
    /// Until when it may wait for a connection.
    let waitDeadline: Deadline
    /// Until when all of it may take.
    let deadline: Deadline

    private let state: Mutex<State>
    private let body: @Sendable (Connection) throws -> @Sendable () -> Void
    private let fail: @Sendable (any Error) -> Void

    private enum State {
        case waiting
        case running(Interrupter)
        case done
    }

    /// - Parameters:
    ///   - body: runs the work, and returns what delivers its value.
    ///   - fail: delivers an error.
    init(
        waitDeadline: Deadline, deadline: Deadline,
        body: @escaping @Sendable (Connection) throws -> @Sendable () -> Void,
        fail: @escaping @Sendable (any Error) -> Void
    ) {
        self.waitDeadline = waitDeadline
        self.deadline = deadline
        self.body = body
        self.fail = fail
        state = Mutex(.waiting)
    }

    /// Takes the job for a worker; false when it is done already.
    func begin(_ interrupter: Interrupter) -> Bool {
        state.withLock { state in
            guard case .waiting = state else { return false }
            interrupter.reset()
            state = .running(interrupter)
            return true
        }
    }

    /// Stops the job: one that waits ends at once, one that runs has its statement cancelled.
    func cancel() {
        let wasWaiting = state.withLock { state in
            switch state {
            case .waiting:
                state = .done
                return true
            case .running(let interrupter):
                interrupter.interrupt()
                return false
            case .done: return false
            }
        }
        if wasWaiting { fail(PostgresError(.cancelled, "cancelled while waiting for a connection")) }
    }

    /// Ends a job that waits, with an error.
    func refuse(_ error: PostgresError) {
        let wasWaiting = state.withLock { state in
            guard case .waiting = state else { return false }
            state = .done
            return true
        }
        if wasWaiting { fail(error) }
    }

    /// Ends a job that a worker took but could not run.
    func abort(_ error: PostgresError) {
        finish()
        fail(error)
    }

    /// Runs the job that a worker took. The outcome is delivered after `tidy`, which readies the connection for the
    /// next job.
    func run(on connection: Connection, tidy: () -> Void) {
        let outcome = Result { try body(connection) }
        finish()
        tidy()
        switch outcome {
        case .success(let deliver): deliver()
        case .failure(let error): fail(error)
        }
    }

    /// From here on nobody interrupts the worker on behalf of this job.
    private func finish() {
        state.withLock { $0 = .done }
    }
}

/// Where the task's cancellation handler finds the job, which is made after it.
final class PoolJobBox: Sendable {
    private let state = Mutex<(job: PoolJob?, isCancelled: Bool)>((nil, false))

    /// Stores the job; false when the task was cancelled before.
    func store(_ job: PoolJob) -> Bool {
        state.withLock { state in
            state.job = job
            return !state.isCancelled
        }
    }

    func cancel() {
        let job = state.withLock { state in
            state.isCancelled = true
            return state.job
        }
        job?.cancel()
    }
}
