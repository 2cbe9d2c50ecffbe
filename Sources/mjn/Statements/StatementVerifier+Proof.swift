import Cryptography
import ProofChain

/// The statements of DFOS protocol v1.
extension StatementVerifier {
    func artifact(_ operation: SignedOperation) throws(StatementError) -> Statement {
        let artifact = try Self.proof { () throws(ProofError) in
            try Artifact(verifying: operation, identities: identities, keys: .historical)
        }
        let signer = try signer(artifact.signer, at: artifact.createdAt)
        let subject = artifact.content["subject"]?.string.flatMap { $0.hasPrefix("did:") ? $0 : nil }
        return Statement(
            kind: .artifact, cid: artifact.cid, issuer: artifact.author.string, subject: subject, type: artifact.schema,
            issuedAt: artifact.createdAt, signer: signer, says: Self.says(artifact, subject),
            details: [("content", Array(artifact.content.rawBytes))])
    }

    private static func says(_ artifact: Artifact, _ subject: String?) -> String {
        if artifact.schema.utf8.elementsEqual(ManifestAnchor.schema.utf8),
            let manifest = artifact.content[ManifestAnchor.member]?.string
        {
            return "\(artifact.author) anchors the manifest \(manifest): it existed then"
        }
        return "\(artifact.author) states “\(artifact.schema)”" + (subject.map { " about \($0)" } ?? "")
    }

    func countersignature(_ operation: SignedOperation) throws(StatementError) -> Statement {
        let witnessed = try Self.proof { () throws(ProofError) in
            try Countersignature(verifying: operation, identities: identities, keys: .historical)
        }
        let signer = try signer(witnessed.signer, at: witnessed.createdAt)
        let sense = witnessed.relation.map { "signs “\($0)” under" } ?? "signs under"
        return Statement(
            kind: .countersignature, cid: witnessed.cid, issuer: witnessed.witness.string, subject: nil,
            type: witnessed.relation, issuedAt: witnessed.createdAt, signer: signer,
            says: "\(witnessed.witness) \(sense) \(witnessed.targetCID)",
            details: [("target", Self.json(witnessed.targetCID))], targetCID: witnessed.targetCID,
            relation: witnessed.relation)
    }

    func credential(_ operation: SignedOperation) throws(StatementError) -> Statement {
        let credential = try Self.proof { () throws(ProofError) in
            let credential = try Credential(verifying: operation, at: nowSeconds, identities: identities)
            let root = try Self.root(of: credential)
            try credential.verifyDelegation(root: root, at: nowSeconds, identities: identities) { issuer, cid in
                revoked.contains(issuer.string + " " + cid)
            }
            return credential
        }
        // Its times are whole seconds: the key may have come within that second.
        let issuedAt = try Self.proof { () throws(ProofError) in try Self.time(credential.issuedAt, 999) }
        let expiresAt = try Self.proof { () throws(ProofError) in try Self.time(credential.expiresAt, 0) }
        let signer = try signer(credential.signer, at: issuedAt)
        var permits = JSONWriter()
        permits.beginArray()
        for entry in credential.attenuations {
            permits.beginObject()
            permits.field("resource", entry.resource)
            permits.field("action", entry.action)
            permits.endObject()
        }
        permits.endArray()
        let whom = credential.isPublic ? "anybody" : credential.audience
        let what = credential.attenuations.map { "\($0.action) on \($0.resource)" }.joined(separator: ", ")
        return Statement(
            kind: .credential, cid: credential.cid, issuer: credential.issuer.string,
            subject: credential.isPublic ? nil : credential.audience, type: "DFOSCredential",
            issuedAt: try Self.proof { () throws(ProofError) in try Self.time(credential.issuedAt, 0) }, signer: signer,
            says: "\(credential.issuer) permits \(whom) to \(what), until \(expiresAt)",
            details: [("permits", permits.bytes), ("expires_at", Self.json(expiresAt.string))])
    }

    func revocation(_ operation: SignedOperation) throws(StatementError) -> Statement {
        let revocation = try Self.proof { () throws(ProofError) in
            try Revocation(verifying: operation, identities: identities)
        }
        let signer = try signer(revocation.signer, at: revocation.createdAt)
        return Statement(
            kind: .revocation, cid: revocation.cid, issuer: revocation.issuer.string, subject: nil, type: "revocation",
            issuedAt: revocation.createdAt, signer: signer,
            says: "\(revocation.issuer) revokes the credential \(revocation.credentialCID), if it issued it",
            details: [("target", Self.json(revocation.credentialCID))], targetCID: revocation.credentialCID)
    }

    /// Who the permission comes from in the end: the issuer of the credential without a parent.
    private static func root(of credential: Credential) throws(ProofError) -> DFOSDID {
        var root = credential.issuer
        var parent = credential.parent
        // One step past the limit, so that too long a way is refused for that reason.
        for _ in 0...ProofLimits.delegationDepth {
            guard let token = parent else { return root }
            let operation = try SignedOperation(token: token)
            root = operation.author ?? root
            parent = operation.payload.root["prf"]?.elements.first { _ in true }?.string
        }
        return root
    }

    private static func time(_ seconds: Int64, _ ms: Int64) throws(ProofError) -> ProofChain.Timestamp {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return try Timestamp(millisecondsSinceEpoch: overflow ? Int64.max : product &+ ms)
    }
}
