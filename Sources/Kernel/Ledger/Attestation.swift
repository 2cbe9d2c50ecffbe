public import Cryptography

/// What the node attests: dag-cbor `{v: 1, root, type, nonce, issuer, context, payload, subject, issued_at}`. Its CID
/// covers these bytes, its signature is a JWS over them, made later: the CID can be answered before.
public enum Attestation {
    /// `transaction.settled`: the payment went through with a verified chain; it carries the entry's hash.
    public static func settled(_ order: SettleOrder, issuer: DID, book: String, entry: EntryRow) -> [UInt8] {
        var out = begin(nonce: nonce(entry, ordinal: 0), type: "transaction.settled")
        finish(&out, order, issuer: issuer, entry: entry) { out in
            out.map(count: 8)
            out.text("book")
            out.text(book)
            out.text("type")
            out.text(order.type)
            out.text("amount")
            out.int(order.grossMinor)
            out.text("service")
            out.text(order.service)
            out.text("currency")
            out.text(order.currency)
            out.text("entry_seq")
            out.int(entry.seq)
            out.text("entry_hash")
            out.bytes(entry.hash)
            out.text("manifest_cid")
            out.text(order.manifestCID)
        }
        return out.bytes
    }

    /// `customer`: the payer's first transaction with a service.
    public static func customer(_ order: SettleOrder, issuer: DID, entry: EntryRow) -> [UInt8] {
        var out = begin(nonce: nonce(entry, ordinal: 1), type: "customer")
        finish(&out, order, issuer: issuer, entry: entry) { out in
            out.map(count: 1)
            out.text("service")
            out.text(order.service)
        }
        return out.bytes
    }

    /// The entry's hash names it once and for all; the last byte tells its attestations apart.
    private static func nonce(_ entry: EntryRow, ordinal: UInt8) -> [UInt8] {
        Array(entry.hash.prefix(15)) + [ordinal]
    }

    private static func begin(nonce: [UInt8], type: String) -> DAGCBORWriter {
        var out = DAGCBORWriter()
        out.map(count: 9)
        out.text("v")
        out.int(1)
        out.text("root")
        out.null()
        out.text("type")
        out.text(type)
        out.text("nonce")
        out.bytes(nonce)
        return out
    }

    private static func finish(
        _ out: inout DAGCBORWriter, _ order: SettleOrder, issuer: DID, entry: EntryRow,
        payload: (inout DAGCBORWriter) -> Void
    ) {
        out.text("issuer")
        out.text(issuer.string)
        out.text("context")
        out.text(order.settlementID)
        out.text("payload")
        payload(&out)
        out.text("subject")
        out.text(order.payer.string)
        out.text("issued_at")
        out.int(entry.timeMs)
    }
}
