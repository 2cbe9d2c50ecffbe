import Kernel
import LedgerDouble
import Settlement

/// One seeded world: servers with their posters, one database, clients, and whatever goes wrong between them.
/// Everything happens on one queue of events in virtual time, so that the same seed is the same run.
final class Simulation {
    let seed: UInt64
    let mistake: Mistake?
    let swarm: Swarm
    var random: TestRandom
    var queue = EventQueue()
    /// The database, its clock and what it does not take.
    var book = MemoryBook()
    var databaseSkewMs: Int64 = 0
    var poisoned: Set<CommandIdentity> = []
    var oldRules: [GasKey: GasRule] = [:]
    var servers: [Server] = []
    var clients = Clients()
    var model = Model()
    var journal = Journal()
    /// Answers that the model allows, beside the stored ones.
    var allowed: [Request: Set<Model.Answer>] = [:]
    /// Faults are over: everything must come to an end.
    var isDraining = false
    var failure: String?
    var trace: [String]?
    /// What happened, by kind, so that a test can tell a run in which nothing did.
    var counts: [String: Int] = [:]

    /// The start of virtual time: 2026-03-31T12:00:00Z.
    static let startMs = People.noonMs
    /// Virtual milliseconds after the last operation within which everything must have come to an end.
    static let drainMs: Int64 = 60_000

    /// An identity with one body.
    struct Request: Hashable {
        let identity: CommandIdentity
        let hash: [UInt8]
    }

    init(seed: UInt64, mistake: Mistake? = nil, isTraced: Bool = false) {
        self.seed = seed
        self.mistake = mistake
        random = TestRandom(seed: seed)
        swarm = Swarm(&random)
        trace = isTraced ? [] : nil
        servers = (0..<swarm.servers).map { Server(index: $0) }
    }

    /// Runs to the end; what went wrong, or `nil`.
    func run() -> String? {
        for index in servers.indices {
            start(index)
            planFaults(index)
        }
        planOperation()
        while failure == nil, !isDraining, let body = queue.next(until: .max) { body() }
        drain()
        if failure == nil { failure = journal.rebuild(from: book, model: model) }
        return failure
    }

    func note(_ text: @autoclosure () -> String) {
        guard trace != nil else { return }
        trace?.append("\(queue.now) \(text())")
    }

    func fail(_ why: String) {
        if failure == nil { failure = why }
        note("FAILED: \(why)")
    }

    func count(_ what: String) { counts[what, default: 0] += 1 }

    var databaseMs: Int64 { Self.startMs + queue.now + databaseSkewMs }

    /// The way to the database or to a client; short once faults are over.
    func latency() -> Int64 { 1 + random.within(0...(isDraining ? 3 : swarm.latencyMaxMs)) }

    // MARK: The end

    /// Stops all faults and waits until everybody has an answer.
    private func drain() {
        guard failure == nil else { return }
        note("faults are over")
        poisoned.removeAll()
        for index in servers.indices {
            if servers[index].isPaused { resume(index) }
            if servers[index].poster == nil { start(index) }
        }
        let end = queue.now + Self.drainMs
        var checkAt = queue.now
        while failure == nil, let body = queue.next(until: end) {
            body()
            if queue.now >= checkAt {
                if unfinished() == nil { return }
                checkAt = queue.now + 200
            }
        }
        if failure == nil, let why = unfinished() { fail("no end within \(Self.drainMs) ms: \(why)") }
    }

    private func unfinished() -> String? {
        if let operation = clients.operations.first(where: { !$0.isOver }) {
            return "operation \(operation.id) \(operation.members[0].identity) has no answer"
        }
        if let intent = book.intents.first { return "intent \(intent.intentID) is left" }
        let leaders = servers.filter { $0.poster?.isLeader == true }
        if leaders.count != 1 { return "\(leaders.count) leaders" }
        return nil
    }
}
