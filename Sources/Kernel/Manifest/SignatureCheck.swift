import Cryptography

/// Checks one signature under a manifest against the keys of whom it names.
struct SignatureCheck<Keys: KeyResolver> {
    let keys: Keys
    let evidence: (Manifest, DID) -> ManifestEvidence

    enum Verdict {
        /// By a key in force, or by one that was when the manifest came to be.
        case counts
        /// By a key that was retired before the manifest came to be, or nobody signs for the DID any more.
        case retired
        /// By no known key, and what is known may be out of date.
        case unavailable
        /// The DID never had a key.
        case keyless
        /// By none of its keys.
        case invalid
    }

    func verdict(on signature: [UInt8], by signer: DID, under manifest: Manifest) -> Verdict {
        switch keys.keys(for: signer) {
        case .unavailable: return .unavailable
        case .unknown: return .keyless
        case .keys(let current):
            if current.contains(where: { $0.isValidSignature(signature, for: manifest.signedBytes) }) {
                return .counts
            }
            return retiredVerdict(on: signature, by: signer, under: manifest) ?? unknown(signer)
        case .retired:
            return retiredVerdict(on: signature, by: signer, under: manifest) ?? .retired
        }
    }

    /// Nil when no retired key made the signature.
    private func retiredVerdict(on signature: [UInt8], by signer: DID, under manifest: Manifest) -> Verdict? {
        let retired = keys.retiredKeys(of: signer).first {
            $0.key.isValidSignature(signature, for: manifest.signedBytes)
        }
        guard let retired else { return nil }
        return retired.counts(for: evidence(manifest, signer)) ? .counts : .retired
    }

    private func unknown(_ signer: DID) -> Verdict { keys.isCertain(of: signer) ? .invalid : .unavailable }
}
