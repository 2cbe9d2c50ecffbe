public import Cryptography

/// What signatures a service accepts.
public struct SignaturePolicy: Sendable {
    /// Gives the key that signs for a DID now; nil when none does. It may throw a `Problem`, such as
    /// `database_unavailable`.
    public typealias KeyForDID = @Sendable (DID) async throws -> Ed25519PublicKey?

    /// The authorities under which the node is addressed.
    public let origins: PublicOrigins
    /// The key that may sign for a DID.
    public let keyForDID: KeyForDID
    /// Session keys; nil when the service accepts none.
    public let sessions: SessionKeyStore?
    /// How far a signature's time may be from the service's, seconds, either way.
    public let windowSeconds: Int64
    /// Nonces seen.
    public let nonces: NonceMemory

    /// Makes a policy. By default the key of a DID is the one it is made of, so that a rotated key plugs in here.
    public init(
        origins: PublicOrigins, keyForDID: @escaping KeyForDID = { $0.publicKey }, sessions: SessionKeyStore? = nil,
        windowSeconds: Int64 = 300, nonces: NonceMemory = NonceMemory()
    ) {
        self.origins = origins
        self.keyForDID = keyForDID
        self.sessions = sessions
        self.windowSeconds = windowSeconds
        self.nonces = nonces
    }
}
