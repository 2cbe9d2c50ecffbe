import Cryptography
import Settlement

/// Where a reading of a wallet's accounts stands: the last transaction read of each token, and those before it that
/// could not be read and are tried again.
struct SolanaPosition {
    /// A transaction whose details are not there yet, or cannot be understood.
    struct Unread: Hashable {
        let currency: String
        let signature: SolanaSignature
        let timeSeconds: Int64?
    }

    var last: [String: SolanaSignature] = [:]
    var timeMs: Int64 = 0
    /// Up to here everything was read; nil: that is not known.
    var slot: Int64?
    var unread: [Unread] = []

    /// Past it nothing more is read until some of them can be.
    static let unreadMax = 100
    private static let limits = JSONLimits(depth: 4, members: 1_000, bytes: 64 * 1_024)
    /// No currency code is in lower case; these are.
    private static let unreadKey = "unread"
    private static let slotKey = "slot"

    init(_ position: RailPosition?) throws(RailListFailure) {
        guard let position else { return }
        timeMs = position.timeMs
        guard let root = try? JSONDocument(parsing: Array(position.cursor.utf8), limits: Self.limits).root else {
            throw Self.foreign
        }
        slot = root[Self.slotKey]?.slot
        for (name, value) in root.members where name != Self.slotKey {
            guard name == Self.unreadKey else {
                guard let signature = value.string.flatMap({ SolanaSignature($0) }) else { throw Self.foreign }
                last[String(name)] = signature
                continue
            }
            for element in value.elements {
                guard let signature = element["signature"]?.string.flatMap({ SolanaSignature($0) }),
                    let currency = element["currency"]?.string
                else { throw Self.foreign }
                unread.append(
                    Unread(currency: currency, signature: signature, timeSeconds: element["time"]?.slot))
            }
        }
    }

    private static let foreign = RailListFailure(reason: "this is no position of the Solana rail")

    var position: RailPosition {
        var writer = JSONWriter()
        writer.beginObject()
        for (currency, signature) in last.sorted(by: { $0.key < $1.key }) {
            writer.field(currency, signature.description)
        }
        if let slot { writer.field(Self.slotKey, slot) }
        if !unread.isEmpty {
            writer.array(Self.unreadKey) { writer in
                for item in unread {
                    writer.beginObject()
                    writer.field("currency", item.currency)
                    writer.field("signature", item.signature.description)
                    if let time = item.timeSeconds { writer.field("time", time) }
                    writer.endObject()
                }
            }
        }
        writer.endObject()
        return RailPosition(cursor: String(decoding: writer.bytes, as: UTF8.self), timeMs: timeMs)
    }
}
