import Cryptography

/// What is stored before a transaction is sent for the first time: its bytes, from when and how long it may land, and
/// which of its transfers this payout is.
public struct SolanaPrepared: Hashable, Sendable {
    /// The signed transaction.
    public let transaction: SolanaTransaction
    /// No block above this height can hold it.
    public let lastValidBlockHeight: Int64
    /// It was signed at this slot; 0: that is not known.
    public let signedAtSlot: Int64
    /// The payout's place among the transfers.
    public let share: Int
    /// Transfers of the transaction.
    public let shareCount: Int

    private static let limits = JSONLimits(depth: 2, members: 8, bytes: 4 * 1_024)

    /// What is stored.
    public init(
        transaction: SolanaTransaction, lastValidBlockHeight: Int64, signedAtSlot: Int64 = 0, share: Int = 0,
        shareCount: Int = 1
    ) {
        self.signedAtSlot = signedAtSlot
        self.transaction = transaction
        self.lastValidBlockHeight = lastValidBlockHeight
        self.share = share
        self.shareCount = shareCount
    }

    /// JSON: the transaction in base64, slot and height, and its signature for people who look.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("transaction", Base64.encode(transaction.bytes))
        writer.field("signature", transaction.id.description)
        writer.field("lastValidBlockHeight", lastValidBlockHeight)
        writer.field("slot", signedAtSlot)
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
            transaction: transaction, lastValidBlockHeight: height, signedAtSlot: root["slot"]?.slot ?? 0,
            share: Int(share), shareCount: Int(count))
    }

    /// This payout's part of what the transaction cost: all parts together are the whole.
    func part(ofFee lamports: Int64) -> Int64 {
        let count = Int64(shareCount)
        return lamports / count + (Int64(share) < lamports % count ? 1 : 0)
    }

    /// The transfer in which the transaction failed; nil: in none, or it is not laid out as this rail does.
    func transfer(_ failure: SolanaTransactionFailure) -> Int? {
        let message = transaction.message
        let transfers = message.calls.indices.filter { index in
            SolanaProgram.isToken(message.accounts[Int(message.calls[index].program)])
        }
        guard transfers.count == shareCount, let index = failure.instruction else { return nil }
        return transfers.firstIndex(of: index)
    }

    /// The account that the failed transfer draws on.
    func source(_ failure: SolanaTransactionFailure) -> SolanaAddress? {
        let message = transaction.message
        guard transfer(failure) != nil, let index = failure.instruction,
            let account = message.calls[index].accounts.first, message.accounts.indices.contains(Int(account))
        else { return nil }
        return message.accounts[Int(account)]
    }

    /// Whose fault a failure is: a payee's where its transfer failed for a reason that lies with the payee.
    func fault(_ failure: SolanaTransactionFailure) -> Fault {
        guard let transfer = transfer(failure), !failure.isNodes(in: transaction.message) else { return .nodes }
        return transfer == share ? .own : .anothers
    }

    /// Whose fault a failure is.
    enum Fault {
        case own, anothers, nodes
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
