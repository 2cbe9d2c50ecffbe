import Cryptography

extension LedgerState {
    mutating func settle(_ order: SettleOrder, command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        let payer = order.payer.string
        guard restrictions[payer]?.isFrozen != true else { throw .accountFrozen(payer) }
        try checkOwners(of: order.manifests)
        try checkConsent(order, nowMs: nowMs)

        var draft = EntryDraft()
        var creditMinor: Int64 = 0
        var payment: Payment?
        switch order.funding {
        case .balance:
            // The payer must hold the gross, but what comes back to the payer never leaves: credit stays credit.
            let ownMinor = order.parts.reduce(0) { $1.did == order.payer ? $0 + $1.amountMinor : $0 }
            creditMinor = try spend(
                order.grossMinor, moving: order.grossMinor - ownMinor, by: payer, order.currency, draft: &draft)
        case .payment(let id, _): payment = try spend(id, order, by: command.caller, nowMs: nowMs, draft: &draft)
        }
        for part in order.parts where part.did != order.payer || payment != nil {
            guard let payment, payment.direct != nil else {
                payIn(part.did.string, order.currency, part.amountMinor, draft: &draft)
                continue
            }
            let key = AccountKey.external(part.did.string, payment.rail, order.currency)
            draft.credit(account(key, opening: &draft), part.amountMinor)
        }
        for fee in order.fees { payIn(fee, order, draft: &draft) }
        let cause = EntryCause(kind: "settlement", id: order.settlementID, requestHash: command.requestHash)
        let entry = try post(draft, cause: cause, nowMs: nowMs)

        if let payment { keep([.payment(payment)], name: cause.kind, note: order.settlementID, entry: entry) }
        record(order.manifests)
        useConsent(order, nowMs: nowMs)
        let attestations = attest(order, entry)
        let settlement = SettlementRow(
            order: order, creditMinor: creditMinor, entrySeq: entry.seq, timeMs: entry.timeMs,
            identity: command.identity)
        writes.settlements.append(settlement)
        undo?.append { state in state.writes.settlements.removeLast() }
        let body = SettlementReply.render(order, book: book.name, entry: entry, attestations: attestations)
        return Outcome(status: 201, body: body, reference: order.settlementID)
    }

    private mutating func payIn(_ fee: FeePart, _ order: SettleOrder, draft: inout EntryDraft) {
        let key: AccountKey
        switch (fee.kind, order.funding) {
        case (.buyerCredit, _): key = .credit(order.payer.string, order.currency)
        case (.rail, .payment(_, let rail)): key = .railFees(rail, order.currency)
        default: key = AccountKey(kind: .fees, detail: fee.kind.rawValue, currency: order.currency)
        }
        draft.credit(account(key, opening: &draft), fee.amountMinor)
    }

    /// Takes all of a payment's money, and what its payer paid on top for the rail.
    private mutating func spend(
        _ id: String, _ order: SettleOrder, by caller: String, nowMs: Int64, draft: inout EntryDraft
    ) throws(Refusal) -> Payment {
        guard case .payment(var payment)? = (lifecycles[id] ?? nil)?.lifecycle else { throw .paymentUnknown(id) }
        let (home, amountMinor) = (payment.home, payment.unspentMinor)
        try payment.spend(order, by: caller, nowMs: nowMs)
        draft.debit(account(home, opening: &draft), amountMinor)
        let surcharge = amountMinor - order.grossMinor
        if surcharge > 0 {
            draft.credit(account(.railFees(payment.rail, order.currency), opening: &draft), surcharge)
        }
        return payment
    }

    // MARK: Attestations

    private mutating func attest(_ order: SettleOrder, _ entry: EntryRow) -> [CID] {
        var payloads = [Attestation.settled(order, issuer: book.node, book: book.name, entry: entry)]
        let customer = CustomerKey(payer: order.payer.string, service: order.service)
        if customers[customer] != true {
            customers[customer] = true
            writes.customers.append(customer)
            payloads.append(Attestation.customer(order, issuer: book.node, entry: entry))
            undo?.append { state in
                state.customers[customer] = false
                state.writes.customers.removeLast()
            }
        }
        for (ordinal, payload) in payloads.enumerated() {
            writes.outbox.append(
                OutboxRow(seq: entry.seq, ordinal: Int16(ordinal), topic: "attestation", payload: payload))
        }
        let count = payloads.count
        undo?.append { state in state.writes.outbox.removeLast(count) }
        return payloads.map { CID(codec: .dagCBOR, hashing: $0) }
    }
}
