import Cryptography

/// What is stored before a transaction is sent for the first time: its bytes, the last height at which it may land, and
/// which of its transfers this payout is.
public struct SolanaPrepared: Hashable, Sendable {
    /// The signed transaction.
    public let transaction: SolanaTransaction
    /// No block above this height can hold it.
    public let lastValidBlockHeight: Int64
    /// The payout's place among the transfers.
    public let share: Int
    /// Transfers of the transaction.
    public let shareCount: Int

    private static let limits = JSONLimits(depth: 2, members: 8, bytes: 4 * 1_024)

    /// What is stored.
    public init(
        transaction: SolanaTransaction, lastValidBlockHeight: Int64, share: Int = 0, shareCount: Int = 1
    ) {
        self.transaction = transaction
        self.lastValidBlockHeight = lastValidBlockHeight
        self.share = share
        self.shareCount = shareCount
    }

    /// JSON: the transaction in base64, the height, and its signature for people who look.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("transaction", Base64.encode(transaction.bytes))
        writer.field("signature", transaction.id.description)
        writer.field("lastValidBlockHeight", lastValidBlockHeight)
        if shareCount > 1 {
            writer.field("share", Int64(share))
            writer.field("shareCount", Int64(shareCount))
        }
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
        let (share, count) = (root["share"].map { $0.int64 } ?? 0, root["shareCount"].map { $0.int64 } ?? 1)
        guard let share, let count, share >= 0, share < count, count <= SolanaWireLimits.instructionsMax else {
            return nil
        }
        self.init(
            transaction: transaction, lastValidBlockHeight: height, share: Int(share), shareCount: Int(count))
    }

    /// This payout's part of what the transaction cost: all parts together are the whole.
    func part(ofFee lamports: Int64) -> Int64 {
        let count = Int64(shareCount)
        return lamports / count + (Int64(share) < lamports % count ? 1 : 0)
    }

    /// Whose transfer made the whole transaction fail.
    func fault(_ failure: SolanaTransactionFailure) -> Fault {
        guard shareCount > 1 else { return .own }
        guard let index = failure.instruction else { return .shared }
        // The transfers stand last.
        let first = transaction.message.calls.count - shareCount
        guard index >= first else { return .shared }
        return index - first == share ? .own : .anothers
    }

    /// Whose fault a failure is.
    enum Fault {
        case own, anothers, shared
    }
}

extension SolanaTransactionFailure {
    /// The instruction that failed; nil: the transaction did as a whole.
    var instruction: Int? {
        switch self {
        case .whole: nil
        case .instruction(let index, _), .custom(let index, _): index
        }
    }
}
