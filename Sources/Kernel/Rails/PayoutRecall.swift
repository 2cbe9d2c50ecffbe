/// What of a payout is to come back, because the payment that it was a part of was refunded and its payee owes it.
///
/// One attempt at a time; the target is a total, so that it may rise while an attempt is under way, and asking for the
/// same again changes nothing. What the rail refuses, such as money that the payee's account no longer has, the payee
/// goes on owing.
public struct PayoutRecall: Codable, Hashable, Sendable {
    /// How much of the payout is to have come back in all, minor units; what came back otherwise counts.
    public var targetMinor: Int64 = 0
    /// What the attempt takes back, minor units.
    public var amountMinor: Int64 = 0
    /// Attempts that were begun.
    public var tries = 0
    /// The attempt under way.
    public var attempt: RailAttempt?
    /// Why the rail refused the last attempt.
    public var refusal: RailRefusal?

    /// The reference of the last attempt to take a payout back.
    public func reference(of payoutID: String) -> String { "\(Self.id(of: payoutID))-\(tries)" }

    /// What attempts are numbered under.
    private static func id(of payoutID: String) -> String { "\(payoutID)-back" }

    fileprivate mutating func begin(
        _ amountMinor: Int64, id: String, prepared: [UInt8], by process: String?, nowMs: Int64
    ) {
        tries += 1
        (self.amountMinor, refusal) = (amountMinor, nil)
        attempt = RailAttempt(number: tries, id: Self.id(of: id), prepared: prepared, beganAtMs: nowMs, by: process)
    }
}

/// What happens to a payout that is taken back.
public enum RecallEvent: Codable, Hashable, Sendable {
    /// So much is to have come back in all, minor units.
    case asked(targetMinor: Int64)
    /// The node is about to call the rail; stored before the call. So much is owed, and is taken back; what was asked
    /// for beyond it is not.
    case began(amountMinor: Int64, prepared: [UInt8], by: String? = nil)
    /// The attempt took it back; the facts are the payout's, after it.
    case done(RailFacts)
    /// The rail refused it.
    case refused(RailRefusal)
    /// The rail gave no certain answer, or cannot be called.
    case unanswered
    /// The rail was asked and never heard of it.
    case absent
    /// The node is about to make that call again.
    case resumed(by: String? = nil)

    var name: String {
        switch self {
        case .asked: "asked"
        case .began: "began"
        case .done: "done"
        case .refused: "refused"
        case .unanswered: "unanswered"
        case .absent: "absent"
        case .resumed: "resumed"
        }
    }
}

extension Payout {
    /// What is still to be taken back, minor units; 0 while the payee does not have the money.
    public var toRecallMinor: Int64 {
        guard status == .paid, let recall else { return 0 }
        return max(min(recall.targetMinor, amountMinor) - (returnedMinor ?? 0), 0)
    }

    /// Moves the taking back on.
    /// - Throws: `state_conflict` for an event that does not fit.
    mutating func apply(_ event: RecallEvent, nowMs: Int64) throws(Refusal) -> [Move] {
        let id = id
        let attempt = status == .paid ? recall?.attempt : nil
        switch (event, attempt) {
        case (.asked(let targetMinor), _) where [.held, .sending, .sent, .paid].contains(status):
            let before = recall ?? PayoutRecall()
            recall = before
            recall?.targetMinor = max(before.targetMinor, targetMinor)
            if toRecallMinor > 0, attempt == nil { dueAtMs = nowMs }
        case (.began(let amountMinor, let prepared, let process), nil)
        where amountMinor > 0 && amountMinor <= toRecallMinor:
            recall?.targetMinor = (returnedMinor ?? 0) + amountMinor
            recall?.begin(amountMinor, id: id, prepared: prepared, by: process, nowMs: nowMs)
            (waits, dueAtMs) = (nil, nowMs + RailTiming.callMs)
        case (.unanswered, nil) where toRecallMinor > 0:
            dueAtMs = wait(nowMs: nowMs)
        case (.unanswered, _?): dueAtMs = recall?.attempt.askAgain(id: id, nowMs: nowMs)
        case (.absent, _?):
            recall?.attempt?.isAbsent = true
            dueAtMs = nowMs
        case (.resumed(let process), let attempt?) where attempt.isAbsent:
            dueAtMs = recall?.attempt.resume(by: process, nowMs: nowMs)
        case (.refused(let refusal), _) where attempt != nil || toRecallMinor > 0:
            recall?.targetMinor = returnedMinor ?? 0
            recall?.refusal = refusal
            endRecall(nowMs: nowMs)
        case (.done(let facts), let attempt?) where facts.recalled == attempt.reference:
            endRecall(nowMs: nowMs)
            let moves = try apply(.observed(facts), nowMs: nowMs)
            if status == .paid { dueAtMs = toRecallMinor > 0 ? nowMs : nil }
            return moves
        default: throw .stateConflict(id, status: status.rawValue, event: TransferEvent.recall(event).name(.payout))
        }
        return []
    }

    private mutating func endRecall(nowMs: Int64) {
        recall?.attempt = nil
        dueAtMs = toRecallMinor > 0 ? nowMs : nil
    }
}
