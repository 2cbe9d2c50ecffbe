import Cryptography

/// Whether an issuer has revoked a credential, by the text of its CID. What counts as known is for the caller.
public typealias RevocationLookup = (_ issuer: DFOSDID, _ credentialCID: String) -> Bool

extension Credential {
    /// Verifies that the permission comes from `root`: from this credential up to one without a parent, each parent is
    /// itself valid at the same instant, is meant for who issued the child, lasts as long or longer, and permits as
    /// much or more. At most ``ProofLimits/delegationDepth`` credentials, this one and the root's among them.
    ///
    /// None of them may be revoked, this one included. Throws what ``init(verifying:at:identities:)`` does for each
    /// parent, and `credentialRevoked`, `delegationTooDeep`, `delegationGap`, `delegationExpiryWidened`,
    /// `delegationScopeWidened`, `delegationRootMismatch`.
    public func verifyDelegation(
        root: DFOSDID, at nowSeconds: Int64, identities: some IdentityResolver, isRevoked: RevocationLookup
    ) throws(ProofError) {
        guard !isRevoked(issuer, cid.string) else { throw ProofError(.credentialRevoked) }
        var child = self
        for _ in 0..<ProofLimits.delegationDepth {
            guard let parentToken = child.parent else {
                guard child.issuer == root else {
                    throw ProofError(.delegationRootMismatch, child.issuer.string)
                }
                return
            }
            let parent: Credential
            do throws(ProofError) {
                parent = try Credential(verifyingToken: parentToken, at: nowSeconds, identities: identities)
            } catch {
                throw error.within("parent credential verification failed")
            }
            guard !isRevoked(parent.issuer, parent.cid.string) else {
                throw ProofError(.credentialRevoked).within("parent")
            }
            guard parent.isMeant(for: child.issuer) else { throw ProofError(.delegationGap, child.issuer.string) }
            guard child.expiresAt <= parent.expiresAt else { throw ProofError(.delegationExpiryWidened) }
            guard parent.attenuations.isNarrowed(to: child.attenuations) else {
                throw ProofError(.delegationScopeWidened)
            }
            child = parent
        }
        throw ProofError(.delegationTooDeep)
    }

    /// Whether an identity may use it: its audience is that identity, or everybody.
    public func isMeant(for did: DFOSDID) -> Bool {
        isPublic || audience.utf8.elementsEqual(did.string.utf8)
    }

    /// Verifies that an identity may do something with a content chain of `root`: the whole way of the permission.
    ///
    /// Throws as ``verifyDelegation(root:at:identities:isRevoked:)`` does, `audienceMismatch`, `scopeMissing`.
    public func authorize(
        _ action: String, on content: ContentID, of root: DFOSDID, by actor: DFOSDID, at nowSeconds: Int64,
        identities: some IdentityResolver, isRevoked: RevocationLookup
    ) throws(ProofError) {
        try verifyDelegation(root: root, at: nowSeconds, identities: identities, isRevoked: isRevoked)
        guard isMeant(for: actor) else { throw ProofError(.audienceMismatch, audience) }
        let resource = Attenuation.resource(of: content)
        guard attenuations.permits(action, on: resource) else {
            throw ProofError(.scopeMissing, action + " " + resource)
        }
    }
}
