public import Cryptography

/// A manifest whose signatures, signers, weights and chain were all found in order.
///
/// It may be kept for as long as its signers' keys stay good; its content cannot change.
public struct VerifiedManifest: Sendable {
    /// The root.
    let root: VerifiedLink
    /// Every manifest reached, the root first, then depth first in the order of first reach.
    public let chain: [CID]
    /// Each of them, verified.
    let links: [CID: VerifiedLink]

    /// The root's content.
    public var manifest: Manifest { root.manifest }
    /// The root's CID.
    public var cid: CID { root.manifest.cid }
    /// Who signed the root.
    public var signer: DID { root.signer }
    /// Who endorsed the root as a platform, where somebody did.
    public var platform: DID? { root.platform }

    /// Everybody whose signature it stands on, in the root or in a link, as signer or as platform.
    public var signers: Set<DID> { Set(links.values.flatMap { [$0.signer] + ($0.platform.map { [$0] } ?? []) }) }

    /// Who speaks for this manifest's id: the owner, else the signer. A delegate never does.
    public var authority: DID { root.authority }

    /// Checks a later manifest of the same id.
    /// - Parameter earlier: the ``authority`` of the manifest that was accepted before.
    /// - Throws: `manifest_owner_changed` when this one speaks for somebody else.
    public func requireSuccessor(ofAuthority earlier: DID) throws(ManifestError) {
        guard authority == earlier else { throw .ownerChanged(from: earlier, to: authority) }
    }
}

/// One verified manifest of a chain.
struct VerifiedLink: Sendable {
    let manifest: Manifest
    let signer: DID
    let platform: DID?

    /// Who gets what the weights leave over: the owner, else the contributor who signed.
    var authority: DID { manifest.owner ?? signer }
}
