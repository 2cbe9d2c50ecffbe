public import Cryptography

/// Verifies a manifest and everything it refers to.
///
/// Checks run in this order and stop at the first that fails: unsigned, signature, signer, platform, weights, chain.
/// (`manifest_malformed` comes before all of them, from ``Manifest/parse(_:)``.) Within the chain: first its form, so
/// a cycle, the depth and the number of manifests; then what is missing, all of it at once; then each link like the
/// root, in the order of ``VerifiedManifest/chain``.
public enum ManifestVerifier {
    /// Verifies a manifest with its chain.
    /// - Parameters:
    ///   - manifest: the root.
    ///   - resolve: the manifest of a CID, where it is known. Called once per CID; what it returns is checked against
    ///     the CID.
    ///   - keys: where the keys of signers come from.
    ///   - platform: what is asked of the platform's signature, of the root and of every link.
    ///   - evidence: since when a manifest has been there, for a signer who has retired keys. Asked for manifests that
    ///     a retired key signed, and for no others.
    /// - Throws: every code of ``ManifestError`` but `manifest_owner_changed` and `contributor_not_payable`.
    public static func verify(
        _ manifest: Manifest, resolving resolve: (CID) -> Manifest?, keys: some KeyResolver = DIDKeyResolver(),
        platform: PlatformPolicy = .ifPresent,
        evidence: @escaping (Manifest, DID) -> ManifestEvidence = { _, _ in .none }
    ) throws(ManifestError) -> VerifiedManifest {
        let check = SignatureCheck(keys: keys, evidence: evidence)
        let root = try verifyAlone(manifest, check, platform)
        var walk = ChainWalk()
        try walk.run(from: manifest, resolve)
        var links: [CID: VerifiedLink] = [manifest.cid: root]
        for cid in walk.order {
            guard let link = walk.manifests[cid] else { continue }
            do throws(ManifestError) {
                guard link.cid == cid else { throw .malformed("what was found under the CID is another manifest") }
                links[cid] = try verifyAlone(link, check, platform)
            } catch {
                throw .chainInvalid(link: cid, inner: error)
            }
        }
        let verified = VerifiedManifest(root: root, chain: [manifest.cid] + walk.order, links: links)
        try verified.checkLineCounts()
        return verified
    }

    /// Every check but the chain.
    private static func verifyAlone(
        _ manifest: Manifest, _ check: SignatureCheck<some KeyResolver>, _ platform: PlatformPolicy
    ) throws(ManifestError) -> VerifiedLink {
        let signer = try signer(of: manifest, check)
        try checkParty(signer, of: manifest, check.keys)
        let platformDID = try platformSigner(of: manifest, check, platform)
        for list in manifest.lists {
            _ = try ShareList(list)
        }
        return VerifiedLink(manifest: manifest, signer: signer, platform: platformDID)
    }

    private static func signer(
        of manifest: Manifest, _ check: SignatureCheck<some KeyResolver>
    ) throws(ManifestError) -> DID {
        switch manifest.signature {
        case .absent: throw .unsigned
        case .unreadable(let what): throw .signatureInvalid(what)
        case .claimed(let signer, let bytes):
            switch check.verdict(on: bytes, by: signer, under: manifest) {
            case .counts: return signer
            case .retired: throw .keyRetired(signer)
            case .unavailable: throw .keyUnavailable(signer)
            case .keyless: throw .signatureInvalid("\(signer) has no key to sign with")
            case .invalid: throw .signatureInvalid("the signature is not \(signer)'s over this content")
            }
        }
    }

    private static func checkParty(
        _ signer: DID, of manifest: Manifest, _ keys: some KeyResolver
    ) throws(ManifestError) {
        let isParty =
            if let owner = manifest.owner {
                signer == owner || keys.isDelegate(signer, of: owner)
            } else {
                manifest.contributors.contains { $0.did == signer }
            }
        guard isParty else { throw .signerNotParty(signer) }
    }

    private static func platformSigner(
        of manifest: Manifest, _ check: SignatureCheck<some KeyResolver>, _ policy: PlatformPolicy
    ) throws(ManifestError) -> DID? {
        switch manifest.platformSignature {
        case .absent:
            guard case .ifPresent = policy else { throw .platformSignatureInvalid("there is no platform signature") }
            return nil
        case .unreadable(let what):
            throw .platformSignatureInvalid(what)
        case .claimed(let signer, let bytes):
            switch check.verdict(on: bytes, by: signer, under: manifest) {
            case .counts: break
            case .unavailable: throw .keyUnavailable(signer)
            case .retired: throw .platformSignatureInvalid("the key of \(signer) is retired")
            case .keyless: throw .platformSignatureInvalid("\(signer) has no key to sign with")
            case .invalid:
                throw .platformSignatureInvalid("the platform signature is not \(signer)'s over this content")
            }
            if case .required(let platforms) = policy, !platforms.isEmpty, !platforms.contains(signer) {
                throw .platformSignatureInvalid("\(signer) is no platform that this node asks for")
            }
            return signer
        }
    }
}
