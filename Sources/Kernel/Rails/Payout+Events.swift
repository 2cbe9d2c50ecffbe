/// What happens to money that leaves by a rail, a payout or a refund.
public enum TransferEvent: Codable, Hashable, Sendable {
    /// The node is about to call the rail; stored before the call. `by` names the process that calls.
    case began(prepared: [UInt8], by: String? = nil)
    /// The rail said how it stands.
    case observed(RailFacts)
    /// The rail refused it.
    case refused(RailRefusal)
    /// The rail gave no certain answer.
    case unanswered
    /// The rail was asked and never heard of it: the same call may be made again.
    case absent
    /// The node is about to make that call again.
    case resumed(by: String? = nil)
    /// What was prepared for the attempt can be carried out no more, and moved nothing: another attempt follows.
    case lapsed
    /// The money is held once more for another try.
    case retried
    /// An operator called it off.
    case cancelled(reason: String)
    /// A payout is taken back at the rail.
    case recall(RecallEvent)

    /// The entry's cause.
    func name(_ kind: Lifecycle.Kind) -> String {
        let word =
            switch self {
            case .began: "began"
            case .observed: "observed"
            case .refused: "refused"
            case .unanswered: "unanswered"
            case .absent: "absent"
            case .resumed: "resumed"
            case .lapsed: "lapsed"
            case .retried: "retried"
            case .cancelled: "cancelled"
            case .recall(let event): "recall_\(event.name)"
            }
        return "\(kind.rawValue)_\(word)"
    }

    /// The entry's cause: what the rail said is named by what it made of the money.
    func name(_ kind: Lifecycle.Kind, status: String) -> String {
        switch self {
        case .observed, .refused, .recall(.done): "\(kind.rawValue)_\(status)"
        default: name(kind)
        }
    }

    /// Whether it is what the rail says of the money.
    var isOfRail: Bool {
        switch self {
        case .observed, .recall(.done): true
        default: false
        }
    }
}

extension Payout {
    private var from: AccountKey { .cash(payee, currency) }
    private var to: AccountKey { .clearing(rail, currency) }

    /// The money is held for it.
    func opening() -> [Move] { Move.reserve(amountMinor, from: from, to: to) }

    /// Moves on.
    /// - Throws: `state_conflict` for an event that does not fit.
    public mutating func apply(_ event: TransferEvent, nowMs: Int64) throws(Refusal) -> [Move] {
        let release = released()
        switch (status, event) {
        case (.held, .began(let prepared, let process)):
            tries += 1
            (status, waits) = (.sending, nil)
            attempt = RailAttempt(number: tries, id: id, prepared: prepared, beganAtMs: nowMs, by: process)
            dueAtMs = nowMs + RailTiming.callMs
        case (.held, .unanswered):
            // Nothing was sent: the rail or the account is not ready.
            dueAtMs = wait(nowMs: nowMs)
        case (.sending, .unanswered), (.sent, .unanswered):
            dueAtMs = attempt.askAgain(id: id, nowMs: nowMs)
        case (.sending, .absent), (.sent, .absent):
            (status, reference) = (.sending, "")
            attempt?.isAbsent = true
            dueAtMs = nowMs
        case (.sending, .resumed(let process)) where attempt?.isAbsent == true:
            dueAtMs = attempt.resume(by: process, nowMs: nowMs)
        case (.sending, .lapsed):
            // Nobody is at fault: the money stays held, and no failure counts.
            (status, attempt) = (.held, nil)
            dueAtMs =
                nowMs
                + RailTiming.pause(
                    first: RailTiming.askFirstMs, most: RailTiming.askMostMs, number: tries, id: id)
        case (.held, .refused(let refusal)), (.sending, .refused(let refusal)):
            fail(refusal, nowMs: nowMs)
            return release
        case (.sending, .observed(let facts)), (.sent, .observed(let facts)):
            return observe(facts, release: release, nowMs: nowMs)
        case (.paid, .observed(let facts)):
            guard facts.reference == reference else { return [] }
            if case .failed(let refusal) = facts.standing {
                let moves = comeBack(all: amountMinor)
                facts.returnedMinor == nil ? fail(refusal, nowMs: nowMs) : stop(refusal)
                return moves
            }
            let moves = comeBack(all: min(facts.returnedMinor ?? 0, amountMinor))
            if recall?.attempt == nil, toRecallMinor == 0 { dueAtMs = nil }
            return moves
        case (.failed, .observed), (.stopped, .observed), (.cancelled, .observed): return []
        case (.failed, .refused(let refusal)):
            // The money for another try is no longer there; nothing is held.
            fail(refusal, nowMs: nowMs)
        case (.failed, .retried), (.stopped, .retried):
            if status == .stopped { failures = 0 }
            // What came back of an earlier try was settled with the payee.
            if returnedMinor != nil { recall?.targetMinor = 0 }
            (status, attempt, reference, returnedMinor, dueAtMs) = (.held, nil, "", nil, nowMs)
            return opening()
        case (.held, .cancelled(let reason)):
            cancel(reason)
            return release
        case (.failed, .cancelled(let reason)), (.stopped, .cancelled(let reason)): cancel(reason)
        case (_, .recall(let event)): return try apply(event, nowMs: nowMs)
        default: throw .stateConflict(id, status: status.rawValue, event: event.name(.payout))
        }
        return []
    }

