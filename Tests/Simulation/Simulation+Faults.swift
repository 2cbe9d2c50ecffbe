import LedgerDouble
import Settlement

extension Simulation {
    /// What goes wrong with one call of the database.
    enum DatabaseFault: Hashable {
        case none
        /// The call never arrives.
        case lostBefore
        /// It is done, and the answer is lost.
        case lostAfter
        /// The answer is lost, and it is done later.
        case late
        /// A deadlock, a shutdown: not done.
        case refused
        /// A row that is not taken: not done.
        case rejected
    }

    func databaseFault(isCommit: Bool) -> DatabaseFault {
        guard !isDraining else { return .none }
        if random.chance(perMille: swarm.lostBefore) { return .lostBefore }
        if random.chance(perMille: swarm.lostAfter) { return .lostAfter }
        guard isCommit else { return .none }
        if random.chance(perMille: swarm.lateCommit) { return .late }
        if random.chance(perMille: swarm.refused) { return .refused }
        if random.chance(perMille: swarm.rejected) { return .rejected }
        return .none
    }

    /// Plans a server's crashes, pauses, clock steps and orderly ends.
    func planFaults(_ index: Int) {
        repeatedly(every: swarm.crashEveryMs) { [unowned self] in crash(index) }
        repeatedly(every: swarm.pauseEveryMs) { [unowned self] in pause(index) }
        repeatedly(every: swarm.clockStepEveryMs) { [unowned self] in stepClock(index) }
        repeatedly(every: swarm.stopEveryMs) { [unowned self] in stop(index) }
    }

    private func repeatedly(every mean: Int64, _ body: @escaping () -> Void) {
        guard mean > 0 else { return }
        queue.plan(after: random.within(1...2 * mean)) { [unowned self] in
            guard !isDraining else { return }
            body()
            repeatedly(every: mean, body)
        }
    }

    /// The process is gone with its memory. What it had sent may still be done.
    private func crash(_ index: Int) {
        guard servers[index].poster != nil else { return }
        count("crash")
        note("server \(index) crashes")
        end(index)
    }

    private func end(_ index: Int) {
        servers[index].poster = nil
        servers[index].isPaused = false
        servers[index].stash = []
        let life = servers[index].life
        let waiting = servers[index].tickets.sorted { $0.key < $1.key }.map(\.value)
        servers[index].tickets = [:]
        for attempt in waiting where random.chance(perMille: 500) {
            // Of the others nobody hears: their clients wait until they lose patience.
            queue.plan(after: latency()) { [unowned self] in
                received(attempt, .failure(.databaseUnavailable("connection reset")))
            }
        }
        queue.plan(after: random.within(1...2500)) { [unowned self] in
            if servers[index].life == life, servers[index].poster == nil { start(index) }
        }
    }

    /// The process stands still, often for longer than the lease.
    func pause(_ index: Int) {
        guard servers[index].poster != nil, !servers[index].isPaused else { return }
        count("pause")
        note("server \(index) stands still")
        servers[index].isPaused = true
        let life = servers[index].life
        queue.plan(after: random.within(1...3 * swarm.leaseMs)) { [unowned self] in
            if servers[index].life == life, servers[index].isPaused { resume(index) }
        }
    }

    func resume(_ index: Int) {
        note("server \(index) goes on")
        servers[index].isPaused = false
        let stash = servers[index].stash
        servers[index].stash = []
        let life = servers[index].life
        for body in stash {
            deliver(index, life, after: 0, body)
        }
    }

    private func stepClock(_ index: Int) {
        count("clock step")
        let steps: [Int64] = [1, 50, 2000, 60_000, 3_600_000, 86_400_000, 3 * 86_400_000, 31 * 86_400_000]
        let step = (random.pick(steps) ?? 1) * (random.chance(perMille: 500) ? 1 : -1)
        if random.chance(perMille: 200) {
            databaseSkewMs += step % 5000
            note("the database's clock steps by \(step % 5000)")
        } else if abs(servers[index].skewMs + step) < 70 * 86_400_000 {
            servers[index].skewMs += step
            note("server \(index)'s clock steps by \(step)")
        }
    }

    private func stop(_ index: Int) {
        guard servers[index].poster != nil, !servers[index].isPaused else { return }
        count("stop")
        note("server \(index) is told to end")
        handle(index, .stop)
        let life = servers[index].life
        queue.plan(after: 300) { [unowned self] in
            if servers[index].life == life, servers[index].poster != nil { end(index) }
        }
    }
}
