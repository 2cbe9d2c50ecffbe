public import Kernel

/// Does what lifecycles need: calls rails, asks them, settles, pays out. It stores nothing itself: every step is a
/// command bound to the version of the row that it was decided on, so that a crash anywhere leaves a row that says what
/// to do next, and two workers cannot do one thing twice.
///
/// Safe from any task. `pass` is run in a loop by the process that leads the book; `drive` at once by whoever made a
/// lifecycle, so that its first steps need not wait for the loop.
public struct RailWorker: Sendable {
    let ledger: any LedgerStore & LifecycleStore
    let rails: [RailName: any Rail]
    let settling: any PaymentSettling
    let clock: @Sendable () -> Int64
    let makeID: @Sendable (_ prefix: String) -> String
    let report: @Sendable (RailReport) -> Void
    /// This process, for whoever comes after it.
    let process: String?

    /// Lifecycles per pass: some seconds of calls. The rest is due in the next pass.
    public static let passMax = 100
    /// Waits of a payout, some half an hour, after which a person is told.
    static let waitsMax = 6
    /// Lifecycles that are worked on at once.
    static let concurrentMax = 8
    /// Attempts without a result after which a person is told.
    static let lapsesMax = 5
    /// Steps that one `drive` makes for one lifecycle: opening, calling and settling take four. Past it the loop goes
    /// on.
    static let stepsMax = 8

