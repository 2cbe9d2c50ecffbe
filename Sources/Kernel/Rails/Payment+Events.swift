/// What happens to a payment.
public enum PaymentEvent: Codable, Hashable, Sendable {
    /// The node is about to call the rail; stored before the call. `by` names the process that calls.
    case began(prepared: [UInt8], by: String? = nil)
    /// The rail said how it stands.
    case observed(RailFacts)
    /// The rail refused to open it: nobody can pay.
    case refused(RailRefusal)
    /// The rail gave no certain answer.
    case unanswered
    /// The rail was asked and never heard of it: the call may be made again.
    case absent
    /// The node is about to make that call again.
    case resumed(by: String? = nil)
    /// What arrived cannot be settled as it was meant.
    case suspended(RailRefusal)
    /// An operator gives money in suspense to a person.
    case assigned(did: String, actor: String)
    /// Money that became a person's balance is taken back, as far as it is there; the rest the person owes.
    case reclaimed(amountMinor: Int64)
    /// What nobody is left to give back is the node's loss.
    case absorbed(amountMinor: Int64)
    /// Payouts of a direct payment's parts were made.
    case distributed
    /// A movement that names it paid another payment.
    case disclaimed(movement: String)
    /// The payer or the service gave up, or its time is over, and the rail confirmed that nothing can be paid any more.
    case cancelled

    /// The event's name, for messages.
    var name: String {
        switch self {
        case .began: "payment_began"
        case .observed: "payment_observed"
        case .refused: "payment_failed"
        case .unanswered: "payment_unanswered"
        case .absent: "payment_absent"
        case .resumed: "payment_resumed"
        case .suspended: "payment_suspended"
        case .assigned: "payment_assigned"
        case .reclaimed: "payment_reclaimed"
        case .absorbed: "payment_absorbed"
        case .distributed: "payment_distributed"
        case .disclaimed: "payment_disclaimed"
        case .cancelled: "payment_cancelled"
        }
    }

    /// The entry's cause: what the rail said is named by what it made of the payment.
    func name(leaving payment: Payment) -> String {
        if case .observed = self { "payment_\(payment.status.rawValue)" } else { name }
    }
}

extension Payment {
    /// Moves on.
    /// - Returns: what the ledger moves with it.
    /// - Throws: `state_conflict` for an event that does not fit.
    public mutating func apply(_ event: PaymentEvent, nowMs: Int64) throws(Refusal) -> [Move] {
        switch event {
        case .began(let prepared, let process):
            guard status == .opening, attempt == nil else { throw conflict(event.name) }
            attempt = RailAttempt(number: 1, id: id, prepared: prepared, beganAtMs: nowMs, by: process)
            dueAtMs = nowMs + RailTiming.callMs
        case .observed(let facts): return observe(facts, nowMs: nowMs)
        case .refused(let refusal):
            guard status == .opening else { throw conflict(event.name) }
            status = .failed
            self.refusal = refusal
            dueAtMs = nil
        case .unanswered: wait(nowMs: nowMs)
        case .absent:
            guard status == .opening, attempt != nil else { throw conflict(event.name) }
            attempt?.isAbsent = true
            dueAtMs = nowMs
        case .resumed(let process):
            guard status == .opening, attempt?.isAbsent == true else { throw conflict(event.name) }
            dueAtMs = attempt.resume(by: process, nowMs: nowMs)
        case .suspended(let refusal):
            // What is on its way back stands where it was taken from, and may return there.
            guard status == .received, unspentMinor > 0, returningMinor == 0 else { throw conflict(event.name) }
            return suspend(refusal)
        case .assigned(let did, _):
            guard status == .suspended, unspentMinor > 0 else { throw conflict(event.name) }
            let amount = unspentMinor
            (unspentMinor, status, dueAtMs) = (0, .settled, nil)
            (creditedDID, creditedMinor, reclaimedMinor) = (did, amount, 0)
            return [.debit(home, amount), .payIn(did, currency: currency, amount)]
        case .reclaimed(let amount):
            guard amount > 0, amount <= creditedMinor - reclaimedMinor else { throw conflict(event.name) }
            reclaimedMinor += amount
            unspentMinor += amount
            return [.takeBack(creditedDID, currency: currency, amount), .credit(home, amount)]
        case .absorbed(let amount):
            guard amount > 0, receivedMinor > 0, returningMinor == 0 else { throw conflict(event.name) }
            absorbedMinor += amount
            unspentMinor += amount
            return Move.transfer(amount, from: .railFees(rail, currency), to: home)
        case .distributed:
            guard status == .settled, isDirect else { throw conflict(event.name) }
            dueAtMs = nil
        case .disclaimed(let movement):
            guard receivedMinor == 0 else { throw conflict(event.name) }
            disclaimed = (disclaimed ?? []).filter { $0 != movement } + [movement]
            wait(nowMs: nowMs)
        case .cancelled:
            guard status == .opening || status == .pending || status == .failed else { throw conflict(event.name) }
            (status, dueAtMs) = (.cancelled, nil)
        }
        return []
    }

