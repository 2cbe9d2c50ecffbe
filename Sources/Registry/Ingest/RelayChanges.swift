import Cryptography
import ProofChain

/// What a batch changes: written at its end with one statement for each table.
struct RelayChanges: Sendable {
    /// An operation for the log; its position follows from its place in the list.
    struct Entry: Sendable {
        let cid: CID
        let kind: OperationKind
        let chainID: String
        let signerDID: String
        /// The signed time; for a credential the one that its `iat` is.
        let createdAt: String
        let token: String
    }

    struct NewArtifact: Sendable {
        let cid: String
        let signerDID: String
        let createdAt: String
        let docSchema: String
    }

    struct NewCountersign: Sendable {
        let witness: RelayFacts.Witness
        let cid: String
        let createdAt: String
        let relation: String?
    }

    struct NewCredential: Sendable {
        let cid: String
        let issuerDID: String
        let expiresAt: Int64
        let attenuations: [Attenuation]
    }

    /// What a public credential opens, once its delegations are verified.
    struct NewGrant: Sendable {
        let cid: String
        let rootDID: String
        let resources: [String]
        let notBefore: Int64
        let expiresAt: Int64
        let links: [RelayFacts.Revoked]
    }

    struct NewRevocation: Sendable {
        let revoked: RelayFacts.Revoked
        let cid: String
        let createdAt: String
    }

    /// An operation that has to wait.
    struct Waiting: Sendable {
        let submission: Submission
        let dependency: String
    }

    var entries: [Entry] = []
    var identities: Set<DFOSDID> = []
    var contents: Set<ContentID> = []
    /// The author of each new content operation; its state is among the facts.
    var contentAuthors: [String: String] = [:]
    var artifacts: [NewArtifact] = []
    var countersigns: [NewCountersign] = []
    var credentials: [NewCredential] = []
    var grants: [NewGrant] = []
    var revocations: [NewRevocation] = []
    /// By token, so that one that waits twice waits for the later reason.
    var waiting: [[UInt8]: Waiting] = [:]
    /// Operations that wait no longer.
    var settled: Set<[UInt8]> = []
}
