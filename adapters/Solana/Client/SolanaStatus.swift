import Cryptography

/// How a transaction stands on the chain.
public struct SolanaStatus: Hashable, Sendable {
    /// The slot of its block.
    public let slot: Int64
    /// Why it did nothing; nil: it was carried out.
    public let failure: SolanaTransactionFailure?
    /// How sure it is that the block stays.
    public let commitment: SolanaCommitment

    /// A status.
    public init(slot: Int64, failure: SolanaTransactionFailure?, commitment: SolanaCommitment) {
        self.slot = slot
        self.failure = failure
        self.commitment = commitment
    }

    /// Reads an element of an answer; nil for null.
    init?(rpc value: JSONValue) throws(SolanaRPCError) {
        if value.isNull { return nil }
        guard let slot = value["slot"]?.int64, let error = value["err"] else {
            throw .malformed("getSignatureStatuses")
        }
        let failure = SolanaTransactionFailure(error)
        guard error.isNull || failure != nil else { throw .malformed("getSignatureStatuses") }
        let word = value["confirmationStatus"]?.string
        // Old nodes leave the word out; null confirmations mean finalized to all of them.
        guard
            let commitment = word.flatMap({ SolanaCommitment(rawValue: $0) })
                ?? (value["confirmations"]?.isNull == true ? .finalized : nil)
        else { throw .malformed("getSignatureStatuses") }
        self.init(slot: slot, failure: failure, commitment: commitment)
    }
}
