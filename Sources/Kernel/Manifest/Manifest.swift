public import Cryptography

/// A `.fair` manifest, whichever of the three shapes it was written in: who takes part in a work, in which proportion,
/// and who vouches for it.
///
/// Parsed, not verified: see ``ManifestVerifier``. Members that no shape knows are kept in the signed bytes and have no
/// other effect. Among those are 1.1's `chain` and `fees`, which state a fee schedule: fees are the node's.
public struct Manifest: Sendable {
    /// The work's identifier, the same for its later manifests.
    public let id: String
    /// The form it was written in.
    public let shape: ManifestShape
    /// What kind of work it is; free text.
    public let type: String?
    /// The title, where it has one.
    public let title: String?
    /// Who owns the work: signs for it, and gets what the weights leave over.
    public let owner: DID?
    /// Who takes part, in the order that decides ties.
    public let contributors: [Contributor]
    /// Lists of their own for single rights: 1.1's `distribution.<right>.splits`, and `splits` of other members, such
    /// as `transfer`. In the manifest's order, each name once.
    public let rights: [Right]
    /// 1.0's flat `distributions`, which claim every right that has no list of its own.
    public let distributions: [Contributor]?
    /// The manifests that this one says it derives from, `context.derivedFrom` with type `fair`.
    public let derivedFrom: [CID]
    /// The signature as written.
    public let signature: ManifestSignature
    /// The platform's endorsement as written.
    public let platformSignature: ManifestSignature
    /// What both signatures cover: the RFC 8785 text without either of them, in UTF-8.
    public let signedBytes: [UInt8]
    /// CIDv1, raw, SHA-256 of the signed bytes: a signature does not change it.
    public let cid: CID

    /// The list of one right.
    public struct Right: Hashable, Sendable {
        /// What a settlement's `type` names it by.
        public let name: String
        /// Who shares in it.
        public let contributors: [Contributor]
    }

    /// Every manifest that this one refers to, contributors first, then rights, then works it derives from.
    public var links: [CID] {
        lists.flatMap { $0.compactMap(\.link) } + derivedFrom
    }

    /// The DIDs whose keys verifying this manifest alone asks for: who claims to have signed it, and as a platform.
    public var claimedSigners: [DID] {
        [signature, platformSignature].compactMap { signature in
            if case .claimed(let signer, _) = signature { signer } else { nil }
        }
    }

    /// Every list of shares, the main one first.
    var lists: [[Contributor]] {
        [contributors] + rights.map(\.contributors) + (distributions.map { [$0] } ?? [])
    }
}
