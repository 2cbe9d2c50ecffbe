package import Cryptography

/// A transaction in a block, and what it changed.
public struct SolanaRecord: Hashable, Sendable {
    /// What one token account held before and after.
    public struct TokenChange: Hashable, Sendable {
        /// Its index among the accounts.
        public let account: Int
        /// The token.
        public let mint: SolanaAddress
        /// Whose it is after the transaction, or was before it.
        public let owner: SolanaAddress
        /// The token's program.
        public let program: SolanaAddress
        /// Base units before.
        public var beforeMinor: UInt64
        /// Base units after.
        public var afterMinor: UInt64

        /// What it grew by; negative where it shrank.
        public var changeMinor: Int128 { Int128(afterMinor) - Int128(beforeMinor) }
    }

    /// The transaction.
    public let transaction: SolanaTransaction
    /// The slot of its block.
    public let slot: Int64
    /// Why it did nothing; nil: it was carried out.
    public let failure: SolanaTransactionFailure?
    /// What it cost, in lamports.
    public let feeLamports: Int64
    /// By how much each account grew, in lamports, in the order of `accounts`, the fee included; empty: the node does
    /// not say.
    public let lamportChanges: [Int64]
    /// Every account: static ones, then looked-up ones.
    public let accounts: [SolanaAddress]
    /// What it changed of tokens.
    public let tokenChanges: [TokenChange]

    /// Reads what `getTransaction` answers.
    package init(rpc value: JSONValue) throws(SolanaRPCError) {
        guard let text = value["transaction"]?.elements.first(where: { _ in true })?.string,
            let bytes = Base64.decode(text), let transaction = try? SolanaTransaction(parsing: bytes),
            let slot = value["slot"]?.slot, let meta = value["meta"], let error = meta["err"],
            let fee = meta["fee"]?.int64, fee >= 0
        else { throw .malformed("getTransaction") }
        self.transaction = transaction
        self.slot = slot
        failure = SolanaTransactionFailure(error)
        guard error.isNull || failure != nil else { throw .malformed("getTransaction") }
        feeLamports = fee
        let before = meta["preBalances"]?.elements.map { $0.int64 ?? -1 } ?? []
        let after = meta["postBalances"]?.elements.map { $0.int64 ?? -1 } ?? []
        let isKnown = before.count == after.count && (before + after).allSatisfy { $0 >= 0 }
        lamportChanges = isKnown ? zip(before, after).map { $1 - $0 } : []
        let loaded = ["writable", "readonly"].flatMap { name in
            meta["loadedAddresses"]?[name]?.elements.compactMap { $0.string.flatMap { SolanaAddress($0) } } ?? []
        }
        // Without one of them all that follow would be taken for others.
        guard loaded.count == transaction.message.lookups.reduce(0, { $0 + $1.writable.count + $1.readOnly.count })
        else { throw .malformed("getTransaction") }
        accounts = transaction.message.accounts + loaded
        tokenChanges = try Self.changes(meta)
    }

    /// By how much an account grew, in lamports; nil: the node does not say, or it is not in the transaction.
    func lamportChange(of account: SolanaAddress) -> Int64? {
        guard let index = accounts.firstIndex(of: account), index < lamportChanges.count else { return nil }
        return lamportChanges[index]
    }

    private static func changes(_ meta: JSONValue) throws(SolanaRPCError) -> [TokenChange] {
        var changes: [Int: TokenChange] = [:]
        for (name, isAfter) in [("preTokenBalances", false), ("postTokenBalances", true)] {
            for value in meta[name].map({ Array($0.elements) }) ?? [] {
                guard let index = value["accountIndex"]?.int64, (0...255).contains(index),
                    let mint = value["mint"]?.string.flatMap({ SolanaAddress($0) }),
                    let owner = value["owner"]?.string.flatMap({ SolanaAddress($0) }),
                    let program = value["programId"]?.string.flatMap({ SolanaAddress($0) }),
                    let amount = value["uiTokenAmount"]?["amount"]?.string.flatMap({ UInt64($0) })
                else { throw .malformed("getTransaction") }
                let before = changes[Int(index)]?.beforeMinor ?? 0
                changes[Int(index)] = TokenChange(
                    account: Int(index), mint: mint, owner: owner, program: program,
                    beforeMinor: isAfter ? before : amount, afterMinor: isAfter ? amount : 0)
            }
        }
        return changes.values.sorted { $0.account < $1.account }
    }

    /// By how much the accounts of an owner grew in one token, in base units; nil past 64 bits.
    public func change(of owner: SolanaAddress, mint: SolanaAddress, program: SolanaAddress) -> Int64? {
        Int64(
            exactly: tokenChanges.reduce(Int128(0)) { sum, change in
                guard change.owner == owner, change.mint == mint, change.program == program else { return sum }
                return sum + change.changeMinor
            })
    }
}
