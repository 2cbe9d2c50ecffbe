import Cryptography

/// What the rail asks of a Solana cluster. Safe from any thread.
///
/// Reads are repeated at other endpoints where one fails. A failure is never a verdict on a transaction: that is its
/// status, and nothing else.
public struct SolanaClient: Sendable {
    /// How the endpoints are asked.
    let rpc: SolanaRPC

    /// Accounts in one question at most.
    static let accountsPerCallMax = 100
    /// What no account of the rail's kinds can need: a node that says more is wrong.
    static let rentMax: Int64 = 1_000_000_000
    /// No chain comes so far.
    static let heightMax: Int64 = 1 << 48
    /// Signatures in one page at most.
    public static let signaturesPerPageMax: Int64 = 1_000
    /// Pages of signatures at most; past them the list says that it is not whole.
    public static let pagesMax = 100
    /// Pages where only the oldest signatures are kept.
    static let pagesMaxOfOldest = 1_000_000

    /// A client.
    public init(_ rpc: SolanaRPC) { self.rpc = rpc }

    /// A recent blockhash, and how long a transaction with it may land.
    public struct Blockhash: Hashable, Sendable {
        /// The hash.
        public let hash: SolanaBlockhash
        /// No block above this height can hold a transaction with it.
        public let lastValidBlockHeight: Int64
        /// The slot at which the node was.
        public let slot: Int64
    }

    /// A point of the chain.
    public struct Point: Hashable, Sendable {
        /// The slot.
        public let slot: Int64
        /// The number of blocks up to it.
        public let blockHeight: Int64
    }

    /// The newest blockhash of a commitment.
    public func latestBlockhash(_ commitment: SolanaCommitment = .confirmed) async throws(SolanaRPCError) -> Blockhash {
        let result = try await rpc.call("getLatestBlockhash") { $0.options(commitment) }
        guard let value = result["value"], let hash = value["blockhash"]?.string.flatMap({ SolanaBlockhash($0) }),
            let height = value["lastValidBlockHeight"]?.int64, let slot = result["context"]?["slot"]?.slot
        else { throw .malformed("getLatestBlockhash") }
        return Blockhash(hash: hash, lastValidBlockHeight: height, slot: slot)
    }

    /// Blocks for which a blockhash may be used.
    static let blockhashLife: Int64 = 150

    /// A blockhash for the node's own signature. From when and until when it can land is not left to one answer: a
    /// height that is too low would have the node sign anew what may still land, and so would a slot that is too high.
    package func signingBlockhash() async throws(SolanaRPCError) -> Blockhash {
        let given = try await latestBlockhash()
        let point = try await point(.confirmed, leastSlot: given.slot)
        let least = point.blockHeight + Self.blockhashLife
        // Who comes so far and says so much less of the height is wrong, or the other is: cut down, the height might
        // end before the transaction does.
        guard given.lastValidBlockHeight <= least + Self.blockhashLife else {
            throw SolanaRPCError(.nodeBehind, "the nodes' heights are too far apart to sign by")
        }
        return Blockhash(
            hash: given.hash, lastValidBlockHeight: max(given.lastValidBlockHeight, least),
            slot: min(given.slot, point.slot))
    }

    /// The block height of a commitment.
    public func blockHeight(_ commitment: SolanaCommitment) async throws(SolanaRPCError) -> Int64 {
        guard let height = try await rpc.call("getBlockHeight", { $0.options(commitment) }).slot else {
            throw .malformed("getBlockHeight")
        }
        return height
    }

    /// Slot and height of a commitment, from one node at one time.
    /// - Parameter leastSlot: the node has come as far at least; nil: wherever it is.
    public func point(
        _ commitment: SolanaCommitment, leastSlot: Int64? = nil
    ) async throws(SolanaRPCError) -> Point {
        let result = try await rpc.call("getEpochInfo") { $0.options(commitment, leastSlot: leastSlot) }
        guard let slot = result["absoluteSlot"]?.slot, let height = result["blockHeight"]?.slot else {
            throw .malformed("getEpochInfo")
        }
        return Point(slot: slot, blockHeight: height)
    }

