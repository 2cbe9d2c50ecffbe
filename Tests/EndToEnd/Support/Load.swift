import Foundation
import Synchronization
import Testing

/// Clients that send settlements, each with a key of its own, one after another on a connection each, until they are
/// told to stop. What happened to every key is kept.
final class Load: Sendable {
    /// One key's request and what came of it.
    struct Attempt: Sendable {
        let key: String
        /// nil: the connection ended, or stayed silent, before a whole answer.
        let answer: Answer?
        let failure: WireFailure?
        let seconds: Double

        var isSettled: Bool { answer?.status == 201 }
    }

    private struct State {
        var attempts: [Attempt] = []
        var running = 0
        var refusedConnections = 0
    }

    /// What is sent; equal for all keys.
    let body: String
    private let nodes: [(port: Int, authority: String)]
    private let caller: Person
    private let name: String
    private let state = Mutex(State())
    private let stopping = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)

    /// The longest that a client waits for an answer: longer than any that the program may take.
    static let answerSeconds = 20.0

    private static let retriesAtOnce = 64

    /// Starts the clients, dealt out to the nodes in turn.
    init(on nodes: [Node], _ body: String, clients: Int = 8, name: String) {
        self.body = body
        self.name = name
        self.nodes = nodes.map { ($0.port, $0.authority) }
        caller = nodes[0].service
        state.withLock { $0.running = clients }
        for client in 0..<clients {
            Thread.detachNewThread { [self] in
                work(client)
                state.withLock { $0.running -= 1 }
            }
        }
    }

    /// How many have got 201 so far.
    var settledCount: Int { state.withLock { $0.attempts.count(where: \.isSettled) } }

    /// How many answers of any kind have come so far.
    var answeredCount: Int { state.withLock { $0.attempts.count { $0.answer != nil } } }

    /// Connections that nobody took.
    var refusedConnections: Int { state.withLock { $0.refusedConnections } }

    /// Tells the clients to stop after the request that they are at, and waits for them.
    func stop() throws -> [Attempt] {
        stopping.store(true, ordering: .relaxed)
        try Patience.until("the clients have stopped", within: Self.answerSeconds + 10) {
            state.withLock { $0.running == 0 }
        }
        return state.withLock { $0.attempts }
    }

    private func work(_ client: Int) {
        let (port, authority) = nodes[client % nodes.count]
        var open: Wire?
        while !stopping.load(ordering: .relaxed) {
            guard let wire = open ?? (try? Wire(port: port)) else {
                state.withLock { $0.refusedConnections += 1 }
                Patience.pause()
                continue
            }
            open = wire
            let key = "\(name)-\(count.wrappingAdd(1, ordering: .relaxed).newValue)"
            let attempt = Self.attempt(key, Request.settle(body, key: key, by: caller).bytes(to: authority), wire)
            state.withLock { $0.attempts.append(attempt) }
            if attempt.answer == nil || attempt.answer?.headers["connection"] == "close" { open = nil }
            // A server that is busy says when to come again; these clients come a little sooner.
            if attempt.answer?.status == 503 { Patience.pause() }
        }
    }

    private static func attempt(_ key: String, _ bytes: [UInt8], _ wire: Wire) -> Attempt {
        let began = Date()
        do throws(WireFailure) {
            try wire.send(bytes)
            let answer = try wire.receive(within: answerSeconds)
            return Attempt(key: key, answer: answer, failure: nil, seconds: Date().timeIntervalSince(began))
        } catch {
            return Attempt(key: key, answer: nil, failure: error, seconds: Date().timeIntervalSince(began))
        }
    }

    /// Sends each key's request once more.
    /// - Returns: the answers, in the order of the keys.
    static func retry(_ keys: [String], _ body: String, on node: Node) throws -> [Answer] {
        let wires = try (0..<retriesAtOnce).map { _ in try Wire(port: node.port) }
        var answers: [Answer] = []
        for start in stride(from: 0, to: keys.count, by: wires.count) {
            let some = keys[start..<min(start + wires.count, keys.count)]
            for (key, wire) in zip(some, wires) {
                try wire.send(Request.settle(body, key: key, by: node.service).bytes(to: node.authority))
            }
            for (_, wire) in zip(some, wires) { answers.append(try wire.receive()) }
        }
        return answers
    }
}
