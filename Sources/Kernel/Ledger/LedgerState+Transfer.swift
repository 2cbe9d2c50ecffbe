import Cryptography

extension LedgerState {
    /// Moves a balance from person to person: credit first, and credit stays credit.
    mutating func transfer(_ order: TransferOrder, command: Command, nowMs: Int64) throws(Refusal) -> Outcome {
        let from = order.from.string
        guard restrictions[from]?.isFrozen != true else { throw .accountFrozen(from) }
        var draft = EntryDraft()
        let creditMinor = try spend(
            order.amountMinor, moving: order.amountMinor, by: from, order.currency, draft: &draft)
        let to = order.to.string
        if creditMinor > 0 {
            draft.credit(account(.credit(to, order.currency), opening: &draft), creditMinor)
        }
        payIn(to, order.currency, order.amountMinor - creditMinor, draft: &draft)
        let cause = EntryCause(kind: "transfer", id: order.transferID, requestHash: command.requestHash)
        let entry = try post(draft, cause: cause, nowMs: nowMs)
        let body = SettlementReply.render(order, creditMinor: creditMinor, entry: entry)
        return Outcome(status: 201, body: body, reference: order.transferID)
    }
}

extension SettlementReply {
    static func render(_ order: TransferOrder, creditMinor: Int64, entry: EntryRow) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("id", order.transferID)
        out.field("from_did", order.from.string)
        out.field("to_did", order.to.string)
        out.field("amount", order.amountMinor)
        out.field("credit", creditMinor)
        out.field("currency", order.currency)
        out.field("memo", order.memo)
        out.end(with: entry)
        return out.bytes
    }
}