    /// A worker.
    /// - Parameters:
    ///   - clock: milliseconds since 1970.
    ///   - process: what this process is called; `nil`: nobody can tell later whether its calls are over.
    ///   - report: told of everything that an operator may want to see; must not block.
    public init(
        ledger: any LedgerStore & LifecycleStore, rails: [any Rail], settling: any PaymentSettling,
        clock: @escaping @Sendable () -> Int64, makeID: @escaping @Sendable (_ prefix: String) -> String,
        process: String? = nil, report: @escaping @Sendable (RailReport) -> Void = { _ in }
    ) {
        self.process = process
        self.ledger = ledger
        self.rails = Dictionary(rails.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.settling = settling
        self.clock = clock
        self.makeID = makeID
        self.report = report
    }

    /// The rails that are on.
    public var names: [RailName] { rails.keys.map { $0 } }

    /// The rail of a name, if it is on.
    public func rail(_ name: RailName) -> (any Rail)? { rails[name] }

    /// Works on what is due.
    /// - Returns: how many lifecycles were due; `passMax` means that there may be more.
    public func pass() async throws(LedgerFailure) -> Int {
        let due = try await ledger.dueLifecycles(nowMs: clock(), limit: Self.passMax)
        await drive(due)
        return due.count
    }

    /// Asks soon what became of calls whose process is gone: nobody makes them any more, and nobody need wait until
    /// they would be over.
    /// - Parameter isGone: whether a process of that name ran and runs no more, for certain.
    public func takeOver(isGone: (String) -> Bool) async throws(LedgerFailure) {
        let nowMs = clock()
        for row in try await ledger.dueLifecycles(nowMs: nowMs + RailTiming.callMs, limit: Self.takeOverMax) {
            guard row.lifecycle.isCalling, let dueAtMs = row.lifecycle.facts.dueAtMs, dueAtMs > nowMs,
                let process = row.lifecycle.call?.by, isGone(process)
            else { continue }
            _ = try await submit(row, .unanswered)
        }
    }

    /// Calls that are taken over at once; what is past them waits until it is due.
    private static let takeOverMax = 10_000

    /// Works on some lifecycles until each waits for somebody; payouts of one rail and currency go in one call where
    /// the rail can do that.
    public func drive(_ ids: [String]) async throws(LedgerFailure) {
        for start in stride(from: 0, to: ids.count, by: Self.passMax) {
            var rows: [LifecycleRow] = []
            for id in ids[start..<min(start + Self.passMax, ids.count)] {
                if let (row, _) = try await ledger.lifecycle(id) { rows.append(row) }
            }
            await drive(rows)
        }
    }

    private func drive(_ rows: [LifecycleRow]) async {
        await withTaskGroup(of: Void.self) { group in
            // A process that stops finishes what it is at, and begins nothing more.
            for (index, call) in calls(rows).enumerated() where !Task.isCancelled {
                if index >= Self.concurrentMax { await group.next() }
                group.addTask {
                    for row in call.count > 1 ? await self.begin(call) : call { await self.drive(row) }
                }
            }
        }
    }

    /// Works on one lifecycle until it waits for somebody.
    public func drive(_ id: String) async throws(LedgerFailure) {
        if let (row, _) = try await ledger.lifecycle(id) { await drive(row) }
    }

    /// Whether somebody is in a call of the rail for it, this process or another.
    public func isBeingCalled(_ id: String) async throws(LedgerFailure) -> Bool {
        try await ledger.lifecycle(id)?.0.lifecycle.isCalling ?? false
    }

    private func drive(_ row: LifecycleRow) async {
        var row = row
        for _ in 0..<Self.stepsMax {
            let task = RailTask.next(for: row, nowMs: clock())
            guard task != .none, !Task.isCancelled else { return }
            do throws(LedgerFailure) {
                guard try await perform(task, row), let (next, _) = try await ledger.lifecycle(row.id),
                    next.version > row.version
                else { return try await postpone(task, row) }
                row = next
            } catch {
                return report(RailReport(.stalled, row, "the ledger did not answer: \(error)"))
            }
        }
    }

    /// What could not be done comes later again, and keeps nothing else waiting until then.
    private func postpone(_ task: RailTask, _ row: LifecycleRow) async throws(LedgerFailure) {
        if task == .chargeBack || task == .release { _ = try await submit(.postponed, row) }
    }

    /// - Returns: whether the row may have moved.
    private func perform(_ task: RailTask, _ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        switch task {
        case .none: return false
        case .begin(let instruction): return try await begin(instruction, row)
        case .resume(let instruction, let prepared):
            guard try await submit(row, .resumed(by: process)) else { return false }
            return try await call(instruction, prepared, row.id)
        case .ask(let instruction, let prepared, let reference):
            guard let rail = rails(of: row) else { return try await submit(row, .unanswered) }
            return try await take(
                await rail.fetch(instruction, prepared: prepared, reference: reference, nowMs: clock()), row)
        case .giveUp(let instruction, let reference): return try await giveUp(instruction, reference, row)
        case .settle: return try await settle(row)
        case .distribute: return try await distribute(row)
        case .retry: return try await retry(row)
        case .chargeBack: return try await chargeBack(row)
        case .recall:
            if case .dispute(let dispute) = row.lifecycle { try await recall(dispute.paymentID) }
            return try await submit(.postponed, row)
        case .release:
            return try await submit(.escrow(.released(amountMinor: nil, by: LifecycleCommands.node)), row)
        case .runPayee: return try await runPayee(row)
        }
    }

    // MARK: Calling a rail

    private func begin(_ instruction: RailInstruction, _ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        guard let rail = rails(of: row) else { return try await submit(row, .unanswered) }
        var instruction = instruction
        switch instruction {
        // Asked for before the refund is under way, so that a crash between the two asks again.
        case .refund(let refund): try await recall(refund.paymentID)
        case .recall(var recall):
            recall.amountMinor = min(recall.amountMinor, try await owed(row))
            guard recall.amountMinor > 0 else { return try await submit(row, .refused(Self.nothingOwed)) }
            instruction = .recall(recall)
        case .collect, .payOut: break
        }
        switch await rail.prepare(instruction, nowMs: clock()) {
        case .ready(let prepared):
            var event = TransferEvent.began(prepared: prepared, by: process)
            if case .recall(let recall) = instruction {
                event = .recall(.began(amountMinor: recall.amountMinor, prepared: prepared, by: process))
            }
            guard let outcome = try await outcome(row, event) else { return false }
            // What the ledger holds back, such as a frozen account's money, waits and is tried again.
            guard outcome.isDone else { return try await submit(row, .unanswered) }
            return try await call(instruction, prepared, row.id)
        case .refused(let refusal): return try await submit(row, .refused(refusal))
        case .unavailable(let reason): return try await wait(row, reason)
        }
    }

    /// Lets a row wait whose rail cannot be called. What has waited long is for a person to look at.
    func wait(_ row: LifecycleRow, _ reason: String) async throws(LedgerFailure) -> Bool {
        report(RailReport(row.lifecycle.waits < Self.waitsMax ? .unavailable : .needsAttention, row, reason))
        return try await submit(row, .unanswered)
    }

    /// Calls the rail. That the call begins is stored.
    private func call(
        _ instruction: RailInstruction, _ prepared: [UInt8], _ id: String
    ) async throws(LedgerFailure) -> Bool {
        guard let (row, _) = try await ledger.lifecycle(id), let rail = rails(of: row) else { return false }
        let outcome = await rail.carryOut(instruction, prepared: prepared, nowMs: clock())
        return try await take(outcome, of: instruction.reference, row.id)
    }

    /// Books what a call came to. While it went on, another process may have asked what became of the attempt, and may
    /// have begun the next one: of that one the outcome says nothing.
    /// - Parameter reference: the attempt's.
    func take(_ outcome: RailOutcome, of reference: String, _ id: String) async throws(LedgerFailure) -> Bool {
        guard let (row, _) = try await ledger.lifecycle(id) else { return false }
        guard row.lifecycle.call?.reference == reference else {
            // News of it came first, and have said all.
            if row.lifecycle.hasSeen(reference) { return true }
            if outcome.moved { report(RailReport(.needsAttention, row, "\(reference) had lapsed, and moved money")) }
            return true
        }
        switch outcome {
        case .done(let facts), .pending(let facts), .failed(let facts):
            return try await submit(row, .observed(facts))
        case .refused(let refusal):
            let isEnded = try await submit(row, .refused(refusal))
            if isEnded { try await lookAgain(row) }
            return isEnded
        case .lapsed(let reason, let cost):
            report(RailReport(row.lifecycle.lapses < Self.lapsesMax ? .unavailable : .needsAttention, row, reason))
            guard try await book(cost, row) else { return false }
            return try await submit(row, .lapsed)
        case .unknown(let reason):
            report(RailReport(.unknown, row, reason))
            return try await submit(row, .unanswered)
        }
    }

    /// - Returns: whether the ledger has it.
    private func book(_ cost: RailCost?, _ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        guard let cost else { return true }
        let outcome = try await ledger.submit([LifecycleCommands.cost(cost)], atomically: false)[0].outcome
        if !outcome.isDone { report(RailReport(.refused, row, String(decoding: outcome.body, as: UTF8.self))) }
        return outcome.isDone
    }

    func giveUp(
        _ instruction: RailInstruction, _ reference: String, _ row: LifecycleRow
    ) async throws(LedgerFailure) -> Bool {
        guard let rail = rails(of: row) else { return try await submit(row, .unanswered) }
        return try await take(await rail.cancel(instruction, reference: reference), row)
    }

    private func take(_ answer: RailAnswer, _ row: LifecycleRow) async throws(LedgerFailure) -> Bool {
        switch answer {
        case .found(let facts):
            guard let why = row.lifecycle.contradiction(facts) else { return try await submit(row, .observed(facts)) }
            report(RailReport(.needsAttention, row, why))
            return try await submit(row, .unanswered)
        case .absent:
            // What the rail had and lost is no longer absent, it is a question for people.
            guard row.lifecycle.mayBeAbsent(lapses: rails(of: row)?.capabilities.contains(.lapses) ?? false) else {
                report(RailReport(.unknown, row, "the rail no longer knows it"))
                return try await submit(row, .unanswered)
            }
            return try await submit(row, .absent)
        case .unknown(let reason):
            report(RailReport(.unknown, row, reason))
            return try await submit(row, .unanswered)
        }
    }

    private func rails(of row: LifecycleRow) -> (any Rail)? {
        guard let name = RailName(rawValue: row.lifecycle.facts.rail), let rail = rails[name] else {
            report(RailReport(.unavailable, row, "the rail \(row.lifecycle.facts.rail) is off"))
            return nil
        }
        return rail
    }
}
