import Cryptography

extension SolanaClient {
    /// What a node knows of a transaction.
    public struct StatusAnswer: Hashable, Sendable {
        /// How it stands; nil: the node does not know it.
        public let status: SolanaStatus?
        /// The slot at which the node was.
        public let slot: Int64
    }

    /// Asks how a transaction stands.
    ///
    /// - Parameter searchesHistory: asks also for what is older than a few minutes.
    public func status(
        _ signature: SolanaSignature, searchesHistory: Bool
    ) async throws(SolanaRPCError) -> StatusAnswer {
        try await status(signature, searchesHistory: searchesHistory, only: nil)
    }

    /// Asks two nodes, where there are two, whether they know nothing of a transaction. Only such an answer says that
    /// it is not there: one node may have lost it, and one whose history begins later never had it.
    /// - Parameter signedAtSlot: in no slot before it the transaction can have landed.
    /// - Returns: a status where one knows it; otherwise none, with the lowest slot at which a node was.
    /// - Throws: `solana_history_missing` where the nodes' histories do not go back so far.
    public func statusEverywhere(
        _ signature: SolanaSignature, signedAtSlot: Int64
    ) async throws(SolanaRPCError) -> StatusAnswer {
        var slot = Int64.max
        var asked = 0
        var failure: SolanaRPCError?
        for index in 0..<rpc.endpointCount where asked < 2 {
            do throws(SolanaRPCError) {
                let answer = try await status(signature, searchesHistory: true, only: index)
                if answer.status != nil { return answer }
                guard try await firstSlot(of: index) <= signedAtSlot else {
                    throw SolanaRPCError(.historyMissing, "a node has no history of slot \(signedAtSlot)")
                }
                slot = min(slot, answer.slot)
                asked += 1
            } catch {
                failure = error
            }
        }
        guard asked >= min(2, rpc.endpointCount) else { throw failure ?? .malformed("getSignatureStatuses") }
        return StatusAnswer(status: nil, slot: slot)
    }

    /// The first slot of which a node has the block.
    /// - Parameter index: the endpoint's.
    func firstSlot(of index: Int) async throws(SolanaRPCError) -> Int64 {
        guard let slot = try await rpc.call("getFirstAvailableBlock", only: index, { _ in }).slot else {
            throw .malformed("getFirstAvailableBlock")
        }
        return slot
    }

    private func status(
        _ signature: SolanaSignature, searchesHistory: Bool, only: Int?
    ) async throws(SolanaRPCError) -> StatusAnswer {
        let text = signature.description
        let result = try await rpc.call("getSignatureStatuses", only: only) { writer in
            writer.beginArray()
            writer.string(text)
            writer.endArray()
            writer.options(nil) { $0.field("searchTransactionHistory", searchesHistory) }
        }
        guard let slot = result["context"]?["slot"]?.slot,
            let values = result["value"].map({ Array($0.elements) }), values.count == 1
        else { throw .malformed("getSignatureStatuses") }
        return StatusAnswer(status: try SolanaStatus(rpc: values[0]), slot: slot)
    }
}
