/// The work of one of a pool's threads: take a job, ready the connection, run the job, tidy up.
struct PoolWorker {
    private static let backoffSecondsFirst = 0.02
    private static let backoffSecondsMax = 0.5

    let core: PoolCore
    let interrupter: Interrupter

    func loop() {
        var connection: Connection?
        while let job = core.queue.take(upTo: 1)?.first {
            core.began()
            serve(job, &connection)
            core.ended()
        }
        connection?.close()
    }

    private func serve(_ job: PoolJob, _ connection: inout Connection?) {
        guard job.begin(interrupter) else { return }
        let ready: Connection
        do throws(PostgresError) {
            ready = try usable(&connection, for: job)
        } catch {
            return job.abort(error)
        }
        ready.deadline = job.deadline
        job.run(on: ready) {
            interrupter.reset()
            ready.deadline = .distant
            ready.rollBackLeftovers()
        }
        if !ready.isUsable { connection = nil }
    }

    /// Returns a connection that the server has not ended, making one if need be until the job's patience is over.
    private func usable(_ connection: inout Connection?, for job: PoolJob) throws(PostgresError) -> Connection {
        if job.waitDeadline.hasPassed { throw PostgresError(.poolExhausted, "no connection came free in time") }
        if let open = connection {
            open.noticeEnd()
            if open.isUsable { return open }
        }
        connection = nil
        var pauseSeconds = Self.backoffSecondsFirst
        while true {
            let failure: PostgresError
            do throws(PostgresError) {
                let limit = Deadline.after(seconds: core.configuration.connectTimeoutSeconds)
                let made = try Connection.connect(
                    core.configuration, interrupter: interrupter, deadline: min(limit, job.waitDeadline))
                connection = made
                return made
            } catch {
                failure = error
            }
            guard failure.kind == .unavailable || failure.kind == .connectionLost || failure.kind == .timeout else {
                throw failure
            }
            let next = Deadline.after(seconds: pauseSeconds * Double.random(in: 0.5...1))
            guard next < job.waitDeadline else {
                throw PostgresError(.unavailable, failure.message, sqlState: failure.sqlState)
            }
            guard interrupter.sleep(until: next) else {
                throw PostgresError(.cancelled, "cancelled while waiting for the database")
            }
            pauseSeconds = min(pauseSeconds * 2, Self.backoffSecondsMax)
        }
    }
}
