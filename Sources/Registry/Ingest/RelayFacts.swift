import Cryptography
import ProofChain

/// What is known of the operations that a batch touches: read from the store before it is decided, and carried on as it
/// is. What is not here is not known to the relay.
struct RelayFacts: Sendable, IdentityResolver {
    /// An operation that is in the log.
    struct Known: Sendable {
        let token: String
        let kind: OperationKind
        let chainID: String
        /// The identity itself for an identity operation, otherwise who signed.
        let author: String
    }

    /// A content chain: its head, and what is counted over all branches.
    struct Content: Sendable {
        var head: ContentState
        let genesisAt: Timestamp
        var operationCount: Int
    }

    /// A witness under a target.
    struct Witness: Sendable, Hashable {
        let targetCID: String
        let witnessDID: String
    }

    /// A credential that its issuer revoked.
    struct Revoked: Sendable, Hashable {
        let issuerDID: String
        let credentialCID: String
    }

    var operations: [String: Known] = [:]
    var identities: [DFOSDID: IdentityState] = [:]
    /// The state after content operations, by the operation.
    var contentStates: [String: ContentState] = [:]
    var contents: [ContentID: Content] = [:]
    var witnesses: Set<Witness> = []
    var revoked: Set<Revoked> = []

    /// The identity; nil when it is not known.
    func identity(_ did: DFOSDID) -> IdentityState? { identities[did] }

    /// Adds what was read for further operations; what is here already is as it is after the batch so far, and stays.
    mutating func fill(from other: RelayFacts) {
        operations.merge(other.operations) { mine, _ in mine }
        identities.merge(other.identities) { mine, other in
            var mine = mine
            mine.remember(other.listedKeys)
            return mine
        }
        contentStates.merge(other.contentStates) { mine, _ in mine }
        contents.merge(other.contents) { mine, _ in mine }
        witnesses.formUnion(other.witnesses)
        revoked.formUnion(other.revoked)
    }
}

/// What has to be read before operations are decided.
struct FactQuery: Sendable {
    private(set) var cids: Set<String> = []
    private(set) var dids: Set<String> = []
    private(set) var keys: Set<KeyReference> = []
    private(set) var contentParents: Set<String> = []
    private(set) var witnesses: Set<RelayFacts.Witness> = []
    private(set) var revoked: Set<RelayFacts.Revoked> = []

    /// What these submissions ask for. The creators of the content chains that they extend are known only when those
    /// are read.
    init(_ submissions: [Submission]) {
        for submission in submissions {
            guard let operation = submission.operation, let kind = submission.kind else { continue }
            cids.insert(operation.cid.string)
            for did in operation.identitiesNeeded { dids.insert(did.string) }
            keys.formUnion(operation.keysNeeded)
            if let author = operation.author { dids.insert(author.string) }
            switch kind {
            case .identity:
                if let previous = operation.previousOperationCID { cids.insert(previous.string) }
            case .content:
                if let previous = operation.previousOperationCID {
                    cids.insert(previous.string)
                    contentParents.insert(previous.string)
                }
                addRevocations(of: operation.payload.root["authorization"]?.string)
            case .countersign:
                guard let target = operation.payload.root["targetCID"]?.string, RelayKey.isStorable(target),
                    let author = operation.author
                else { continue }
                cids.insert(target)
                witnesses.insert(RelayFacts.Witness(targetCID: target, witnessDID: author.string))
            case .artifact, .credential, .revocation: break
            }
        }
    }

    private mutating func addRevocations(of credential: String?) {
        for link in CredentialLinks.read(credential) {
            revoked.insert(RelayFacts.Revoked(issuerDID: link.issuerDID, credentialCID: link.credentialCID))
        }
    }
}

/// The credentials of a chain of delegations, from the leaf to the root, unverified: what to look up before verifying.
enum CredentialLinks {
    struct Link: Sendable, Hashable {
        let issuerDID: String
        let credentialCID: String
        let token: String
        let issuedAt: Int64
        let expiresAt: Int64
    }

    /// The links as far as they can be read, at most as many as a chain may have.
    static func read(_ token: String?) -> [Link] {
        var links: [Link] = []
        var next = token
        while let token = next, links.count < ProofLimits.delegationDepth,
            token.utf8.count <= ProofLimits.credentialBytes, let operation = try? SignedOperation(token: token),
            let issuer = operation.author
        {
            let payload = operation.payload.root
            links.append(
                Link(
                    issuerDID: issuer.string, credentialCID: operation.cid.string, token: token,
                    issuedAt: payload["iat"]?.int64 ?? 0, expiresAt: payload["exp"]?.int64 ?? 0))
            next = payload["prf"]?.elements.first { _ in true }?.string
        }
        return links
    }
}
