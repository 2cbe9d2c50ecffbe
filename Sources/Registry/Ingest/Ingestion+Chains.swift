import Cryptography
import ProofChain

/// Identity and content chains.
extension Ingestion {
    mutating func ingestIdentity(_ operation: SignedOperation) throws(ProofError) -> IngestResult {
        let state: IdentityState
        if operation.type.map({ $0.utf8.elementsEqual("create".utf8) }) == true {
            state = try IdentityState(genesis: operation)
        } else {
            guard let signer = operation.signer else { throw ProofError(.signerNotURL) }
            guard let known = facts.identity(signer) else { throw ProofError(.identityUnknown, signer.string) }
            state = try extend(known, by: operation)
        }
        facts.identities[state.did] = state
        changes.identities.insert(state.did)
        return append(
            operation, .identity, chainID: state.did.string, author: state.did.string,
            createdAt: state.lastCreatedAt.string)
    }

    /// Identity chains are linear: an operation after anything but the head is refused for good when its predecessor is
    /// of this chain, and waits when it is not here.
    private func extend(_ known: IdentityState, by operation: SignedOperation) throws(ProofError) -> IdentityState {
        guard let previous = operation.payload.root["previousOperationCID"]?.string else {
            return try known.extended(by: operation)
        }
        if !previous.utf8.elementsEqual(known.headCID.string.utf8) {
            guard let taken = facts.operations[previous], taken.kind == .identity,
                taken.chainID.utf8.elementsEqual(known.did.string.utf8)
            else { throw ProofError(.previousOperationUnknown, previous) }
            throw ProofError(.conflictingExtension)
        }
        return try known.extended(by: operation)
    }

    mutating func ingestContent(_ operation: SignedOperation, _ keys: KeyBasis) throws(ProofError) -> IngestResult {
        let step = try ContentOperation(operation)
        try checkNotDeleted(step.author)
        guard step.previous != nil else {
            let state = try ContentState(genesis: operation, identities: facts, keys: keys)
            facts.contents[state.contentID] = RelayFacts.Content(
                head: state, genesisAt: state.lastCreatedAt, operationCount: 1)
            return appendContent(operation, step, state)
        }
        guard let previous = operation.previousOperationCID?.string, let parent = facts.contentStates[previous],
            var content = facts.contents[parent.contentID]
        else {
            let previous = step.previous ?? ""
            if facts.operations[previous] != nil { throw ProofError(.previousOperationIncorrect) }
            throw ProofError(.previousOperationUnknown, previous)
        }
        // The chain is sealed while who began it is deleted, whoever signs.
        try checkNotDeleted(parent.creator)
        let state = try parent.extended(by: operation, identities: facts, keys: keys) { issuer, cid in
            facts.revoked.contains(RelayFacts.Revoked(issuerDID: issuer.string, credentialCID: cid))
        }
        content.operationCount += 1
        // An operation after the head is later than it, and so than every other tip; one elsewhere is the head only
        // when it is greater than the head.
        if content.head.tip < state.tip { content.head = state }
        facts.contents[state.contentID] = content
        return appendContent(operation, step, state)
    }

    private mutating func appendContent(
        _ operation: SignedOperation, _ step: ContentOperation, _ state: ContentState
    ) -> IngestResult {
        facts.contentStates[operation.cid.string] = state
        changes.contents.insert(state.contentID)
        changes.contentAuthors[operation.cid.string] = step.author.string
        return append(
            operation, .content, chainID: state.contentID.string, author: step.author.string,
            createdAt: step.createdAt.string)
    }
}
