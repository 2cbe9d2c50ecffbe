public import Cryptography

/// What can be read from an operation before it is verified: to sort a batch, and to fetch what verifying needs.
extension SignedOperation {
    /// The payload's `type`, such as `create`; nil when it is no string.
    public var type: String? { payload.root["type"]?.string }

    /// The identity that the `kid` names; nil for a bare key name, as a genesis has.
    public var signer: DFOSDID? {
        guard let kid, let parts = KeyReference.split(kid) else { return nil }
        return try? DFOSDID(parts.did)
    }

    /// The payload's `createdAt`; nil when there is none of the exact form.
    public var createdAt: Timestamp? {
        guard let bytes = payload.root["createdAt"]?.stringBytes else { return nil }
        return try? Timestamp(utf8: bytes)
    }

    /// The payload's `previousOperationCID`; nil when there is none that is a CID.
    public var previousOperationCID: CID? {
        guard let text = payload.root["previousOperationCID"]?.string else { return nil }
        return try? CID(text)
    }

    /// Who made it: the identity itself for an identity operation, `iss` of a credential, otherwise the payload's
    /// `did`; nil for a genesis whose signature nobody has checked yet, and for what is malformed.
    ///
    /// The genesis of an identity is ``DFOSDID/init(genesis:)`` of its CID.
    public var author: DFOSDID? {
        switch kind {
        case .identity: signer ?? (type == "create" ? DFOSDID(genesis: cid) : nil)
        case .credential: payload.root["iss"]?.string.flatMap { try? DFOSDID($0) }
        case .content, .artifact, .countersign, .revocation:
            payload.root["did"]?.string.flatMap { try? DFOSDID($0) }
        case nil: nil
        }
    }

    /// Whether this is a credential for one audience, which relays neither take nor store.
    public var isPrivateCredential: Bool {
        guard kind == .credential, let audience = payload.root["aud"]?.string else { return false }
        return !audience.utf8.elementsEqual(Credential.publicAudience.utf8)
    }

    /// The identities whose keys verifying this operation asks for: its signer, and the issuers of the credentials in
    /// it, at most ``ProofLimits/delegationDepth`` of them. Read them first; verification itself waits for nothing.
    public var identitiesNeeded: [DFOSDID] {
        var needed: [DFOSDID] = []
        func add(_ did: DFOSDID?) {
            if let did, !needed.contains(did) { needed.append(did) }
        }
        add(signer)
        var next = credentialToken
        for _ in 0..<ProofLimits.delegationDepth {
            guard let token = next, let credential = try? SignedOperation(token: token) else { break }
            add(credential.signer)
            next = credential.parentToken
        }
        return needed
    }

    /// The credential in it: a credential's parent, or what an operation is authorized by.
    var credentialToken: String? {
        kind == .credential ? parentToken : payload.root["authorization"]?.string
    }

    /// The first entry of a credential's `prf`.
    private var parentToken: String? {
        payload.root["prf"]?.elements.first { _ in true }?.string
    }

    /// Refuses an operation from the future. Throws `createdAtFuture` when `createdAt` is more than `toleranceMs`
    /// ahead of `nowMs` (milliseconds since 1970); an operation without a time is left to verification.
    public func checkNotFuture(nowMs: Int64, toleranceMs: Int64 = ProofLimits.futureMs) throws(ProofError) {
        guard let createdAt else { return }
        let (latest, overflow) = nowMs.addingReportingOverflow(toleranceMs)
        if !overflow, createdAt.millisecondsSinceEpoch > latest { throw ProofError(.createdAtFuture) }
    }
}
