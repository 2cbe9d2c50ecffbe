public import Cryptography

/// An identity chain as it stands after its last verified operation.
///
/// It holds the whole history of keys, so that one more operation can be checked against the chain without reading the
/// chain again. It is a value: extending a copy leaves the original as it was.
public struct IdentityState: Hashable, Sendable {
    /// The identity, derived from the genesis operation.
    public let did: DFOSDID
    /// The genesis operation.
    public let genesisCID: CID
    /// When the genesis operation was made, by its signer's word.
    public let createdAt: Timestamp
    /// Whether it is deleted. Its keys and services are still noted then, and none of them speaks for it.
    public internal(set) var isDeleted: Bool
    /// The keys of the head.
    public internal(set) var keys: KeySet
    /// The services of the head, in their order.
    public internal(set) var services: [ServiceEntry]
    /// The last operation.
    public internal(set) var headCID: CID
    /// `createdAt` of the last operation; the next one's is later.
    public internal(set) var lastCreatedAt: Timestamp
    /// How many operations there are.
    public internal(set) var operationCount: Int
    /// The controller keys of the genesis operation, which a DID that is a key is bound by.
    public let genesisControllerKeys: [Multikey]
    /// The one among them that signed the genesis operation: the others are only listed, and prove nothing.
    public let genesisSigner: Multikey
    /// Every key that was ever listed.
    public internal(set) var history: KeyHistory
    /// When it was deleted, in order; the last is open while it is.
    public internal(set) var deletions: [Deletion]

    /// A time in which the identity was deleted.
    public struct Deletion: Hashable, Sendable {
        /// `createdAt` of the delete.
        public let from: Timestamp
        /// `createdAt` of the restore; nil while it lasts.
        public internal(set) var until: Timestamp?
    }

    /// Begins a chain with its genesis operation.
    ///
    /// Throws what ``IdentityOperation/init(_:)`` does, `firstNotCreate`, `keyMaterialChanged`, `cidMissing`,
    /// `cidMismatch`, `operationTooLarge`, `signerIsURL`, `controllerUnknown`, `multikeyInvalid`, `signatureInvalid`.
    public init(genesis operation: SignedOperation) throws(ProofError) {
        let step = try IdentityOperation(operation)
        guard case .create(let keys, let services) = step.action else { throw ProofError(.firstNotCreate) }
        var history = KeyHistory()
        try history.check(keys)
        try Self.checkSize(operation)
        try operation.checkCID()
        guard let kid = operation.kid else { throw ProofError(.controllerUnknown) }
        guard KeyReference.split(kid) == nil else { throw ProofError(.signerIsURL) }
        genesisSigner = try Self.checkSignature(of: operation, by: KeyID(kid), in: keys)
        history.advance(to: keys, at: step.createdAt)
        did = DFOSDID(genesis: operation.cid)
        genesisCID = operation.cid
        createdAt = step.createdAt
        isDeleted = false
        self.keys = keys
        self.services = services
        headCID = operation.cid
        lastCreatedAt = step.createdAt
        operationCount = 1
        genesisControllerKeys = keys.controller
        self.history = history
        deletions = []
    }

    init(
        did: DFOSDID, genesisCID: CID, createdAt: Timestamp, isDeleted: Bool, keys: KeySet, services: [ServiceEntry],
        headCID: CID, lastCreatedAt: Timestamp, operationCount: Int, genesisControllerKeys: [Multikey],
        genesisSigner: Multikey, history: KeyHistory, deletions: [Deletion]
    ) {
        self.did = did
        self.genesisCID = genesisCID
        self.createdAt = createdAt
        self.isDeleted = isDeleted
        self.keys = keys
        self.services = services
        self.headCID = headCID
        self.lastCreatedAt = lastCreatedAt
        self.operationCount = operationCount
        self.genesisControllerKeys = genesisControllerKeys
        self.genesisSigner = genesisSigner
        self.history = history
        self.deletions = deletions
    }

    static func checkSize(_ operation: SignedOperation) throws(ProofError) {
        guard operation.payloadByteCount <= ProofLimits.operationBytes else {
            throw ProofError(.operationTooLarge, String(operation.payloadByteCount))
        }
    }

    /// The controller key that signed.
    @discardableResult
    static func checkSignature(
        of operation: SignedOperation, by id: KeyID, in keys: KeySet
    ) throws(ProofError) -> Multikey {
        guard let key = keys.controller.first(where: { $0.id == id }) else {
            throw ProofError(.controllerUnknown, id.string)
        }
        try operation.checkSignature(try key.publicKey())
        return key
    }
}
