import Cryptography
import Kernel
public import Service
public import Settlement

/// What verifying requests asks of the directory.
extension IdentityDirectory {
    /// A signature policy that knows of rotated keys.
    /// - Parameters:
    ///   - origins: the authorities under which the node is addressed.
    ///   - sessions: session keys; nil when the service accepts none.
    public func signaturePolicy(origins: PublicOrigins, sessions: SessionKeyStore?) -> SignaturePolicy {
        SignaturePolicy(
            origins: origins, keysForDID: { try await self.signingKeys(for: $0) },
            isCurrent: { signer in
                do throws(LedgerFailure) {
                    return try await self.isCurrent(signer.key, of: signer.did, isOwn: signer.isOwn)
                } catch {
                    throw Problem(error)
                }
            }, sessions: sessions)
    }

    /// The keys that sign for a DID; with what to answer a signature by none of them.
    /// - Throws: `identity_unavailable` for a DID that is not known while the copy is stale; what the store throws.
    func signingKeys(for did: DID) async throws(Problem) -> SigningKeys {
        var found = keys(for: did)
        if found == .unavailable {
            do throws(LedgerFailure) { try await load(did) } catch { throw Problem(error) }
            found = keys(for: did)
        }
        switch found {
        case .unknown: return SigningKeys(current: [])
        case .unavailable:
            throw Problem(.identityUnavailable, "who signs for \(did) is not known just now")
        case .keys(let current):
            // One that is its own key has none retired.
            let isOwn = current.count == 1 && current.first == did.publicKey
            return SigningKeys(
                current: current, retired: isOwn ? [] : retiredKeys(of: did).map(\.key), otherwise: doubt(about: did))
        case .retired:
            return SigningKeys(
                current: [], retired: retiredKeys(of: did).map(\.key), otherwise: doubt(about: did))
        }
    }

    /// While the copy is stale, a signature by none of the known keys may be by one that is not known yet.
    private func doubt(about did: DID) -> Problem? {
        guard !isCertain(of: did) else { return nil }
        return Problem(
            .identityUnavailable, "the relay is out, and none of the keys that are known of \(did) signed this")
    }
}
