public import Cryptography

/// Who sent a signed request, after its signature was verified.
public struct Caller: Sendable {
    /// How the request was signed.
    public enum Via: Hashable, Sendable {
        /// With a key of the DID.
        case ed25519(Ed25519PublicKey)
        /// With a session key that the DID was given.
        case session(keyID: String)
    }

    /// The sender.
    public let did: DID
    /// With which key.
    public let via: Via
    /// The signature's nonce.
    public let nonce: String
    /// The signature's time, Unix seconds.
    public let created: Int64

    package init(did: DID, via: Via, nonce: String, created: Int64) {
        self.did = did
        self.via = via
        self.nonce = nonce
        self.created = created
    }
}
