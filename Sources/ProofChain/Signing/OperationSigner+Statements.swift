public import Cryptography

extension OperationSigner {
    /// Makes an artifact. `content` is the JSON of an object with a string `$schema`, and is signed as it is.
    ///
    /// Throws `payloadNotCanonical` for what is no JSON or holds a number that is no safe integer, `memberInvalid`
    /// for another shape, `operationTooLarge` past 16,384 bytes of dag-cbor.
    public func artifact(content: [UInt8], createdAt: Timestamp) throws(ProofError) -> SignedOperation {
        let operation = try sign(.artifact) { writer in
            writer.field("type", Artifact.type)
            writer.field("did", did)
            writer.field("content", raw: content)
            writer.field("createdAt", createdAt)
        }
        // Content that closes the object early would speak for other members.
        guard let value = operation.payload.root["content"], value.kind == .object,
            value.rawBytes.elementsEqual(content), value[Artifact.schemaMember]?.kind == .string
        else { throw ProofError(.memberInvalid, "content") }
        guard operation.payloadByteCount <= ProofLimits.artifactBytes else {
            throw ProofError(.operationTooLarge, String(operation.payloadByteCount))
        }
        return operation
    }

    /// Makes a countersignature under another's operation. One witness has one under one operation: relays keep the
    /// first, whatever a second one's `relation`. Throws `relationInvalid` unless it is 1 to 64 bytes of ASCII.
    public func countersign(
        target: CID, relation: String? = nil, createdAt: Timestamp
    ) throws(ProofError) -> SignedOperation {
        if let relation {
            // The references count characters past ASCII in two ways: none are made here.
            guard (1...ProofLimits.relationBytes).contains(relation.utf8.count),
                relation.utf8.allSatisfy({ $0 < 0x80 })
            else { throw ProofError(.relationInvalid) }
        }
        return try sign(.countersign) { writer in
            writer.field("type", Countersignature.type)
            writer.field("did", did)
            writer.field("targetCID", target)
            if let relation { writer.field("relation", relation) }
            writer.field("createdAt", createdAt)
        }
    }

    /// Makes a credential. `audience` is a DID or nil for everybody; `parent` is the credential that the permission
    /// comes from, nil when it begins here; times are seconds since 1970.
    ///
    /// Throws what reading a ``Credential`` does: `memberInvalid` without a permission, past 32 of them or for times
    /// that are not positive; `credentialTooLarge`.
    public func credential(
        audience: DFOSDID?, attenuations: [Attenuation], parent: SignedOperation? = nil, issuedAt: Int64,
        expiresAt: Int64
    ) throws(ProofError) -> SignedOperation {
        let operation = try sign(.credential) { writer in
            writer.field("type", Credential.type)
            writer.field("iss", did)
            writer.field("aud", audience?.string ?? Credential.publicAudience)
            writer.array("att") { writer in
                for entry in attenuations {
                    writer.beginObject()
                    writer.field("resource", entry.resource)
                    writer.field("action", entry.action)
                    writer.endObject()
                }
            }
            writer.field("prf", parent.map { [$0.token] } ?? [])
            writer.field("exp", expiresAt)
            writer.field("iat", issuedAt)
        }
        _ = try Credential(unverified: operation)
        return operation
    }

    /// Makes a revocation of a credential of this identity.
    public func revocation(credential: CID, createdAt: Timestamp) throws(ProofError) -> SignedOperation {
        try sign(.revocation) { writer in
            writer.field("type", Revocation.type)
            writer.field("did", did)
            writer.field("credentialCID", credential)
            writer.field("createdAt", createdAt)
        }
    }

    /// Makes an authentication token for one relay. Times are seconds since 1970; it should live for minutes.
    public func authToken(audience: String, issuedAt: Int64, expiresAt: Int64) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("iss", did)
        writer.field("sub", did)
        writer.field("aud", audience)
        writer.field("exp", expiresAt)
        writer.field("iat", issuedAt)
        writer.endObject()
        return JWS.sign(
            payload: writer.bytes, header: [("typ", AuthToken.typ), ("kid", reference.string)], key: privateKey)
    }
}
