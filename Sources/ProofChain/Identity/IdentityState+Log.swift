import Cryptography

extension IdentityState {
    /// Verifies a whole log from its genesis operation, in one pass.
    ///
    /// Identity chains are linear: a log in which two operations name one predecessor is invalid as a whole. Throws
    /// `logEmpty`, what ``init(genesis:)`` and ``extend(by:)`` do with the position in the log, and in place of
    /// `previousOperationIncorrect`: `operationRepeated` for an operation that the log has already,
    /// `conflictingExtension` for one whose predecessor has a successor, `previousOperationUnknown` for one whose
    /// predecessor is not before it.
    public init(verifying log: some Sequence<SignedOperation>) throws(ProofError) {
        var iterator = log.makeIterator()
        guard let genesis = iterator.next() else { throw ProofError(.logEmpty) }
        var state: IdentityState
        do throws(ProofError) {
            state = try IdentityState(genesis: genesis)
        } catch {
            throw error.at(0)
        }
        var seen: Set<CID> = [genesis.cid]
        var index = 1
        while let operation = iterator.next() {
            do throws(ProofError) {
                try state.extend(by: operation)
            } catch {
                throw Self.explain(error, operation, seen: seen).at(index)
            }
            seen.insert(operation.cid)
            index += 1
        }
        self = state
    }

    /// Verifies a whole log given as tokens. Throws as ``init(verifying:)`` does, and what taking a token apart throws.
    public init(verifyingTokens tokens: some Sequence<String>) throws(ProofError) {
        var operations: [SignedOperation] = []
        for (index, token) in tokens.enumerated() {
            do throws(ProofError) {
                operations.append(try SignedOperation(token: token))
            } catch {
                throw error.at(index)
            }
        }
        try self.init(verifying: operations)
    }

    /// Verifies a whole log that is to be this identity's. Throws as ``init(verifying:)`` does, and `identityMismatch`:
    /// whoever hands over a log is not believed which identity it is.
    public init(verifyingTokens tokens: some Sequence<String>, of did: DFOSDID) throws(ProofError) {
        try self.init(verifyingTokens: tokens)
        guard self.did == did else { throw ProofError(.identityMismatch, self.did.string) }
    }

    private static func explain(_ error: ProofError, _ operation: SignedOperation, seen: Set<CID>) -> ProofError {
        guard error.code == .previousOperationIncorrect else { return error }
        if seen.contains(operation.cid) { return ProofError(.operationRepeated) }
        guard let previous = operation.previousOperationCID else { return error }
        return seen.contains(previous)
            ? ProofError(.conflictingExtension) : ProofError(.previousOperationUnknown)
    }
}
