public import Cryptography

/// A whole content chain: the state after each of its operations, and which of them is the head.
public struct ContentChain: Sendable {
    /// The state after each operation.
    public private(set) var states: [CID: ContentState]
    /// The operations that none follows.
    public private(set) var tips: Set<ContentTip>

    /// The state of the chain: that of its head.
    public private(set) var head: ContentState

    /// Begins a chain. Throws as ``ContentState/init(genesis:identities:keys:)`` does.
    public init(
        genesis operation: SignedOperation, identities: some IdentityResolver, keys: KeyBasis
    ) throws(ProofError) {
        head = try ContentState(genesis: operation, identities: identities, keys: keys)
        states = [operation.cid: head]
        tips = [head.tip]
    }

    /// Verifies a log in which every operation comes after the one that it follows.
    ///
    /// Throws `logEmpty`, and what ``init(genesis:identities:keys:)`` and
    /// ``extend(by:identities:keys:isRevoked:)`` do, with the position in the log.
    public init(
        verifying log: some Sequence<SignedOperation>, identities: some IdentityResolver, keys: KeyBasis,
        isRevoked: RevocationLookup
    ) throws(ProofError) {
        var chain: ContentChain?
        for (index, operation) in log.enumerated() {
            do throws(ProofError) {
                if chain == nil {
                    chain = try ContentChain(genesis: operation, identities: identities, keys: keys)
                } else {
                    try chain?.extend(by: operation, identities: identities, keys: keys, isRevoked: isRevoked)
                }
            } catch {
                throw error.at(index)
            }
        }
        guard let chain else { throw ProofError(.logEmpty) }
        self = chain
    }

    /// Adds an operation after any one of the chain. The chain is left as it was when it is refused.
    ///
    /// Throws as ``ContentState/extended(by:identities:keys:isRevoked:)`` does, `operationRepeated`, and
    /// `previousOperationUnknown` when the chain has no such predecessor.
    public mutating func extend(
        by operation: SignedOperation, identities: some IdentityResolver, keys: KeyBasis, isRevoked: RevocationLookup
    ) throws(ProofError) {
        let step = try ContentOperation(operation)
        guard states[operation.cid] == nil else { throw ProofError(.operationRepeated) }
        guard step.previous != nil else { throw ProofError(.createNotFirst) }
        guard let previous = operation.previousOperationCID, let parent = states[previous] else {
            throw ProofError(.previousOperationUnknown)
        }
        let state = try parent.extended(by: operation, identities: identities, keys: keys, isRevoked: isRevoked)
        states[operation.cid] = state
        tips.remove(parent.tip)
        tips.insert(state.tip)
        // What was the head is one still, unless the new operation follows it or is greater.
        if head.headCID == previous || head.tip < state.tip {
            head = tips.max().flatMap { states[$0.cid] } ?? state
        }
    }
}
