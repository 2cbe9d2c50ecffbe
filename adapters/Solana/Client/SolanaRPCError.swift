/// Why a node gave no answer that counts. None of these says anything about money: what became of a transaction is only
/// ever read from its status.
public struct SolanaRPCError: Error, Hashable, Sendable {
    /// The sort of failure. A raw value never changes its meaning.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Nobody was reached, or the answer was cut off.
        case unreachable = "solana_unreachable"
        /// The node answered that it was asked too often.
        case rateLimited = "solana_rate_limited"
        /// The node is behind the others (-32005), or has not seen the slot that was asked for (-32016).
        case nodeBehind = "solana_node_behind"
        /// The node failed, or does not let us in.
        case serverError = "solana_server_error"
        /// What came is no answer to the question.
        case answerMalformed = "solana_answer_malformed"
        /// The node understood, and says that the question is wrong: for the operator.
        case refused = "solana_refused"
        /// The node's history begins later than what was asked for: that it knows nothing of it says nothing.
        case historyMissing = "solana_history_missing"
        /// Every endpoint is waited for already.
        case busy = "solana_busy"
        /// The task was cancelled.
        case cancelled = "solana_cancelled"
    }

    /// The sort of failure.
    public let code: Code
    /// For the log; holds no address of an endpoint, which may be a secret.
    public let message: String
    /// The number of the error where the node gave one.
    public let rpcCode: Int64?
    /// What the node asked us to wait, where it did.
    public let retryAfterMs: Int64?
    /// What the transaction came to when the node tried it (-32002), where it did.
    public let simulated: SolanaTransactionFailure?

    /// An error.
    public init(
        _ code: Code, _ message: String, rpcCode: Int64? = nil, retryAfterMs: Int64? = nil,
        simulated: SolanaTransactionFailure? = nil
    ) {
        self.code = code
        self.message = message
        self.rpcCode = rpcCode
        self.retryAfterMs = retryAfterMs
        self.simulated = simulated
    }

    /// What a node answers that has not come to the slot that was asked for.
    static let slotNotReached: Int64 = -32_016

    /// Whether another endpoint, or the same one later, may answer.
    var isPassing: Bool {
        switch code {
        case .unreachable, .rateLimited, .nodeBehind, .serverError, .answerMalformed: true
        case .refused, .historyMissing, .busy, .cancelled: false
        }
    }
}

extension SolanaRPCError: CustomStringConvertible {
    /// One line for the log.
    public var description: String { "\(code.rawValue)\(rpcCode.map { " \($0)" } ?? ""): \(message)" }
}
