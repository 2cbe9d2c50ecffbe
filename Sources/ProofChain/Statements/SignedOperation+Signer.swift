extension SignedOperation {
    /// Verifies that a key of `author` signed this, and that the header names the payload's CID. Returns the key.
    ///
    /// Throws `signerNotURL`, `identifierInvalid`, `signerMismatch`, `identityUnknown`, `identityDeleted`,
    /// `keyNotCurrent`, `keyUnknown`, `multikeyInvalid`, `signatureInvalid`, `cidMissing`, `cidMismatch`.
    func verifySigner(
        of author: DFOSDID, _ identities: some IdentityResolver, _ basis: KeyBasis, _ what: String
    ) throws(ProofError) -> KeyReference {
        let signer = try KeyReference(kid ?? "")
        guard signer.did == author else { throw ProofError(.signerMismatch, "payload did") }
        let context = what.isEmpty ? "failed to resolve key" : "failed to resolve \(what) key"
        do throws(ProofError) {
            let key = try identities.publicKey(signer, basis)
            try checkSignature(key)
        } catch {
            throw error.code == .signatureInvalid ? error : error.within(context)
        }
        try checkCID()
        return signer
    }
}
