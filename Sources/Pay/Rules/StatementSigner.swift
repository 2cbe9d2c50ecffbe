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

    /// Whether a DID signed a token. Every current key of it is tried: a header's `kid` is a hint that statements may
    /// leave out or write in any form.
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
        case .keys(let current) where current.contains(where: { token.isValid(under: $0) }): return .valid
        case .retired: return .retired
        case .keys:
            if keys.retiredKeys(of: did).contains(where: { token.isValid(under: $0.key) }) { return .retired }
            guard keys.isCertain(of: did) else { throw Problem(.identityUnavailable) }
            return .invalid
        }
    }
}
