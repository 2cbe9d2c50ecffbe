import Cryptography
import Kernel

/// What verifying manifests asks of their signers, read before it: keys that are not in memory, and for signers with
/// retired keys, since when the manifest has been there. Of signers who are their own key it reads nothing.
struct SignerFacts {
    private struct Subject: Hashable {
        let manifest: CID
        let signer: DID
    }

    private let keys: any KeyDirectory
    private var evidence: [Subject: ManifestEvidence] = [:]

    init(_ keys: any KeyDirectory) { self.keys = keys }

    /// Reads what is wanting for these manifests.
    /// - Throws: store failures.
    mutating func prepare(_ manifests: [Manifest]) async throws(ManifestFailure) {
        for manifest in manifests {
            for signer in manifest.claimedSigners {
                do throws(LedgerFailure) {
                    if keys.keys(for: signer) == .unavailable { try await keys.load(signer) }
                    guard !keys.retiredKeys(of: signer).isEmpty else { continue }
                    evidence[Subject(manifest: manifest.cid, signer: signer)] = try await keys.evidence(
                        for: manifest.cid, authority: manifest.owner ?? manifest.claimedAuthor ?? signer,
                        signer: signer)
                } catch {
                    throw .store(error)
                }
            }
        }
    }

    func evidence(for manifest: Manifest, signer: DID) -> ManifestEvidence {
        evidence[Subject(manifest: manifest.cid, signer: signer)] ?? .none
    }
}

extension Manifest {
    /// Who claims to have signed it as its author.
    fileprivate var claimedAuthor: DID? {
        if case .claimed(let signer, _) = signature { signer } else { nil }
    }
}