    /// What names the cluster: mainnet, a test network, a local one.
    public func genesisHash() async throws(SolanaRPCError) -> String {
        guard let hash = try await rpc.call("getGenesisHash", { _ in }).string else {
            throw .malformed("getGenesisHash")
        }
        return hash
    }

    /// What an account of so many bytes must hold to stay, in lamports; never less than by the rule of the chain's
    /// beginning, so that no node makes a claim on a budget too small.
    public func rentMinimum(byteCount: Int) async throws(SolanaRPCError) -> Int64 {
        guard
            let lamports = try await rpc.call("getMinimumBalanceForRentExemption", { $0.int(byteCount) }).int64,
            (0...Self.rentMax).contains(lamports)
        else { throw .malformed("getMinimumBalanceForRentExemption") }
        // 128 bytes more than the account's own, 3,480 lamports each and year, two years.
        return max(lamports, Int64(128 + byteCount) * 6_960)
    }

    /// The accounts at addresses, in their order; nil where there is none. All of one question are from one slot.
    /// - Parameter leastSlot: the node has come as far at least; nil: wherever it is.
    public func accounts(
        _ addresses: [SolanaAddress], _ commitment: SolanaCommitment = .confirmed, leastSlot: Int64? = nil
    ) async throws(SolanaRPCError) -> [SolanaAccount?] {
        try await accountsAtSlot(addresses, commitment, leastSlot: leastSlot).accounts
    }

    /// The same, with the slot of which they are; of several questions the first one's.
    func accountsAtSlot(
        _ addresses: [SolanaAddress], _ commitment: SolanaCommitment, leastSlot: Int64? = nil
    ) async throws(SolanaRPCError) -> (accounts: [SolanaAccount?], slot: Int64) {
        var accounts: [SolanaAccount?] = []
        var slot: Int64?
        for start in stride(from: 0, to: addresses.count, by: Self.accountsPerCallMax) {
            let part = addresses[start..<min(start + Self.accountsPerCallMax, addresses.count)]
            let texts = part.map(\.description)
            let result = try await rpc.call("getMultipleAccounts") { writer in
                writer.beginArray()
                for text in texts { writer.string(text) }
                writer.endArray()
                writer.options(commitment, leastSlot: leastSlot) { $0.field("encoding", "base64") }
            }
            guard let values = result["value"].map({ Array($0.elements) }), values.count == part.count,
                let at = result["context"]?["slot"]?.slot
            else { throw .malformed("getMultipleAccounts") }
            slot = slot ?? at
            for value in values { accounts.append(try SolanaAccount(rpc: value)) }
        }
        return (accounts, slot ?? 0)
    }
}

extension SolanaRPCError {
    static func malformed(_ method: String) -> Self {
        SolanaRPCError(.answerMalformed, "the answer to \(method) is not what was asked for")
    }
}

extension JSONWriter {
    /// The last parameter: the commitment, to which slot the node has come at least, and more.
    mutating func options(
        _ commitment: SolanaCommitment?, leastSlot: Int64? = nil, _ more: (inout JSONWriter) -> Void = { _ in }
    ) {
        beginObject()
        if let commitment { field("commitment", commitment.rawValue) }
        if let leastSlot { field("minContextSlot", leastSlot) }
        more(&self)
        endObject()
    }
}

extension JSONValue {
    /// A slot, a height or a time in seconds; nil where it is none, or none that a chain ever comes to.
    var slot: Int64? { int64.flatMap { (0...SolanaClient.heightMax).contains($0) ? $0 : nil } }
}

extension SolanaAccount {
    /// Reads an account of an answer; nil for null.
    init?(rpc value: JSONValue) throws(SolanaRPCError) {
        if value.isNull { return nil }
        guard let data = value["data"]?.elements.first(where: { _ in true })?.string.flatMap({ Base64.decode($0) }),
            let owner = value["owner"]?.string.flatMap({ SolanaAddress($0) }),
            let lamports = value["lamports"]?.numberText.flatMap({ UInt64($0) }),
            let isExecutable = value["executable"]?.bool
        else { throw .malformed("getMultipleAccounts") }
        self.init(owner: owner, lamports: lamports, data: data, isExecutable: isExecutable)
    }
}
