/// What is signed: accounts, a blockhash, and instructions that name accounts by their index.
public struct SolanaMessage: Hashable, Sendable {
    /// How it is written.
    public enum Version: UInt8, Hashable, Sendable {
        /// The first form, without lookup tables.
        case legacy
        /// Version 0, with lookup tables.
        case v0
    }

    /// How many of the accounts sign, and how many of each sort are only read.
    public struct Header: Hashable, Sendable {
        /// The first so many accounts sign.
        public let requiredSignatures: Int
        /// The last so many of those are only read.
        public let readOnlySigned: Int
        /// The last so many of the others are only read.
        public let readOnlyUnsigned: Int

        /// A header.
        public init(requiredSignatures: Int, readOnlySigned: Int, readOnlyUnsigned: Int) {
            self.requiredSignatures = requiredSignatures
            self.readOnlySigned = readOnlySigned
            self.readOnlyUnsigned = readOnlyUnsigned
        }
    }

    /// An instruction by indices: static accounts, then all writable lookups, then all lookups that are only read.
    public struct Call: Hashable, Sendable {
        /// The program's index among the static accounts.
        public let program: UInt8
        /// The accounts' indices.
        public let accounts: [UInt8]
        /// What the program is told.
        public let data: [UInt8]
    }

    /// Accounts that stand in a table on the chain.
    public struct Lookup: Hashable, Sendable {
        /// The table.
        public let table: SolanaAddress
        /// Indices into it of accounts that may change.
        public let writable: [UInt8]
        /// Indices into it of accounts that are only read.
        public let readOnly: [UInt8]
    }

    /// How it is written.
    public let version: Version
    /// Who signs, what may change.
    public let header: Header
    /// The static accounts; the first pays the fee.
    public let accounts: [SolanaAddress]
    /// When it expires, or the value of a durable nonce.
    public let blockhash: SolanaBlockhash
    /// What is done, in order; all of it or nothing.
    public let calls: [Call]
    /// Accounts from tables; none in a legacy message.
    public let lookups: [Lookup]

    /// Who pays the fee.
    public var feePayer: SolanaAddress { accounts[0] }

    /// Who must sign, in the order of the signatures.
    public var signers: ArraySlice<SolanaAddress> { accounts[..<header.requiredSignatures] }

    /// Whether the static account of that index may change.
    public func isWritable(_ index: Int) -> Bool {
        let signed = header.requiredSignatures
        return index < signed
            ? index < signed - header.readOnlySigned : index < accounts.count - header.readOnlyUnsigned
    }

    /// Takes parts that were checked or made by this module.
    init(
        version: Version, header: Header, accounts: [SolanaAddress], blockhash: SolanaBlockhash, calls: [Call],
        lookups: [Lookup]
    ) {
        self.version = version
        self.header = header
        self.accounts = accounts
        self.blockhash = blockhash
        self.calls = calls
        self.lookups = lookups
    }
}
