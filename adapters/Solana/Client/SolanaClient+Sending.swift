import Cryptography

extension SolanaClient {
    /// What sending comes to.
    public enum Sent: Hashable, Sendable {
        /// The node took it, and passes it on. It may still never land.
        case accepted
        /// The node tried it first, and did not pass it on. Another node may have.
        case simulationFailed(SolanaTransactionFailure)
        /// The node did not take it for a reason of form; a defect of ours.
        case rejected(SolanaRPCError)
        /// Nobody knows.
        case unknown(SolanaRPCError)
    }

    /// Has a node try a signed transaction without passing it on.
    /// - Parameter leastSlot: the node has come as far at least.
    /// - Returns: why it would do nothing; nil: it would do what it says, or the node does not try transactions.
    func simulate(
        _ transaction: [UInt8], leastSlot: Int64
    ) async throws(SolanaRPCError) -> SolanaTransactionFailure? {
        let text = Base64.encode(transaction)
        let result: JSONValue
        do throws(SolanaRPCError) {
            result = try await rpc.call("simulateTransaction") { writer in
                writer.string(text)
                writer.options(.confirmed, leastSlot: leastSlot) { options in
                    options.field("encoding", "base64")
                    options.field("sigVerify", true)
                }
            }
        } catch {
            // Method not found: a provider leaves it out.
            guard error.rpcCode == -32_601 else { throw error }
            return nil
        }
        guard let error = result["value"]?["err"] else { throw .malformed("simulateTransaction") }
        guard let failure = SolanaTransactionFailure(error) else {
            guard error.isNull else { throw .malformed("simulateTransaction") }
            return nil
        }
        return failure
    }

    /// Sends the bytes of a transaction. The same bytes may be sent as often as one likes: they land at most once.
    ///
    /// - Parameter skipsPreflight: passes it on without trying it first: for bytes that a node tried before.
    public func send(_ transaction: [UInt8], skipsPreflight: Bool) async -> Sent {
        let text = Base64.encode(transaction)
        do throws(SolanaRPCError) {
            _ = try await rpc.call("sendTransaction") { writer in
                writer.string(text)
                writer.options(nil) { options in
                    options.field("encoding", "base64")
                    options.field("skipPreflight", skipsPreflight)
                    // The same as the blockhash's: with another the node may not know the hash yet.
                    options.field("preflightCommitment", SolanaCommitment.confirmed.rawValue)
                    options.field("maxRetries", 0)
                }
            }
            return .accepted
        } catch {
            if let failure = error.simulated { return .simulationFailed(failure) }
            return error.code == .refused ? .rejected(error) : .unknown(error)
        }
    }
}
