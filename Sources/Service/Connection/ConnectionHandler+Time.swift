import NIOCore

/// Time limits of a connection.
extension ConnectionHandler {
    /// Told by the edge that bytes arrived; false drops them.
    func bytesArrived() -> Bool {
        switch phase {
        case .idle: enter(.head)
        case .head, .body, .answering: break
        case .lingering, .closed: return false
        }
        return true
    }

    /// Enters a phase and sets its deadline.
    func enter(_ phase: Phase) {
        guard self.phase != .closed else { return }
        self.phase = phase
        let timeouts = core.timeouts
        switch phase {
        case .idle:
            deadline =
                .now() + .milliseconds(channel.isWritable ? timeouts.idleMilliseconds : timeouts.writeMilliseconds)
        case .head: deadline = .now() + .milliseconds(timeouts.headersMilliseconds)
        case .body: deadline = .now() + .milliseconds(timeouts.bodyMilliseconds)
        case .lingering: deadline = .now() + .milliseconds(timeouts.lingerMilliseconds)
        case .answering, .closed: deadline = nil
        }
    }

    /// Looks at the deadline from time to time, which costs less than a timer for every request.
    func scheduleTick() {
        tick = channel.eventLoop.scheduleTask(in: .milliseconds(core.timeouts.tickMilliseconds)) { [weak self] in
            guard let self, self.phase != .closed else { return }
            if let deadline = self.deadline, deadline <= .now() { self.expire() }
            if self.phase != .closed { self.scheduleTick() }
        }
    }

    private func expire() {
        switch phase {
        case .idle, .lingering: close()
        case .head:
            refuse(Problem(.requestTimeout, "the header fields took over \(core.timeouts.headersMilliseconds) ms"))
        case .body: refuse(Problem(.requestTimeout, "the body took over \(core.timeouts.bodyMilliseconds) ms"))
        case .answering, .closed: break
        }
    }

    /// The service stops: no further request, and a limit for the one in flight.
    func quiesce() {
        closesAfterReply = true
        if phase == .idle, queueStart == queue.count {
            closeAfterWrites()
            return
        }
        channel.eventLoop.scheduleTask(in: .milliseconds(core.timeouts.shutdownMilliseconds)) { [weak self] in
            self?.close()
        }
    }
}