    private func conflict(_ event: String) -> Refusal { .stateConflict(id, status: status.rawValue, event: event) }

    /// Schedules the next question about something that the rail has not answered for certain.
    private mutating func wait(nowMs: Int64) {
        if status == .opening, attempt != nil {
            dueAtMs = attempt.askAgain(id: id, nowMs: nowMs)
        } else {
            look(nowMs: nowMs)
        }
    }

    private mutating func look(nowMs: Int64) {
        looks += 1
        dueAtMs =
            nowMs
            + RailTiming.pause(
                first: RailTiming.lookFirstMs, most: RailTiming.lookMostMs, number: looks, id: id)
    }

    /// Takes in what the rail says. Facts that lag behind what is known change nothing.
    private mutating func observe(_ facts: RailFacts, nowMs: Int64) -> [Move] {
        if reference.isEmpty { reference = facts.reference }
        if let url = facts.url { self.url = url }
        // It paid another payment: of this one it says nothing.
        if let movement = facts.movement, disclaimed?.contains(movement) == true { return [] }
        // What it was paid by stays, whatever else names it later.
        if let source = facts.source, self.source.isEmpty || receivedMinor == 0 { self.source = source }
        switch (status, facts.standing) {
        case (.received, _), (.settled, _), (.suspended, _): return []
        case (_, .done):
            // Without the rail's own figure of its fee nothing is booked: the split depends on it.
            guard let fee = facts.feeMinor else {
                status = .pending
                look(nowMs: nowMs)
                return []
            }
            return receive(facts, fee: fee, nowMs: nowMs)
        case (_, .cancelled): (status, dueAtMs) = (.cancelled, nil)
        case (.cancelled, _): break
        case (_, .failed(let refusal)): (status, dueAtMs, self.refusal) = (.failed, nil, refusal)
        case (.failed, .pending): break
        case (.opening, .pending), (.pending, .pending):
            status = .pending
            look(nowMs: nowMs)
        }
        return []
    }

    /// Books what arrived: at the rail less its fee, owed to the payer's purpose.
    private mutating func receive(_ facts: RailFacts, fee: Int64, nowMs: Int64) -> [Move] {
        if let landed = facts.landed { return receive(landed, nowMs: nowMs) }
        receivedMinor = facts.amountMinor
        feeMinor = fee
        feeCurrency = facts.settledCurrency ?? currency
        unspentMinor = receivedMinor
        // Only what settles by itself leaves the node something to do.
        let settlesItself = if case .settle = purpose { true } else { false }
        (status, refusal, looks, dueAtMs) = (.received, nil, 0, settlesItself ? nowMs : nil)
        isSuspended = receivedMinor != chargedMinor || purpose == .unmatched
        var moves: [Move] = []
        if let settledCurrency = facts.settledCurrency, settledCurrency != currency {
            moves += Move.transfer(
                facts.settledMinor ?? 0, from: .clearing(rail, settledCurrency), to: .exchange(rail, settledCurrency))
            moves += [.debit(.exchange(rail, currency), receivedMinor)]
        } else {
            moves += [.debit(.clearing(rail, currency), receivedMinor)]
        }
        moves += Move.railFee(fee, rail: rail, currency: feeCurrency)
        moves += [.credit(home, receivedMinor)]
        if isSuspended {
            (status, dueAtMs) = (.suspended, nil)
            refusal =
                purpose == .unmatched
                ? RailRefusal(code: "payment_unmatched", reason: "nothing that the node asked for names it")
                : RailRefusal(
                    code: "amount_mismatch",
                    reason:
                        "\(receivedMinor) arrived where \(chargedMinor) was asked for, in minor units of \(currency)")
            return moves
        }
        if purpose == .topUp { moves += credit() }
        return moves
    }

    /// A top-up becomes balance in the entry that books it.
    private mutating func credit() -> [Move] {
        let amount = unspentMinor
        let fee = surchargeMinor + payeesFeeMinor
        (unspentMinor, status, dueAtMs) = (0, .settled, nil)
        (creditedDID, creditedMinor) = (payer, amount - fee)
        var moves: [Move] = [.debit(home, amount), .payIn(payer, currency: currency, amount - fee)]
        if fee > 0 { moves.append(.credit(.railFees(rail, currency), fee)) }
        return moves
    }

    private mutating func suspend(_ refusal: RailRefusal) -> [Move] {
        if let direct {
            let gone = Move.debit(home, unspentMinor)
            return [gone] + stand(LandedSplit(exactly: direct), refusal)
        }
        let moves = Move.transfer(unspentMinor, from: home, to: .suspense(rail, currency))
        isSuspended = true
        (status, dueAtMs, self.refusal) = (.suspended, nil, refusal)
        return moves
    }
}
