import Inbound
import Synchronization

/// A handler that says what a test wants, and remembers what it was given.
final class ScriptedHandler: InboundHandling {
    private struct State {
        var handled: [String] = []
        var running: [String: Int] = [:]
        var together = 0
    }

    private let state = Mutex(State())
    private let answer: @Sendable (InboundEvent) async -> Disposition

    init(_ answer: @escaping @Sendable (InboundEvent) async -> Disposition) { self.answer = answer }

    /// The ids of the events in the order in which they came.
    var handled: [String] { state.withLock { $0.handled } }
    /// How often an event came while another one of its object was being handled.
    var together: Int { state.withLock { $0.together } }

    func handle(_ event: InboundEvent) async -> Disposition {
        let object = event.envelope.objectID ?? event.envelope.id
        state.withLock { state in
            state.handled.append(event.envelope.id)
            state.running[object, default: 0] += 1
            if state.running[object, default: 0] > 1 { state.together += 1 }
        }
        defer { state.withLock { $0.running[object, default: 0] -= 1 } }
        return await answer(event)
    }
}

/// A gate that tasks wait at until it is opened.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    /// How many wait.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }
}

/// Runs a worker while `body` runs.
func withWorker(
    _ inbox: Inbox, _ handler: any InboundHandling, policy: RetryPolicy = RetryPolicy(), concurrencyMax: Int = 16,
    _ body: () async throws -> Void
) async throws {
    let worker = InboxWorker(inbox: inbox, handler: handler, policy: policy, concurrencyMax: concurrencyMax)
    let running = Task { await worker.run() }
    do {
        try await body()
    } catch {
        running.cancel()
        await running.value
        throw error
    }
    running.cancel()
    await running.value
}
