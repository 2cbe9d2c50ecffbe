/// One call of a program: which, on which accounts, with what.
public struct SolanaInstruction: Hashable, Sendable {
    /// An account of a call, and what the call may do with it.
    public struct Account: Hashable, Sendable {
        /// Which.
        public let address: SolanaAddress
        /// Whether its key must sign the transaction.
        public let isSigner: Bool
        /// Whether it may change.
        public let isWritable: Bool

        /// An account.
        public init(_ address: SolanaAddress, isSigner: Bool = false, isWritable: Bool = false) {
            self.address = address
            self.isSigner = isSigner
            self.isWritable = isWritable
        }

        /// One that may change.
        static func writable(_ address: SolanaAddress) -> Self { Self(address, isWritable: true) }
        /// One that is read.
        static func readOnly(_ address: SolanaAddress) -> Self { Self(address) }
        /// One that signs.
        static func signer(_ address: SolanaAddress) -> Self { Self(address, isSigner: true) }
        /// One that signs and may change.
        static func writableSigner(_ address: SolanaAddress) -> Self { Self(address, isSigner: true, isWritable: true) }
    }

    /// The program.
    public let program: SolanaAddress
    /// The accounts, in the program's order.
    public let accounts: [Account]
    /// What it is told.
    public let data: [UInt8]

    /// An instruction.
    public init(program: SolanaAddress, accounts: [Account], data: [UInt8]) {
        self.program = program
        self.accounts = accounts
        self.data = data
    }
}

extension FixedWidthInteger {
    /// The bytes, the least significant first.
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
