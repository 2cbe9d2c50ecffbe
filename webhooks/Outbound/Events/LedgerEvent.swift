import Cryptography
import Kernel
import Service

/// An entry as an event: what caused it, for whom, and what the accounts hold after it.
struct LedgerEvent: Sendable {
    /// An account that the entry posts to.
    struct Account: Sendable {
        let key: AccountKey
        /// What its posted balance grew by, minor units, negative where it shrank.
        let changeMinor: Int64
        let counters: Counters
    }

    let seq: Int64
    let timeMs: Int64
    let causeKind: String
    let causeID: String
    let hash: [UInt8]
    /// The service that asked for it; empty where none did, or none is known.
    let creator: String
    let accounts: [Account]

    var type: String { EventType.named(forKind: causeKind) }

    /// The exact bytes that are signed and sent.
    ///
    /// - Parameters:
    ///   - book: its name.
    ///   - reader: whose accounts' balances are told where not all are; nil: all are.
    func body(book: String, reader: String?) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("type", type)
        out.field("timestamp", Timestamp.text(ofMilliseconds: timeMs))
        out.object("data") { out in
            out.field("id", causeID)
            out.field("book", book)
            out.field("seq", seq)
            out.field("entry_hash", Hex.encode(hash))
            out.object("cause") { out in
                out.field("kind", causeKind)
                out.field("id", causeID)
            }
            out.array("accounts") { out in
                for account in accounts { write(account, reader: reader, to: &out) }
            }
        }
        out.endObject()
        return out.bytes
    }

    private func write(_ account: Account, reader: String?, to out: inout JSONWriter) {
        let key = account.key
        let isTold = reader == nil || key.owner == reader
        out.beginObject()
        out.field("owner", key.owner.isEmpty ? nil : key.owner)
        out.field("kind", key.kind.rawValue)
        out.field("detail", key.detail.isEmpty ? nil : key.detail)
        out.field("currency", key.currency)
        out.field("change", account.changeMinor)
        out.field("balance_after", isTold ? account.counters.balance(key.kind.accountClass) : nil)
        out.field("available_after", isTold ? account.counters.available(key.kind.accountClass) : nil)
        out.endObject()
    }
}

/// Events that no entry causes.
enum NoticeBody {
    /// Of `webhook.test`.
    static func test(endpoint: String, nowMs: Int64) -> [UInt8] {
        body(EventType.test, nowMs: nowMs) { $0.field("endpoint", endpoint) }
    }

    /// Of `endpoint.disabled`.
    static func disabled(
        endpoint: String, url: String, reason: WebhookEndpoint.DisabledReason, nowMs: Int64
    ) -> [UInt8] {
        body(EventType.endpointDisabled, nowMs: nowMs) { out in
            out.field("endpoint", endpoint)
            out.field("url", url)
            out.field("reason", reason.rawValue)
        }
    }

    private static func body(_ type: String, nowMs: Int64, _ data: (inout JSONWriter) -> Void) -> [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("type", type)
        out.field("timestamp", Timestamp.text(ofMilliseconds: nowMs))
        out.object("data", data)
        out.endObject()
        return out.bytes
    }
}
