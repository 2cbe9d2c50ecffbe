public import Cryptography
public import Kernel

/// Where the copy of identities is read from, off the path that must not wait.
public protocol IdentityReading: Sendable {
    /// The authority over a DID; nil when it is not bound.
    func authority(over did: DID) async throws(LedgerFailure) -> DIDAuthority?

    /// Whether the book has an account of a DID, or a manifest that it signed: it was here before.
    func isRecorded(_ did: DID) async throws(LedgerFailure) -> Bool

    /// Since when a manifest has been there. See ``KeyDirectory/evidence(for:authority:signer:)``.
    func evidence(
        for manifest: CID, authority: DID, signer: DID
    ) async throws(LedgerFailure) -> ManifestEvidence
}
