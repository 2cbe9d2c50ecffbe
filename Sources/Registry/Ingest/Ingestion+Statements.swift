import Cryptography
import ProofChain

/// Artifacts, countersignatures, credentials and revocations.
extension Ingestion {
    mutating func ingestArtifact(_ operation: SignedOperation, _ keys: KeyBasis) throws(ProofError) -> IngestResult {
        let artifact = try Artifact(verifying: operation, identities: facts, keys: keys)
        try checkNotDeleted(artifact.author)
        changes.artifacts.append(
            RelayChanges.NewArtifact(
                cid: artifact.cid.string, signerDID: artifact.author.string, createdAt: artifact.createdAt.string,
                docSchema: artifact.schema))
        return append(
            operation, .artifact, chainID: artifact.author.string, author: artifact.author.string,
            createdAt: artifact.createdAt.string)
    }

    mutating func ingestCountersign(
        _ operation: SignedOperation, _ keys: KeyBasis
    ) throws(ProofError) -> IngestResult {
        let countersign = try Countersignature(verifying: operation, identities: facts, keys: keys)
        guard let target = facts.operations[countersign.targetCID] else {
            throw ProofError(.targetUnknown, countersign.targetCID)
        }
        try countersign.checkTarget(author: try? DFOSDID(target.author))
        try checkNotDeleted(countersign.witness)
        let witness = RelayFacts.Witness(
            targetCID: countersign.targetCID, witnessDID: countersign.witness.string)
        guard facts.witnesses.insert(witness).inserted else {
            return .accepted(.duplicate, operation.cid, .countersign, countersign.targetCID)
        }
        changes.countersigns.append(
            RelayChanges.NewCountersign(
                witness: witness, cid: operation.cid.string, createdAt: countersign.createdAt.string,
                relation: countersign.relation))
        return append(
            operation, .countersign, chainID: countersign.targetCID, author: countersign.witness.string,
            createdAt: countersign.createdAt.string)
    }

    mutating func ingestRevocation(_ operation: SignedOperation) throws(ProofError) -> IngestResult {
        let revocation = try Revocation(verifying: operation, identities: facts)
        guard (try? CID(revocation.credentialCID))?.codec == .dagCBOR else {
            throw ProofError(.memberInvalid, "credentialCID")
        }
        let revoked = RelayFacts.Revoked(
            issuerDID: revocation.issuer.string, credentialCID: revocation.credentialCID)
        facts.revoked.insert(revoked)
        changes.revocations.append(
            RelayChanges.NewRevocation(
                revoked: revoked, cid: operation.cid.string, createdAt: revocation.createdAt.string))
        return append(
            operation, .revocation, chainID: revocation.issuer.string, author: revocation.issuer.string,
            createdAt: revocation.createdAt.string)
    }

    /// A public credential is verified as of its own beginning: relays that hear of it late take it as those did that
    /// heard of it in time. Whether it holds is asked whenever it is used.
    mutating func ingestCredential(
        _ submission: Submission, _ operation: SignedOperation
    ) throws(ProofError) -> IngestResult {
        let issuedAt = operation.payload.root["iat"]?.int64 ?? 0
        let credential = try Credential(verifying: operation, at: issuedAt, identities: facts)
        guard let createdAt = Self.signedTime(ofSeconds: issuedAt) else { throw ProofError(.memberInvalid, "iat") }
        changes.credentials.append(
            RelayChanges.NewCredential(
                cid: operation.cid.string, issuerDID: credential.issuer.string, expiresAt: credential.expiresAt,
                attenuations: credential.attenuations))
        let result = append(
            operation, .credential, chainID: credential.issuer.string, author: credential.issuer.string,
            createdAt: createdAt)
        // It is in the log, and may wait besides for an identity that its delegation comes from.
        if let missing = open(credential) { wait(submission, for: missing) }
        return result
    }

    /// A credential that is in the log already, tried again because an identity of its delegation came.
    mutating func openDelegated(_ submission: Submission, _ operation: SignedOperation) {
        let issuedAt = operation.payload.root["iat"]?.int64 ?? 0
        guard let credential = try? Credential(verifying: operation, at: issuedAt, identities: facts),
            credential.parent != nil
        else { return }
        if let missing = open(credential) { wait(submission, for: missing) }
    }

    /// Notes which chains a credential opens to readers, when its delegations hold by themselves. One that widens what
    /// it was given, or that has a gap, opens nothing.
    ///
    /// - Returns: the identity that is missing to tell.
    private mutating func open(_ credential: Credential) -> String? {
        let links = CredentialLinks.read(credential.token)
        guard let root = links.last, let rootDID = try? DFOSDID(root.issuerDID) else { return nil }
        let notBefore = links.map(\.issuedAt).max() ?? credential.issuedAt
        let expiresAt = links.map(\.expiresAt).min() ?? credential.expiresAt
        do throws(ProofError) {
            try credential.verifyDelegation(
                root: rootDID, at: notBefore, identities: facts, isRevoked: { _, _ in false })
        } catch {
            return error.code == .identityUnknown ? error.detail : nil
        }
        let resources = credential.attenuations.filter { entry in
            Self.isChain(entry.resource) && [entry].permits("read", on: entry.resource)
        }
        guard !resources.isEmpty else { return nil }
        changes.grants.append(
            RelayChanges.NewGrant(
                cid: credential.cid.string, rootDID: rootDID.string, resources: resources.map(\.resource),
                notBefore: notBefore, expiresAt: expiresAt,
                links: links.map { RelayFacts.Revoked(issuerDID: $0.issuerDID, credentialCID: $0.credentialCID) }))
        return nil
    }

    private static func isChain(_ resource: String) -> Bool {
        if resource.utf8.elementsEqual(Attenuation.everyChain.utf8) { return true }
        let bytes = resource.utf8
        guard bytes.starts(with: "chain:".utf8) else { return false }
        return (try? ContentID(String(resource.dropFirst("chain:".count)))) != nil
    }

    /// Seconds since 1970 as a signed time; nil outside the years that have one.
    private static func signedTime(ofSeconds seconds: Int64) -> String? {
        let (milliseconds, isOver) = seconds.multipliedReportingOverflow(by: 1000)
        guard !isOver else { return nil }
        return (try? Timestamp(millisecondsSinceEpoch: milliseconds))?.string
    }
}
