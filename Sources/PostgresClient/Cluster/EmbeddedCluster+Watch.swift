import Synchronization

/// Watching over the server, and stopping it.
extension EmbeddedCluster {
    /// Restarts in a row before the server is given up; a run of `steadySeconds` ends the row.
    private static let restartsMax = 10
    private static let steadySeconds = 60.0
    private static let pauseSecondsFirst = 0.1
    private static let pauseSecondsMax = 5.0
    /// How often the monitor looks whether it should stop.
    private static let lookSeconds = 0.1

    /// Waits for the server's death and starts it again, with growing pauses, until `stop()`.
    func watch(_ places: ClusterPlaces, _ account: ServerAccount, _ first: Postmaster) {
        var postmaster = first
        var restarts = 0
        while true {
            let began = Deadline.now()
            guard waitForDeath(postmaster) else { return }
            onEvent(.died(postmaster.ending))
            if Double(Deadline.now() - began) / 1e9 > Self.steadySeconds { restarts = 0 }
            guard let next = restart(places, account, &restarts) else { return }
            postmaster = next
            onEvent(.restarted(pid: next.identifier, attached: next.isAttached))
        }
    }

    /// Returns true when the server has died, false when the cluster is to stop.
    private func waitForDeath(_ postmaster: Postmaster) -> Bool {
        while !stopping.isClosed {
            if postmaster.waitForEnd(withinSeconds: Self.lookSeconds) { return !stopping.isClosed }
        }
        return false
    }

    private func restart(_ places: ClusterPlaces, _ account: ServerAccount, _ restarts: inout Int) -> Postmaster? {
        var last = "it died again and again"
        while restarts < Self.restartsMax {
            let pause = min(Self.pauseSecondsFirst * Double(1 << restarts), Self.pauseSecondsMax)
            // The first restart follows at once: nothing is known to be wrong with the server yet.
            if restarts > 0, stopping.take(upTo: 1, timeoutSeconds: pause) == nil { return nil }
            restarts += 1
            do throws(ClusterError) {
                let next = try locked(places, account) { server throws(ClusterError) in try server.start() }
                state.withLock { $0.postmaster = next }
                return next
            } catch {
                last = error.description
                onEvent(.message("Postgres could not be started again: \(last)"))
            }
            if stopping.isClosed { return nil }
        }
        onEvent(.gaveUp(last))
        return nil
    }

    /// Stops the server if no other process uses it. The monitor has ended.
    func stopBlocking(patienceSeconds: Double) {
        let (places, users, postmaster) = state.withLock { state in
            defer {
                state.users = nil
                state.postmaster = nil
            }
            return (state.places, state.users, state.postmaster)
        }
        guard let places, let users else { return }
        do throws(ClusterError) {
            let account = try ServerAccount.current()
            try locked(places, account) { _ throws(ClusterError) in
                users.unlock()
                guard users.tryLock(.exclusive) else {
                    return onEvent(.message("Postgres keeps running for the other processes that use it"))
                }
                defer { users.unlock() }
                // Another process may have started the server after its death.
                let running = Postmaster.serving(data: places.data).map { Postmaster.attached($0) }
                let own = postmaster.flatMap { $0.isRunning ? $0 : nil }
                guard let server = own ?? running else { return }
                ClusterServer.stop(server, data: places.data, patienceSeconds: patienceSeconds)
            }
        } catch {
            onEvent(.message("Postgres was not stopped: \(error)"))
        }
    }
}
