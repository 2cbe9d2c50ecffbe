import Cryptography

/// The JSON of lifecycles, as the API shows them: never a rail's prepared bytes.
public enum LifecycleReply {
    /// A lifecycle with the entry that changed it last.
    static func render(_ row: LifecycleRow, entry: EntryRow) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        members(of: row, &out)
        out.field("entry_seq", entry.seq)
        out.field("entry_hash", Hex.encode(entry.hash))
        out.endObject()
        return out.bytes
    }

    /// A lifecycle with its life, event by event, oldest first.
    public static func render(_ row: LifecycleRow, events: [LifecycleEvent]) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        members(of: row, &out)
        out.key("events")
        out.beginArray()
        for event in events {
            out.beginObject()
            out.field("event", event.name)
            out.field("status", event.status)
            if !event.note.isEmpty { out.field("note", event.note) }
            out.field("entry_seq", event.seq)
            out.field("at", CivilDate(ms: event.timeMs).rfc3339)
            out.endObject()
        }
        out.endArray()
        out.endObject()
        return out.bytes
    }

    /// A lifecycle alone, as in lists.
    public static func render(_ row: LifecycleRow) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        members(of: row, &out)
        out.endObject()
        return out.bytes
    }

    private static func members(of row: LifecycleRow, _ out: inout JSONWriter) {
        let facts = row.lifecycle.facts
        out.field("id", facts.id)
        out.field("object", row.lifecycle.kind.rawValue)
        out.field("status", facts.status)
        if !facts.rail.isEmpty { out.field("rail", facts.rail) }
        if !facts.currency.isEmpty {
            out.field("amount", facts.amountMinor)
            out.field("currency", facts.currency)
        }
        switch row.lifecycle {
        case .payment(let payment): members(of: payment, &out)
        case .payout(let payout): members(of: payout, &out)
        case .refund(let refund):
            out.field("payment", refund.paymentID)
            out.field("rail_reference", refund.reference)
            out.field("reason", refund.reason)
            refusal(refund.refusal, &out)
        case .dispute(let dispute): members(of: dispute, &out)
        case .escrow(let escrow): members(of: escrow, &out)
        case .payee(let payee): members(of: payee, &out)
        case .arrival(let arrival):
            out.field("payment", arrival.paymentID)
            out.field("rail_reference", arrival.movement)
        case .cost(let cost):
            out.field("rail_reference", cost.movement)
            out.field("reason", cost.reason)
        }
        out.field("version", row.version)
        out.field("created_at", CivilDate(ms: row.madeAtMs).rfc3339)
        out.field("updated_at", CivilDate(ms: row.changedAtMs).rfc3339)
    }

    private static func members(of payment: Payment, _ out: inout JSONWriter) {
        out.field("from_did", payment.payer)
        out.field("service", payment.service)
        out.field("type", payment.type)
        out.field("charged", payment.chargedMinor)
        out.field("received", payment.receivedMinor)
        out.field("rail_fee", payment.feeMinor)
        out.field("rail_fee_bearer", payment.feeBearer.rawValue)
        out.field("unspent", payment.unspentMinor)
        out.field("returning", payment.returningMinor)
        out.field("returned", payment.returnedMinor)
        out.field("absorbed", payment.absorbedMinor)
        out.field("url", payment.url)
        out.field("rail_reference", payment.reference)
        if case .settle(let cid) = payment.purpose { out.field("manifest_cid", cid) }
        out.key("settlement")
        if payment.settlementID.isEmpty { out.null() } else { out.string(payment.settlementID) }
        refusal(payment.refusal, &out)
        out.field("expires_at", CivilDate(ms: payment.expiresAtMs).rfc3339)
    }

    private static func members(of payout: Payout, _ out: inout JSONWriter) {
        out.field("did", payout.payee)
        out.field("destination", payout.destination)
        out.field("rail_reference", payout.reference)
        out.field("tries", payout.tries)
        refusal(payout.refusal, &out)
        if let dueAtMs = payout.dueAtMs, payout.status == .failed {
            out.field("next_try_at", CivilDate(ms: dueAtMs).rfc3339)
        }
    }

    private static func members(of dispute: Dispute, _ out: inout JSONWriter) {
        out.field("payment", dispute.paymentID)
        out.field("rail_reference", dispute.reference)
        out.field("reason", dispute.reason)
        out.field("withdrawn", dispute.withdrawnMinor)
        out.field("reinstated", dispute.reinstatedMinor)
        out.field("fee", dispute.feeMinor - dispute.feeReturnedMinor)
        out.field("charged_back", dispute.chargedBackMinor)
    }

    private static func members(of escrow: Escrow, _ out: inout JSONWriter) {
        out.field("from_did", escrow.payer)
        out.field("to_did", escrow.payee)
        out.key("arbiter_did")
        if let arbiter = escrow.arbiter { out.string(arbiter) } else { out.null() }
        out.field("remaining", escrow.remainingMinor)
        out.field("released", escrow.releasedMinor)
        out.field("refunded", escrow.refundedMinor)
        out.key("release_after")
        if let time = escrow.releaseAfterMs { out.string(CivilDate(ms: time).rfc3339) } else { out.null() }
        out.field("memo", escrow.memo)
    }

    private static func members(of payee: Payee, _ out: inout JSONWriter) {
        out.field("did", payee.did)
        out.key("policy")
        write(payee.policy, &out)
        out.key("pending")
        write(payee.pending, &out)
        out.key("effective_at")
        if let time = payee.effectiveAtMs { out.string(CivilDate(ms: time).rfc3339) } else { out.null() }
    }

    private static func write(_ policy: PayoutPolicy?, _ out: inout JSONWriter) {
        guard let policy else { return out.null() }
        out.beginObject()
        out.key("destinations")
        out.beginArray()
        for destination in policy.destinations {
            out.beginObject()
            out.field("rail", destination.rail.rawValue)
            out.field("currency", destination.currency)
            out.field("address", destination.address)
            out.endObject()
        }
        out.endArray()
        out.key("default_rail")
        if let rail = policy.defaultRail { out.string(rail.rawValue) } else { out.null() }
        out.field("schedule", policy.schedule.rawValue)
        out.key("minimum")
        out.beginObject()
        for (currency, amount) in policy.minimumMinor.sorted(by: { $0.key < $1.key }) { out.field(currency, amount) }
        out.endObject()
        out.endObject()
    }

    private static func refusal(_ refusal: RailRefusal?, _ out: inout JSONWriter) {
        out.key("failure")
        guard let refusal else { return out.null() }
        out.beginObject()
        out.field("code", refusal.code)
        out.field("detail", refusal.reason)
        out.endObject()
    }
}
