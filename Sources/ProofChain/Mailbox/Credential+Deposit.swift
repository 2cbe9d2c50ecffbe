extension Credential {
    /// What may be done with a subject's mailbox: put a request into it.
    static let depositAction = "deposit"

    /// Verifies that a requester may put a request into a subject's mailbox: the permission comes from the subject, is
    /// meant for the requester, and names this mailbox; there is no permission for every mailbox.
    ///
    /// Throws as ``verifyDelegation(root:at:identities:isRevoked:)`` does, `audienceMismatch`, `scopeMissing`.
    public func authorizeDeposit(
        into subject: DFOSDID, by requester: DFOSDID, at nowSeconds: Int64, identities: some IdentityResolver,
        isRevoked: RevocationLookup
    ) throws(ProofError) {
        try verifyDelegation(root: subject, at: nowSeconds, identities: identities, isRevoked: isRevoked)
        guard isMeant(for: requester) else { throw ProofError(.audienceMismatch, audience) }
        let resource = "mailbox:" + subject.identifier.string
        let exact = attenuations.filter { $0.resource.utf8.elementsEqual(resource.utf8) }
        guard exact.permits(Self.depositAction, on: resource) else {
            throw ProofError(.scopeMissing, Self.depositAction + " " + resource)
        }
    }
}
