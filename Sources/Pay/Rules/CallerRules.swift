import Cryptography
import Kernel
import Service
import Settlement

/// Who may do what: the operator's grants, and the rights that a DID has in its own name.
struct CallerRules: Sendable {
    let callers: any CallerDirectory
    let signer: StatementSigner
    let strangersLimiter: RateLimiter?

    /// Whether a DID has a scope.
    func has(_ scope: Scope, _ did: DID) -> Bool { callers.grant(for: did)?.scopes.contains(scope) == true }

    /// - Throws: `caller_not_allowed` without the scope.
    func require(_ scope: Scope, _ did: DID) throws(Problem) {
        guard has(scope, did) else {
            throw Problem(.callerNotAllowed, "the caller does not have the scope \(scope.rawValue) at this node")
        }
    }

    /// A DID reads what is its own; a service with scope `read` reads all.
    /// - Throws: `caller_not_allowed`.
    func requireReading(_ did: DID, by caller: DID) throws(Problem) {
        guard caller == did || has(.read, caller) else {
            throw Problem(.callerNotAllowed, "only \(did) itself, or a service with scope read, may read this")
        }
    }

    /// Who may ask for money to be moved: its payer, or a service with scope `settle` up to its largest amount.
    /// - Parameter payer: nil: a guest at a service's checkout.
    /// - Throws: `caller_not_allowed`; `rate_limited` and `overloaded` for callers without a grant.
    func requireSettling(
        of payer: DID?, amountMinor: Int64, by caller: Caller, nowMs: Int64
    ) throws(Problem) {
        guard caller.did != payer else {
            if callers.grant(for: caller.did) == nil {
                try strangersLimiter?.take(caller.did.string, nowMilliseconds: nowMs)
            }
            return
        }
        guard let grant = callers.grant(for: caller.did), grant.scopes.contains(.settle) else {
            throw Problem(.callerNotAllowed, "the caller is neither the payer nor a service with scope settle")
        }
        if let most = grant.maxAmountMinor, amountMinor > most {
            throw Problem(.callerNotAllowed, "the caller may settle at most \(most) minor units at once")
        }
    }

    /// Whether a caller may spend a payer's balance without the payer's word.
    func mayTake(from payer: DID, by caller: DID) -> Bool {
        if caller == payer { return true }
        switch callers.grant(for: caller)?.spendsFrom {
        case .any: return true
        case .payer(let did): return did == payer
        case .consentOnly, nil: return false
        }
    }

    /// Who may move a payer's balance by its own right, where no authorization and no allowance can be given.
    /// - Throws: as ``requireSettling(of:amountMinor:by:nowMs:)``; `payer_consent_missing`.
    func requireTaking(from payer: DID, amountMinor: Int64, by caller: Caller, nowMs: Int64) throws(Problem) {
        try requireSettling(of: payer, amountMinor: amountMinor, by: caller, nowMs: nowMs)
        guard mayTake(from: payer, by: caller.did) else {
            throw Problem(.payerConsentMissing, "from_did itself signs this, or a service that may spend its balance")
        }
    }

    /// By what right the money is taken. Without an authorization the book looks for an allowance: it knows what is
    /// left of it, and a retry of what was settled before gets its answer although the right has gone.
    /// - Throws: `payer_consent_missing`, `identity_unavailable`.
    func consent(to request: SettleRequest, by caller: DID, manifestCID: String) async throws(Problem) -> Consent {
        if caller == request.payer { return .payer }
        if mayTake(from: request.payer, by: caller) { return .trustedService }
        guard let token = request.authorization else { return .allowance(service: caller.string) }
        let authorization = try Authorization(token)
        try await authorization.check(signer)
        return try authorization.consent(to: request, by: caller, manifestCID: manifestCID)
    }
}
