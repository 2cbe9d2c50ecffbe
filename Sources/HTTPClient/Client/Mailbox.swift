import Synchronization

/// What other threads tell the client's thread, and what they may know of it.
final class Mailbox: Sendable {
    enum Command: Sendable {
        case send(Exchange)
        case cancel(Exchange.ID)
        case resolved(host: String, lookup: UInt64, NameResolving.Answer)
    }

    struct Delivery {
        let commands: [Command]
        let isClosing: Bool
    }

    private struct State {
        var commands: [Command] = []
        var outstanding = 0
        var lastID: Exchange.ID = 0
        var isClosing = false
        var hasEnded = false
        var awaitingEnd: [CheckedContinuation<Void, Never>] = []
    }

    let wake: WakeSignal
    private let outstandingMax: Int
    private let state = Mutex(State())

    /// - Parameter outstandingMax: requests that were sent and not answered, at most.
    init(wake: WakeSignal, outstandingMax: Int) {
        self.wake = wake
        self.outstandingMax = outstandingMax
    }

    /// A number for one exchange.
    func nextID() -> Exchange.ID {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Hands an exchange over; its answer comes through its continuation, at once where it is refused.
    func send(_ exchange: Exchange) {
        let refusal = state.withLock { state -> HTTPError? in
            if state.isClosing { return .closed }
            guard state.outstanding < outstandingMax else {
                return HTTPError(.overloaded, .nothingSent, "too many HTTP requests wait already")
            }
            state.outstanding += 1
            state.commands.append(.send(exchange))
            return nil
        }
        guard let refusal else { return wake.call() }
        exchange.continuation.resume(returning: .failure(refusal))
    }

    /// Tells something that nobody waits for.
    func post(_ command: Command) {
        let isTold = state.withLock { state in
            guard !state.hasEnded else { return false }
            state.commands.append(command)
            return true
        }
        if isTold { wake.call() }
    }

    /// Refuses further exchanges, and tells the thread to end the ones there are.
    func close() {
        state.withLock { $0.isClosing = true }
        wake.call()
    }

    /// Waits until the thread has ended everything.
    func awaitEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.awaitingEnd.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Takes what was told since the last time. For the client's thread.
    func take() -> Delivery {
        state.withLock { state in
            defer { state.commands = [] }
            return Delivery(commands: state.commands, isClosing: state.isClosing)
        }
    }

    /// Counts an exchange as answered. For the client's thread.
    func countAnswer() { state.withLock { $0.outstanding -= 1 } }

    /// Tells that nothing is left. For the client's thread, as its last word.
    func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            state.commands = []
            defer { state.awaitingEnd = [] }
            return state.awaitingEnd
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension HTTPError {
    /// The client was shut down before the request went out.
    static let closed = HTTPError(.closed, .nothingSent, "the HTTP client was shut down")

    /// The task was cancelled before the request was handed over.
    static let cancelled = HTTPError(.cancelled, .nothingSent, "the request was cancelled")
}