    private mutating func observe(_ facts: RailFacts, release: [Move], nowMs: Int64) -> [Move] {
        if !facts.reference.isEmpty { reference = facts.reference }
        switch facts.standing {
        case .pending:
            status = .sent
            dueAtMs = attempt.askAgain(id: id, nowMs: nowMs)
            return []
        case .done:
            (status, refusal) = (.paid, nil)
            defer { dueAtMs = toRecallMinor > 0 ? nowMs : nil }
            return Move.release(amountMinor, from: from, to: to) + Move.transfer(amountMinor, from: from, to: to)
                + fee(facts) + comeBack(all: min(facts.returnedMinor ?? 0, amountMinor))
        case .failed(let refusal): facts.returnedMinor == nil ? fail(refusal, nowMs: nowMs) : stop(refusal)
        case .cancelled:
            fail(RailRefusal(code: "payout_cancelled", reason: "it was cancelled at the rail"), nowMs: nowMs)
        }
        return release + fee(facts)
    }

    /// The held money is the payee's again; where the payee was to give it back, first against what it owes.
    private func released() -> [Move] {
        let release = Move.release(amountMinor, from: from, to: to)
        guard let recall, recall.targetMinor > 0 else { return release }
        return release + [.debit(from, amountMinor), .payIn(payee, currency: currency, amountMinor)]
    }

    /// What the rail took for a try that ended, also for one that moved nothing.
    private mutating func fee(_ facts: RailFacts) -> [Move] {
        let takenMinor = facts.feeMinor ?? 0
        feeMinor += takenMinor
        // In another currency it is none of the money that payouts are made of.
        return facts.settledCurrency.map { Move.fundFee(takenMinor, rail: rail, currency: $0) }
            ?? Move.railFee(takenMinor, rail: rail, currency: currency)
    }

    /// Gives the payee what came back of a payout that was made, by its total so far: first against what the payee owes
    /// the node.
    private mutating func comeBack(all totalMinor: Int64) -> [Move] {
        let step = totalMinor - (returnedMinor ?? 0)
        guard step > 0 else { return [] }
        returnedMinor = totalMinor
        return [.debit(to, step), .payIn(payee, currency: currency, step)]
    }

    /// Once more the rail could not be called.
    /// - Returns: when to try again.
    mutating func wait(nowMs: Int64) -> Int64 {
        let number = (waits ?? 0) + 1
        waits = number
        return nowMs
            + RailTiming.pause(
                first: RailTiming.lookFirstMs, most: RailTiming.lookMostMs, number: number, id: id)
    }

    /// Another try later, or none.
    private mutating func fail(_ refusal: RailRefusal, nowMs: Int64) {
        failures += 1
        recall?.attempt = nil
        self.refusal = refusal
        if failures <= RailTiming.retryMs.count {
            status = .failed
            dueAtMs = nowMs + RailTiming.retryMs[failures - 1]
        } else {
            status = .stopped
            dueAtMs = nil
        }
    }

    /// It was taken back whole, by whoever can: nobody pays it again unasked. What was asked for is done.
    private mutating func stop(_ refusal: RailRefusal) {
        let isAsked = recall.map { $0.targetMinor >= amountMinor } ?? false
        status = isAsked ? .cancelled : .stopped
        recall?.attempt = nil
        (self.refusal, dueAtMs) = (refusal, nil)
    }

    private mutating func cancel(_ reason: String) {
        (status, dueAtMs) = (.cancelled, nil)
        refusal = RailRefusal(code: "payout_cancelled", reason: reason)
    }
}
