import Kernel
import LedgerDouble
import Settlement

/// Everybody who asks for something.
struct Clients {
    var operations: [Operation] = []
}

/// One wish of a client: it is asked for until it is answered, or given up.
struct Operation {
    let id: Int
    /// As first made; each attempt gives the things it makes other ids, as the servers do.
    let members: [Command]
    let isAtomic: Bool
    /// Attempts so far; the last one is waited for.
    var attempts = 0
    var isOver = false
    /// How often it may still be asked again after an answer.
    var againMax: Int
    /// Stored answers that were received: a later one must be the same.
    var received: [CommandIdentity: Outcome] = [:]
    /// The last attempt that was under way when the first stored answer came: what is sent later must find it.
    var answeredAt = Int.max
}

/// One sending of an operation.
struct Attempt: Hashable {
    let operation: Int
    let number: Int
}

extension Simulation {
    /// How long a client waits.
    static let patienceMs: Int64 = 4000

    func planOperation() {
        queue.plan(after: random.within(0...2 * swarm.pauseMs)) { [unowned self] in
            guard clients.operations.count < swarm.operationsMax else {
                // What is still under way gets some time with faults, then comes the end.
                return queue.plan(after: random.within(0...8000)) { [unowned self] in isDraining = true }
            }
            makeOperation()
            planOperation()
        }
    }

    private func makeOperation() {
        let id = clients.operations.count
        let (members, isAtomic) = wish(id)
        guard !members.isEmpty else {
            // A wish that goes past the poster, such as a recipient's rule: nobody waits for it.
            return clients.operations.append(
                Operation(id: id, members: [Commands.refuse("none \(id)")], isAtomic: false, isOver: true, againMax: 0))
        }
        if random.chance(perMille: swarm.poisoned) { poisoned.insert(members[0].identity) }
        let againMax = random.chance(perMille: 250) ? 1 + random.below(2) : 0
        clients.operations.append(Operation(id: id, members: members, isAtomic: isAtomic, againMax: againMax))
        send(id)
        if random.chance(perMille: swarm.twicePerMille) { send(id) }
    }

    /// Sends an operation to some server.
    func send(_ id: Int) {
        clients.operations[id].attempts += 1
        let attempt = Attempt(operation: id, number: clients.operations[id].attempts)
        let operation = clients.operations[id]
        let commands = operation.members.map { Workload.fresh($0, "\(id)-\(attempt.number)") }
        let index = random.below(servers.count)
        note("operation \(id) attempt \(attempt.number) to server \(index): \(operation.members.map(\.identity.key))")
        queue.plan(after: latency()) { [unowned self] in
            guard servers[index].poster != nil else {
                return received(attempt, .failure(.databaseUnavailable("connection refused")))
            }
            deliver(index, servers[index].life, after: 0) { [unowned self] in
                servers[index].ticket += 1
                let ticket = servers[index].ticket
                servers[index].tickets[ticket] = attempt
                let submission = Submission(ticket: ticket, commands: commands, isAtomic: operation.isAtomic)
                handle(index, .submitted([submission]))
            }
        }
        queue.plan(after: Self.patienceMs) { [unowned self] in
            guard clients.operations[id].attempts == attempt.number, !clients.operations[id].isOver else { return }
            note("operation \(id) loses patience")
            sendAgain(id)
        }
    }

    /// Another attempt after a while, or none ever.
    private func sendAgain(_ id: Int) {
        guard isDraining || !random.chance(perMille: swarm.givingUpPerMille) else {
            count("given up")
            clients.operations[id].isOver = true
            return
        }
        let number = clients.operations[id].attempts
        // Longer each time: a crowd that comes back at once would keep a slow poster busy for ever.
        queue.plan(after: random.within(1...(Int64(250) << Int64(min(number, 5))))) { [unowned self] in
            guard !clients.operations[id].isOver, clients.operations[id].attempts == number else { return }
            count("retry")
            send(id)
        }
    }

    /// A client hears of an attempt.
    func received(_ attempt: Attempt, _ result: Result<[Decision], LedgerFailure>) {
        let operation = clients.operations[attempt.operation]
        switch result {
        case .failure(let failure):
            note("operation \(attempt.operation) attempt \(attempt.number): \(failure)")
            guard !operation.isOver, operation.attempts == attempt.number else { return }
            sendAgain(attempt.operation)
        case .success(let decisions):
            note("operation \(attempt.operation) attempt \(attempt.number): \(decisions.map(\.brief))")
            count("answer")
            acknowledge(operation, attempt, decisions)
            if case .decided(let outcome)? = decisions.first, outcome.isDone { count("done") }
            guard !clients.operations[attempt.operation].isOver else { return }
            guard operation.againMax > 0 else {
                clients.operations[attempt.operation].isOver = true
                return
            }
            clients.operations[attempt.operation].againMax -= 1
            clients.operations[attempt.operation].isOver = true
            queue.plan(after: random.within(1...5000)) { [unowned self] in
                clients.operations[attempt.operation].isOver = false
                send(attempt.operation)
            }
        }
    }

    /// What a client is told is durable, allowed, and the same each time.
    private func acknowledge(_ operation: Operation, _ attempt: Attempt, _ decisions: [Decision]) {
        guard decisions.count == operation.members.count else {
            return fail("operation \(operation.id) got \(decisions.count) answers")
        }
        for (command, decision) in zip(operation.members, decisions) {
            let outcome = decision.outcome
            let answer = Model.Answer(status: outcome.status, code: outcome.code)
            let row = book.outcomes[command.identity]
            let isReused = outcome.code == "idempotency_key_reused"
            if let row, row.requestHash == command.requestHash, row.outcome == outcome {
                let first = clients.operations[operation.id].received.updateValue(outcome, forKey: command.identity)
                let attempts = clients.operations[operation.id].attempts
                clients.operations[operation.id].answeredAt = min(operation.answeredAt, attempts)
                if let first, first != outcome { fail("\(command.identity) got another answer than before") }
            } else if isReused {
                if row == nil || row?.requestHash == command.requestHash {
                    fail("\(command.identity) is called reused and is not")
                }
            } else if allowed[Request(identity: command.identity, hash: command.requestHash)]?.contains(answer) != true
            {
                fail("\(command.identity) was told \(answer), which the book does not know")
            } else if operation.received[command.identity] != nil, attempt.number > operation.answeredAt,
                answer.code != "batch_aborted"
            {
                fail("\(command.identity) had a stored answer and got \(answer)")
            }
        }
    }
}

extension Decision {
    var brief: String { "\(outcome.status) \(outcome.code ?? "done")" }
}
