import Cryptography

/// The JSON bodies of what the book did. They are stored with the effect and replayed byte for byte.
public enum SettlementReply {
    /// The `"splits":[…],"fees":[…]` members of a settlement, without braces: rendered before the order is queued.
    public static func breakdown(_ split: Split) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.key("splits")
        out.beginArray()
        for line in split.lines {
            out.beginObject()
            out.field("did", line.did.string)
            out.field("role", line.role)
            out.field("weight", line.weightText)
            out.field("amount", line.amountMinor)
            out.key("via")
            out.beginArray()
            for cid in line.via { out.string(cid.string) }
            out.endArray()
            out.endObject()
        }
        out.endArray()
        out.key("fees")
        out.beginArray()
        for fee in split.feeLines {
            out.beginObject()
            out.field("kind", fee.kind.rawValue)
            out.field("did", fee.did.string)
            out.field("bps", Int64(fee.bps))
            out.field("amount", fee.amountMinor)
            out.endObject()
        }
        out.endArray()
        out.endObject()
        return Array(out.bytes.dropFirst().dropLast())
    }

    static func render(_ order: SettleOrder, book: String, entry: EntryRow, attestations: [CID]) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("id", order.settlementID)
        out.field("status", SettlementState.settled.rawValue)
        out.field("book", book)
        out.field("entry_seq", entry.seq)
        out.field("entry_hash", Hex.encode(entry.hash))
        out.field("amount", order.grossMinor)
        out.field("currency", order.currency)
        out.field("manifest_cid", order.manifestCID)
        out.raw(order.breakdownJSON)
        if case .payment(let id, let rail) = order.funding {
            out.key("funding")
            out.beginObject()
            out.field("source", "rail")
            out.field("rail", rail.rawValue)
            out.field("reference", id)
            out.endObject()
        }
        out.key("attestations")
        out.beginArray()
        for cid in attestations { out.string(cid.string) }
        out.endArray()
        out.field("created_at", CivilDate(ms: entry.timeMs).rfc3339)
        out.endObject()
        return out.bytes
    }

    static func render(_ row: RefundRow, parts: [Int64], receivables: [PayeePart], entry: EntryRow) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("id", row.order.refundID)
        out.field("settlement", row.order.settlementID)
        out.field("status", SettlementState(refunded: row.refundedMinor, of: row.order.grossMinor).rawValue)
        out.field("amount", row.amountMinor)
        out.field("currency", row.order.currency)
        out.field("refunded_total", row.refundedMinor)
        out.field("reason", row.order.reason)
        out.key("lines")
        out.beginArray()
        for (source, part) in zip(row.order.sources, parts) {
            out.beginObject()
            out.field("kind", source.fee == nil ? "split" : "fee")
            out.field("did", source.did.string)
            out.field("role", source.role)
            out.field("amount", part)
            out.endObject()
        }
        out.endArray()
        out.key("receivables")
        out.beginArray()
        for receivable in receivables {
            out.beginObject()
            out.field("did", receivable.did.string)
            out.field("amount", receivable.amountMinor)
            out.endObject()
        }
        out.endArray()
        switch row.order.destination {
        case .balance: break
        case .rail(let id, _, _): identify("rail_refund", id, &out)
        case .payment(let id, _): identify("payment", id, &out)
        case .dispute(let id, _): identify("dispute", id, &out)
        }
        out.end(with: entry)
        return out.bytes
    }

    private static func identify(_ name: String, _ id: String, _ out: inout JSONWriter) {
        out.key(name)
        out.beginObject()
        out.field("id", id)
        out.endObject()
    }

    static func render(_ row: HoldRow, entry: EntryRow) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("id", row.holdID)
        out.field("status", row.status.rawValue)
        out.field("amount", row.amountMinor)
        out.field("posted", row.postedMinor)
        out.field("currency", row.from.currency)
        out.end(with: entry)
        return out.bytes
    }

    static func render(_ order: FundOrder, entry: EntryRow) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("id", order.fundID)
        out.field("did", order.did.string)
        out.field("amount", order.amountMinor)
        out.field("currency", order.currency)
        out.field("as", order.asCredit ? "credit" : "cash")
        out.end(with: entry)
        return out.bytes
    }

    static func render(_ order: GasOrder, price: GasPrice, entry: EntryRow?) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("tier", Int64(price.tier))
        out.field("message_number", Int64(price.messageNumber))
        out.field("multiplier", price.multiplierText)
        out.field("amount", price.amountMinor)
        out.field("currency", order.currency)
        out.key("entry_seq")
        if let entry { out.int(entry.seq) } else { out.null() }
        out.endObject()
        return out.bytes
    }

    static func render(_ row: AllowanceRow) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("payer", row.key.payer)
        out.field("service", row.key.service)
        out.field("max_amount", row.maxAmountMinor)
        out.field("per_day", row.perDayMinor)
        out.field("currency", row.key.currency)
        out.field("not_after", CivilDate(ms: row.notAfterMs).rfc3339)
        out.endObject()
        return out.bytes
    }

    static func render(_ order: RestrictOrder, after: Restriction) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("did", order.did.string)
        out.key("frozen")
        out.bool(after.isFrozen)
        out.key("held_back")
        out.beginObject()
        for (currency, amount) in after.heldBackMinor.sorted(by: { $0.key < $1.key }) { out.field(currency, amount) }
        out.endObject()
        out.endObject()
        return out.bytes
    }
}

extension JSONWriter {
    /// The members that every entry-making reply ends with.
    mutating func end(with entry: EntryRow) {
        field("entry_seq", entry.seq)
        field("entry_hash", Hex.encode(entry.hash))
        field("created_at", CivilDate(ms: entry.timeMs).rfc3339)
        endObject()
    }
}
