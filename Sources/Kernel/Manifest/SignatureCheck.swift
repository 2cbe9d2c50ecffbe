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
    ///
    /// A manifest's signature does not name its key, so that keys have to be tried, each some 50 µs. Those that would
    /// let it count come first: the ones in force when the manifest was recorded or anchored, of which the protocol
    /// allows ``ManifestLimits/currentKeys``; then all others that were retired later; then, for the word of the
    /// refusal alone, the rest.
    private func retiredVerdict(on signature: [UInt8], by signer: DID, under manifest: Manifest) -> Verdict? {
        let retired = keys.retiredKeys(of: signer)
        guard !retired.isEmpty else { return nil }
        let evidence = evidence(manifest, signer)
        var ranked: [[RetiredKey]] = [[], [], []]
        for key in retired {
            ranked[key.wasInForce(at: evidence) ? 0 : key.counts(for: evidence) ? 1 : 2].append(key)
        }
        let found = ranked.joined().prefix(ManifestLimits.retiredKeysTried).first {
            $0.key.isValidSignature(signature, for: manifest.signedBytes)
        }
        return found.map { $0.counts(for: evidence) ? .counts : .retired }
    }

    private func unknown(_ signer: DID) -> Verdict { keys.isCertain(of: signer) ? .invalid : .unavailable }
}
