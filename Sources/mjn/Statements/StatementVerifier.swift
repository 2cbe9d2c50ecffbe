import Cryptography
import Kernel
import ProofChain

/// Verifies statements under the keys that were in force when they were made. Pure: it answers from the chains that it
/// was given.
struct StatementVerifier {
    private(set) var chains: [IdentityChain]
    var identities: IdentityTable
    /// For credentials, which hold for a time: seconds since 1970.
    let nowSeconds: Int64
    /// Credentials that verified revocations end, as issuer and CID.
    private(set) var revoked: Set<String> = []

    init(chains: [IdentityChain], nowSeconds: Int64) {
        self.chains = chains
        identities = IdentityTable(chains.map(\.state))
        self.nowSeconds = nowSeconds
    }

    /// Adds what was fetched.
    mutating func add(_ chain: IdentityChain) {
        chains.append(chain)
        identities.insert(chain.state)
    }

    /// Notes that a verified revocation ends a credential.
    mutating func note(_ revocation: Statement) {
        guard revocation.kind == .revocation, let target = revocation.targetCID else { return }
        revoked.insert(revocation.issuer + " " + target)
    }

    /// The identities that a token needs and that are not there.
    func missing(for token: String) -> [DFOSDID] {
        guard let operation = try? SignedOperation(token: token) else { return [] }
        return operation.identitiesNeeded.filter { identities.identity($0) == nil }
    }

    /// The chain that binds a DID, if it is there.
    func chain(binding did: DID) -> IdentityChain? { chains.first { $0.boundDID == did } }

    /// The DID that is bound to an identity, if its chain is there.
    func did(boundTo identity: String) -> String? {
        chains.first { $0.state.did.string == identity }?.boundDID?.string
    }

    /// Verifies one token.
    func verify(_ token: String) throws(StatementError) -> Statement {
        if let jws = try? JWS.parse(token), jws.type == NodeAttestation.typ { return try attestation(jws) }
        let operation = try Self.proof { () throws(ProofError) in try SignedOperation(token: token) }
        switch operation.kind {
        case .artifact: return try artifact(operation)
        case .countersign: return try countersignature(operation)
        case .credential: return try credential(operation)
        case .revocation: return try revocation(operation)
        case .identity, .content, nil:
            throw StatementError(
                StatementError.kindUnsupported,
                "it is neither an attestation, an artifact, a countersignature, a credential nor a revocation")
        }
    }

    /// What the proof chain refuses, as the refusal of a statement.
    static func proof<Result>(_ body: () throws(ProofError) -> Result) throws(StatementError) -> Result {
        do throws(ProofError) {
            return try body()
        } catch {
            throw StatementError(error)
        }
    }

    private func attestation(_ token: JWSToken) throws(StatementError) -> Statement {
        let attestation = try NodeAttestation(token)
        let signer = try signer(of: attestation, token)
        var payload = JSONWriter()
        payload.value(.map(attestation.payload))
        return Statement(
            kind: .attestation, cid: attestation.cid, issuer: attestation.issuer.string,
            subject: attestation.subject.string, type: attestation.type, issuedAt: attestation.issuedAt, signer: signer,
            says: attestation.says,
            details: [("context", Self.json(attestation.context)), ("payload", payload.bytes)])
    }

    /// The key of the issuer under which the signature is valid: one that its chain had in force then, or its own where
    /// no chain is at hand.
    private func signer(
        of attestation: NodeAttestation, _ token: JWSToken
    ) throws(StatementError) -> Statement.Signer {
        let own = attestation.issuer.publicKey
        let isOwn = own.map { token.isValid(under: $0) } ?? false
        let chain = chain(binding: attestation.issuer)
        // Before its chain began a DID speaks with the key that it is.
        if isOwn, chain.map({ attestation.issuedAt < $0.state.createdAt }) ?? true {
            return Statement.Signer(name: attestation.issuer.string, did: attestation.issuer.string, isByChain: false)
        }
        guard let chain else {
            guard own != nil else {
                throw StatementError(
                    StatementError.signerUnknown, "\(attestation.issuer) is no key: give its chain with --chain")
            }
            throw StatementError(
                StatementError.signatureInvalid,
                "the signature is not \(attestation.issuer)'s own; after a rotation give its chain with --chain")
        }
        for record in chain.state.history.records {
            guard let key = try? record.key.publicKey(), token.isValid(under: key) else { continue }
            try Self.checkInForce(record.key.id, chain.state, at: attestation.issuedAt)
            return Statement.Signer(name: record.key.id.string, did: record.key.keyDID?.string, isByChain: true)
        }
        throw StatementError(
            StatementError.signatureInvalid, "the signature is of no key that the issuer's chain ever had")
    }

    /// Refuses a key that the chain did not list at an instant, and every key of an identity that was deleted then.
    static func checkInForce(
        _ id: KeyID, _ state: IdentityState, at instant: ProofChain.Timestamp
    ) throws(StatementError) {
        let record = state.history[id]
        guard record.map({ !$0.roles(at: instant).isEmpty }) == true else {
            let retiredAt = record?.retiredAt.map { ", retired at \($0)" } ?? ""
            throw StatementError(
                StatementError.keyNotInForce,
                "its key \(id) was not in force at \(instant)\(retiredAt)")
        }
        guard !state.isDeleted(at: instant) else {
            throw StatementError(StatementError.keyNotInForce, "\(state.did) was deleted at \(instant)")
        }
    }

    /// The signer of an operation that was verified under any key that its identity ever had.
    func signer(
        _ reference: KeyReference, at instant: ProofChain.Timestamp
    ) throws(StatementError) -> Statement.Signer {
        guard let state = identities.identity(reference.did) else {
            throw StatementError(ProofError(.identityUnknown, reference.did.string))
        }
        try Self.checkInForce(reference.keyID, state, at: instant)
        return Statement.Signer(
            name: reference.keyID.string, did: state.history[reference.keyID]?.key.keyDID?.string, isByChain: true)
    }

    static func json(_ text: String) -> [UInt8] {
        var json = JSONWriter()
        json.string(text)
        return json.bytes
    }
}
