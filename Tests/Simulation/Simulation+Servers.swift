import Kernel
import LedgerDouble
import Settlement

/// One process: its poster, its clock, and who waits in it.
struct Server {
    let index: Int
    /// Grows with every start: what was sent to an earlier life does not arrive.
    var life = 0
    var poster: Poster?
    var skewMs: Int64 = 0
    var isPaused = false
    /// What arrived while it was paused.
    var stash: [() -> Void] = []
    var tickets: [UInt64: Attempt] = [:]
    var ticket: UInt64 = 0
    /// Intents that were handed to the poster, and when.
    var handed: [String: Int64] = [:]
    /// What facts were loaded with, by the load's number.
    var loads: [UInt64: Load] = [:]

    /// One load's circumstances.
    struct Load {
        /// The server's clock when facts were asked for.
        var atMs: Int64
        /// Recipients' rules when facts were read.
        var gasRules: [GasKey: GasRule]
    }
}

extension Simulation {
    static let tickMs: Int64 = 200
    static let readIntentsMs: Int64 = 80
    /// As in the store: an intent that was not answered is handed to the poster again.
    static let handAgainMs: Int64 = 5000

    func clock(_ index: Int) -> Int64 { Self.startMs + queue.now + servers[index].skewMs }

    func start(_ index: Int) {
        servers[index].life += 1
        servers[index].poster = Poster(book: People.book, limits: swarm.limits)
        servers[index].tickets = [:]
        servers[index].handed = [:]
        servers[index].loads = [:]
        servers[index].stash = []
        servers[index].isPaused = false
        note("server \(index) starts")
        tick(index, servers[index].life)
        readIntents(index, servers[index].life)
    }

    /// Runs something on a server, in the life that it is meant for; a paused server does it later.
    func deliver(_ index: Int, _ life: Int, after delay: Int64, _ body: @escaping () -> Void) {
        queue.plan(after: delay) { [unowned self] in
            guard servers[index].life == life, servers[index].poster != nil else { return }
            if servers[index].isPaused { servers[index].stash.append(body) } else { body() }
        }
    }

    private func tick(_ index: Int, _ life: Int) {
        deliver(index, life, after: Self.tickMs) { [unowned self] in
            handle(index, .tick)
            tick(index, life)
        }
    }

    private func readIntents(_ index: Int, _ life: Int) {
        deliver(index, life, after: Self.readIntentsMs) { [unowned self] in
            defer { readIntents(index, life) }
            guard servers[index].poster?.isLeader == true else {
                servers[index].handed = [:]
                return
            }
            let found = book.intents.filter { intent in
                servers[index].handed[intent.intentID].map { queue.now - $0 > Self.handAgainMs } ?? true
            }
            guard !found.isEmpty else { return }
            for intent in found { servers[index].handed[intent.intentID] = queue.now }
            let submissions = found.map {
                Submission(ticket: 0, commands: $0.commands, isAtomic: $0.isAtomic, intentID: $0.intentID)
            }
            deliver(index, life, after: latency()) { [unowned self] in handle(index, .submitted(submissions)) }
        }
    }

    /// Tells a poster what happened and does what it asks for.
    func handle(_ index: Int, _ event: PosterEvent) {
        guard var poster = servers[index].poster, failure == nil else { return }
        let effects = poster.handle(event, nowMs: clock(index))
        let batch = poster.committingItems
        servers[index].poster = poster
        if effects.contains(where: \.isLoad), !batch.isEmpty { count("overlap") }
        for effect in effects {
            switch effect {
            case .answer(let ticket, let decisions): reply(index, ticket, .success(decisions))
            case .fail(let ticket, let failure): reply(index, ticket, .failure(failure))
            case .forward(let submissions): for submission in submissions { forward(index, submission) }
            default: ask(index, effect, batch)
            }
        }
    }

    private func reply(_ index: Int, _ ticket: UInt64, _ result: Result<[Decision], LedgerFailure>) {
        guard let attempt = servers[index].tickets.removeValue(forKey: ticket) else {
            return fail("server \(index) answers ticket \(ticket), for which nobody waits")
        }
        queue.plan(after: latency()) { [unowned self] in received(attempt, result) }
    }

    // MARK: Forwarding

    /// Leaves a submission for the leader and waits for its answer in the database.
    private func forward(_ index: Int, _ submission: Submission) {
        count("forwarded")
        guard let attempt = servers[index].tickets.removeValue(forKey: submission.ticket) else {
            return fail("server \(index) forwards ticket \(submission.ticket), for which nobody waits")
        }
        let life = servers[index].life
        let intent = Intent(
            intentID: "i\(attempt.operation)-\(attempt.number)-\(counts["forwarded"] ?? 0)",
            commands: submission.commands, isAtomic: submission.isAtomic)
        let fault = databaseFault(isCommit: false)
        queue.plan(after: latency()) { [unowned self] in
            if fault != .lostBefore { book.leave(intent) }
            guard fault == .none else {
                return received(attempt, .failure(.databaseUnavailable("lost")))
            }
            poll(index, life, intent, attempt, until: queue.now + 3000)
        }
    }

    private func poll(_ index: Int, _ life: Int, _ intent: Intent, _ attempt: Attempt, until end: Int64) {
        deliver(index, life, after: 20 + latency()) { [unowned self] in
            let fault = databaseFault(isCommit: false)
            guard fault != .lostBefore else { return received(attempt, .failure(.databaseUnavailable("lost"))) }
            let answer = book.takeAnswer(intent.intentID)
            guard fault == .none else { return received(attempt, .failure(.databaseUnavailable("lost"))) }
            if let answer {
                let isWhole = answer.count == intent.commands.count
                return received(attempt, isWhole ? .success(answer) : .failure(.rejected("see the leader's log")))
            }
            guard queue.now < end else { return received(attempt, .failure(.inFlight)) }
            poll(index, life, intent, attempt, until: end)
        }
    }
}
