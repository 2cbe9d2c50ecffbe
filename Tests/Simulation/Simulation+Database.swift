import Kernel
import LedgerDouble
import Settlement

extension Simulation {
    /// Sends what a poster asks of the database, through whatever may go wrong.
    func ask(_ index: Int, _ effect: PosterEffect, _ items: [DecidedSubmission]) {
        let life = servers[index].life
        let isCommit = if case .commit = effect { true } else { false }
        let fault = databaseFault(isCommit: isCommit)
        // The return of a lease is a call as well, though nobody hears of it.
        let call = effect.call ?? .lease
        var delay = latency()
        if !isDraining, swarm.pauseEveryMs > 0, random.chance(perMille: 20) {
            // Stopped between deciding and sending: it is sent after the pause, to a database that has gone on.
            pause(index)
            delay += random.within(1...3 * swarm.leaseMs)
        }
        let batch = isCommit ? items.map { DecidedItem($0, servers[index].loads[$0.loadNumber]) } : []
        if mistake == .answersBeforeCommit, isCommit {
            queue.plan(after: delay + latency()) { [unowned self] in _ = execute(index, life, effect, batch) }
            return answer(index, life, effect, .committed)
        }
        if fault == .late {
            queue.plan(after: delay + random.within(1...2500)) { [unowned self] in
                _ = execute(index, life, effect, batch)
            }
        }
        queue.plan(after: delay) { [unowned self] in
            let event: PosterEvent
            switch fault {
            case .none: event = execute(index, life, effect, batch)
            case .lostAfter:
                _ = execute(index, life, effect, batch)
                event = .failed(call, isCommit ? .outcomeUnknown("lost") : .unavailable("lost"))
            case .late: event = .failed(call, .outcomeUnknown("late"))
            case .lostBefore:
                let isUnknown = isCommit && random.chance(perMille: 500)
                event = .failed(call, isUnknown ? .outcomeUnknown("lost") : .unavailable("lost"))
            case .refused: event = .failed(call, .unavailable("deadlock"))
            case .rejected: event = .failed(call, .rejected("constraint"))
            }
            note("server \(index): \(effect.brief) -> \(event.brief)")
            if fault != .none { count("\(fault)") }
            answer(index, life, effect, mistaken(event, isCommit: isCommit))
        }
    }

    private func mistaken(_ event: PosterEvent, isCommit: Bool) -> PosterEvent {
        if mistake == .takesUnknownForDone, isCommit, case .failed(_, .outcomeUnknown) = event { return .committed }
        return event
    }

    private func answer(_ index: Int, _ life: Int, _ effect: PosterEffect, _ event: PosterEvent) {
        if case .releaseLease = effect { return }
        deliver(index, life, after: latency()) { [unowned self] in handle(index, event) }
    }

    private func execute(
        _ index: Int, _ life: Int, _ effect: PosterEffect, _ batch: [DecidedItem]
    ) -> PosterEvent {
        switch effect {
        case .acquireLease:
            let lease = book.acquire(holder: "server \(index)", nowMs: databaseMs, leaseMs: swarm.leaseMs)
            if lease != nil { count("lease") }
            return lease.map { .leaseGranted($0) } ?? .leaseDenied
        case .renewLease(let epoch):
            let isKept = book.renew(epoch: epoch, nowMs: databaseMs, leaseMs: swarm.leaseMs)
            return isKept ? .leaseRenewed : .failed(.lease, .fenced)
        case .releaseLease(let epoch):
            book.release(epoch: epoch)
            return .committed
        case .load(let number, let asked):
            if servers[index].life == life {
                servers[index].loads[number] = Server.Load(atMs: clock(index), gasRules: book.gasRules)
            }
            return .loaded(number, mistaken(book.load(asked, nowMs: clock(index))))
        case .commit(let commit): return write(commit, batch)
        case .forward, .answer, .fail: preconditionFailure("not asked of the database")
        }
    }

    private func write(_ commit: PosterCommit, _ batch: [DecidedItem]) -> PosterEvent {
        let isFenced = book.lease.epoch != commit.epoch || book.head.seq != commit.seqBefore
        if isFenced { count("fenced") }
        if !isFenced, batch.contains(where: { $0.submission.commands.contains { poisoned.contains($0.identity) } }) {
            count("poisoned")
            return .failed(.commit, .rejected("poisoned"))
        }
        if mistake == .losesCommits, random.chance(perMille: 20) { return .committed }
        do throws(StoreFailure) {
            if let wrong = mistaken(commit) {
                book.apply(
                    commit, writes: wrong.writes, intentAnswers: wrong.answers, nowMs: databaseMs,
                    leaseMs: swarm.leaseMs)
            } else {
                try book.commit(commit, nowMs: databaseMs, leaseMs: swarm.leaseMs)
            }
        } catch {
            return .failed(.commit, error)
        }
        count("commit")
        check(commit, batch)
        return .committed
    }
}

/// A decided submission with what it was decided with.
struct DecidedItem {
    let submission: Submission
    let now: Model.Circumstances

    init(_ item: DecidedSubmission, _ load: Server.Load?) {
        submission = item.submission
        now = Model.Circumstances(
            nowMs: item.decidedAtMs, loadedAtMs: load?.atMs ?? item.decidedAtMs, gasRules: load?.gasRules ?? [:])
    }
}

extension PosterEffect {
    var isLoad: Bool { if case .load = self { true } else { false } }

    var brief: String {
        switch self {
        case .acquireLease: "acquire"
        case .renewLease(let epoch): "renew \(epoch)"
        case .releaseLease(let epoch): "release \(epoch)"
        case .load(_, let asked): "load for \(asked.outcomes.map(\.key).sorted())"
        case .commit(let commit):
            "commit epoch \(commit.epoch) seq \(commit.seqBefore)->\(commit.head.seq) "
                + "\(commit.writes.outcomes.map { "\($0.identity.key):\($0.outcome.code ?? "done")" }) "
                + "answers \(commit.intentAnswers.map(\.intentID))"
        case .forward(let submissions): "forward \(submissions.map(\.ticket))"
        case .answer(let ticket, _): "answer \(ticket)"
        case .fail(let ticket, let failure): "fail \(ticket) \(failure.code)"
        }
    }
}

extension PosterEvent {
    var brief: String {
        switch self {
        case .leaseGranted(let lease): "epoch \(lease.epoch) at \(lease.head.seq)"
        case .leaseDenied: "denied"
        case .loaded: "loaded"
        case .committed, .leaseRenewed: "done"
        case .failed(_, let failure): "\(failure)"
        case .submitted, .tick, .stop: "-"
        }
    }
}
