public import Cryptography
public import Kernel

/// A key resolver that can also look further than its memory, off the path that must not wait.
public protocol KeyDirectory: KeyResolver {
    /// Gets a DID's keys into memory, so that ``KeyResolver/keys(for:)`` answers from there. When they cannot be known
    /// just now, nothing changes.
    /// - Throws: store failures.
    func load(_ did: DID) async throws(LedgerFailure)

    /// Since when a manifest has been there, for a signer with retired keys.
    /// - Parameters:
    ///   - authority: who speaks for the manifest's id: its owner, else its signer. A recording by somebody else's
    ///     authority shows nothing: the content was there, this signer's word was not.
    ///   - signer: whose anchors count.
    /// - Throws: store failures.
    func evidence(
        for manifest: CID, authority: DID, signer: DID
    ) async throws(LedgerFailure) -> ManifestEvidence
}

extension KeyDirectory {
    /// Everything is in memory unless a directory says otherwise.
    public func load(_ did: DID) async throws(LedgerFailure) {}

    /// Without retired keys there is nothing to show.
    public func evidence(
        for manifest: CID, authority: DID, signer: DID
    ) async throws(LedgerFailure) -> ManifestEvidence { .none }
}

extension DIDKeyResolver: KeyDirectory {}
