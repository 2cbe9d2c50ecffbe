import Cryptography
import Kernel
import Service
import Settlement

/// Who signed a statement inside a request: a payer's authorization, a founder's word.
struct StatementSigner: Sendable {
    let keys: any KeyDirectory

    /// What a signature is worth.
    enum Verdict {
        /// By a key in force.
        case valid
        /// By a key that was retired, or nobody signs for the DID any more.
        case retired
        /// The DID never had a key.
        case keyless
        /// By none of its keys.
        case invalid
    }

    /// Retired keys that are tried under a token that does not name its own, some 25 ms: for the word of the refusal.
    private static let retiredKeysTried = 512

    /// Whether a DID signed a token. A header's `kid` is a hint that statements may leave out or write in any form:
    /// where it names a key of the DID's chain this key is tried first, and else every current key.
    /// - Throws: `identity_unavailable` when its keys are not known, or none fits and they may have changed; what the
    ///   store throws.
    func verdict(on token: JWSToken, by did: DID) async throws(Problem) -> Verdict {
        var found = keys.keys(for: did)
        if found == .unavailable {
            do throws(LedgerFailure) { try await keys.load(did) } catch { throw Problem(error) }
            found = keys.keys(for: did)
        }
        switch found {
        case .unavailable: throw Problem(.identityUnavailable)
        case .unknown: return .keyless
        case .retired: return .retired
        case .keys(let current):
            let named = named(by: token, of: did).flatMap { token.isValid(under: $0) ? $0 : nil }
            if let named, current.contains(named) { return .valid }
            if named == nil, current.contains(where: { token.isValid(under: $0) }) { return .valid }
            let retired = keys.retiredKeys(of: did)
            if let named, retired.contains(where: { $0.key == named }) { return .retired }
            if retired.prefix(Self.retiredKeysTried).contains(where: { token.isValid(under: $0.key) }) {
                return .retired
            }
            guard keys.isCertain(of: did) else { throw Problem(.identityUnavailable) }
            return .invalid
        }
    }

    /// The key that a `kid` names behind its `#`, if the DID's chain has it.
    private func named(by token: JWSToken, of did: DID) -> Ed25519PublicKey? {
        guard let kid = token.keyID, let mark = kid.utf8.firstIndex(of: UInt8(ascii: "#")) else { return nil }
        return keys.key(named: String(kid[kid.utf8.index(after: mark)...]), of: did)
    }
}
