import Cryptography
import ProofChain

/// Decides operations one after another, each on what the ones before it left. Pure: what is known comes in as facts,
/// what is to be written goes out as changes, and the time is given.
///
/// Source of the rules: DFOS WEB-RELAY, operation ingestion.
struct Ingestion: Sendable {
    var facts: RelayFacts
    var changes = RelayChanges()
    let nowMs: Int64

    init(facts: RelayFacts, nowMs: Int64) {
        self.facts = facts
        self.nowMs = nowMs
    }

    /// Decides one operation, and notes whether it waits from now on, or no longer.
    mutating func ingest(_ submission: Submission) -> IngestResult {
        changes.waiting[submission.tokenHash] = nil
        let result = decide(submission)
        if let dependency = result.dependency { wait(submission, for: dependency) }
        if changes.waiting[submission.tokenHash] == nil {
            changes.settled.insert(submission.tokenHash)
        } else {
            changes.settled.remove(submission.tokenHash)
        }
        return result
    }

    mutating func wait(_ submission: Submission, for dependency: String) {
        guard Self.canArrive(dependency) else { return }
        changes.waiting[submission.tokenHash] = RelayChanges.Waiting(submission: submission, dependency: dependency)
    }

    /// A DID or CID of a form that none has will never arrive: what depends on it is not kept.
    private static func canArrive(_ dependency: String) -> Bool {
        (try? DFOSDID(dependency)) != nil || (try? CID(dependency))?.codec == .dagCBOR
    }

    private mutating func decide(_ submission: Submission) -> IngestResult {
        guard let operation = submission.operation else {
            let isUnknown = submission.failure?.code == .tokenMalformed
            return .rejected(nil, isUnknown ? Self.unrecognized : submission.failure?.reason ?? Self.unrecognized)
        }
        guard let kind = submission.kind else { return .rejected(operation.cid, Self.unrecognized) }
        do throws(ProofError) {
            if kind == .identity || kind == .content { try operation.checkNotFuture(nowMs: nowMs) }
            if let known = facts.operations[operation.cid.string] {
                try operation.checkIsSame(as: known.token)
                if kind == .credential { openDelegated(submission, operation) }
                return .accepted(.duplicate, operation.cid, kind, known.chainID)
            }
            switch kind {
            case .identity: return try ingestIdentity(operation)
            case .content: return try ingestContent(operation, submission.source.keyBasis)
            case .artifact: return try ingestArtifact(operation, submission.source.keyBasis)
            case .countersign: return try ingestCountersign(operation, submission.source.keyBasis)
            case .credential: return try ingestCredential(submission, operation)
            case .revocation: return try ingestRevocation(operation)
            }
        } catch {
            return refusal(error, of: operation)
        }
    }

    static let unrecognized = "unrecognized operation type"

    /// A refusal, with what it waits for when that may arrive.
    private func refusal(_ error: ProofError, of operation: SignedOperation) -> IngestResult {
        guard error.isDependencyMissing else { return .rejected(operation.cid, error.reason) }
        let dependency =
            switch error.code {
            // The key may come with the next operation of an identity that is here.
            case .keyUnknown: operation.signer?.string ?? ""
            default: error.detail
            }
        let isIdentity = operation.kind == .identity && error.code == .previousOperationUnknown
        return .rejected(
            operation.cid, isIdentity ? "unknown previous operation in identity chain" : error.reason,
            waitsFor: dependency)
    }

    /// Puts a verified operation into the log.
    mutating func append(
        _ operation: SignedOperation, _ kind: OperationKind, chainID: String, author: String, createdAt: String
    ) -> IngestResult {
        changes.entries.append(
            RelayChanges.Entry(
                cid: operation.cid, kind: kind, chainID: chainID, signerDID: author, createdAt: createdAt,
                token: operation.token))
        facts.operations[operation.cid.string] = RelayFacts.Known(
            token: operation.token, kind: kind, chainID: chainID, author: author)
        return .accepted(.new, operation.cid, kind, chainID)
    }

    /// Refuses what an identity does while it is deleted, however long ago its key signed it.
    func checkNotDeleted(_ did: DFOSDID) throws(ProofError) {
        if facts.identity(did)?.isDeleted == true { throw ProofError(.identityDeleted) }
    }
}
