import Cryptography

/// A durable nonce: with its value in the place of a blockhash a transaction never gets too old. The first that lands,
/// also one that fails, uses the value up, and no other with it ever lands.
public struct SolanaNonce: Hashable, Sendable {
    /// Its account.
    public let account: SolanaAddress
    /// Its value.
    public let value: SolanaBlockhash

    /// Bytes of its account.
    static let byteCount = 80

    /// A nonce.
    public init(account: SolanaAddress, value: SolanaBlockhash) {
        self.account = account
        self.value = value
    }

    /// Reads a nonce's account; nil where it is none, is not ready, or is another authority's.
    init?(_ account: SolanaAddress, _ found: SolanaAccount?, authority: SolanaAddress) {
        guard let found, found.owner == SolanaProgram.system, found.data.count == Self.byteCount,
            found.data.number(at: 0, as: UInt32.self) == 1, found.data.number(at: 4, as: UInt32.self) == 1,
            found.data.address(at: 8) == authority, let value = SolanaBlockhash(bytes: found.data[40..<72])
        else { return nil }
        self.init(account: account, value: value)
    }
}

extension SolanaTransaction {
    /// The nonce that it uses up; nil: it has a blockhash.
    var nonce: SolanaNonce? {
        guard let first = message.calls.first, message.accounts[Int(first.program)] == SolanaProgram.system,
            first.data == UInt32(4).littleEndianBytes, let account = first.accounts.first,
            message.accounts.indices.contains(Int(account))
        else { return nil }
        return SolanaNonce(account: message.accounts[Int(account)], value: message.blockhash)
    }
}
