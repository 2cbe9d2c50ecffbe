/// An account as it stands on the chain.
public struct SolanaAccount: Hashable, Sendable {
    /// The program that it belongs to.
    public let owner: SolanaAddress
    /// What it holds of SOL.
    public let lamports: UInt64
    /// What the program keeps in it.
    public let data: [UInt8]
    /// Whether it is a program itself.
    public let isExecutable: Bool

    /// An account.
    public init(owner: SolanaAddress, lamports: UInt64, data: [UInt8], isExecutable: Bool = false) {
        self.owner = owner
        self.lamports = lamports
        self.data = data
        self.isExecutable = isExecutable
    }
}
