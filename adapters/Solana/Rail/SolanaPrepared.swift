import Cryptography

/// What is stored before a transaction is sent for the first time: its bytes and the last height at which it may land.
public struct SolanaPrepared: Hashable, Sendable {
    /// The signed transaction.
    public let transaction: SolanaTransaction
    /// No block above this height can hold it.
    public let lastValidBlockHeight: Int64
    /// What it cost to make the payee's account of the token before, lamports; booked with the payout's fee.
    public let openingLamports: Int64

    private static let limits = JSONLimits(depth: 2, members: 8, bytes: 4 * 1_024)

    /// What is stored.
    public init(transaction: SolanaTransaction, lastValidBlockHeight: Int64, openingLamports: Int64 = 0) {
        self.transaction = transaction
        self.lastValidBlockHeight = lastValidBlockHeight
        self.openingLamports = openingLamports
    }

    /// JSON: the transaction in base64, the height, and its signature for people who look.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("transaction", Base64.encode(transaction.bytes))
        writer.field("signature", transaction.id.description)
        writer.field("lastValidBlockHeight", lastValidBlockHeight)
        if openingLamports > 0 { writer.field("openingLamports", openingLamports) }
        writer.endObject()
        return writer.bytes
    }

    /// Reads what `bytes` wrote; nil where it is something else, or its signatures do not belong to it.
    public init?(bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes, limits: Self.limits).root,
            let raw = root["transaction"]?.string.flatMap({ Base64.decode($0) }),
            let transaction = try? SolanaTransaction(parsing: raw), (try? transaction.checkSignatures()) != nil,
            root["signature"]?.string == transaction.id.description,
            let height = root["lastValidBlockHeight"]?.int64
        else { return nil }
        let opening = root["openingLamports"].map { $0.int64 } ?? 0
        guard let opening, opening >= 0 else { return nil }
        self.init(transaction: transaction, lastValidBlockHeight: height, openingLamports: opening)
    }
}
