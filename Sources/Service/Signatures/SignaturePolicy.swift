public import Cryptography

/// What signatures a service accepts.
public struct SignaturePolicy: Sendable {
    /// Gives the keys that sign for a DID. It may throw a `Problem`, such as `database_unavailable`.
    public typealias KeysForDID = @Sendable (DID) async throws -> SigningKeys
    /// Whether a key that asked for a session key still signs for its DID. It may throw a `Problem`.
    public typealias IsCurrent = @Sendable (SessionSigner) async throws -> Bool

    /// The authorities under which the node is addressed.
    public let origins: PublicOrigins
    /// The keys that may sign for a DID.
    public let keysForDID: KeysForDID
    /// Asked on every use of a session key.
    public let isCurrent: IsCurrent
    /// Session keys; nil when the service accepts none.
    public let sessions: SessionKeyStore?
    /// How far a signature's time may be from the service's, seconds, either way.
    public let windowSeconds: Int64
    /// Nonces seen.
    public let nonces: NonceMemory

    /// Makes a policy. By default the key of a DID is the one it is made of, for ever; rotated keys plug in here.
    public init(
        origins: PublicOrigins, keysForDID: @escaping KeysForDID = { SigningKeys(ownKeyOf: $0) },
        isCurrent: @escaping IsCurrent = { $0.isOwn }, sessions: SessionKeyStore? = nil,
        windowSeconds: Int64 = 300, nonces: NonceMemory = NonceMemory()
    ) {
        self.origins = origins
        self.keysForDID = keysForDID
        self.isCurrent = isCurrent
        self.sessions = sessions
        self.windowSeconds = windowSeconds
        self.nonces = nonces
    }
}
