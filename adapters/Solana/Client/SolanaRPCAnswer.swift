import Cryptography
import HTTPClient

/// Reads what a node answered.
enum SolanaRPCAnswer {
    /// The range of codes that JSON-RPC and Solana use for errors of the node's own: not of the question.
    private static let nodeErrors: Set<Int64> = [-32603, -32004, -32007, -32009, -32011, -32014]

    /// The member `result` of the answer to the question of that id.
    static func result(_ response: HTTPResponse, id: Int64) throws(SolanaRPCError) -> JSONValue {
        if response.status == 429 {
            throw SolanaRPCError(.rateLimited, "HTTP 429", retryAfterMs: retryAfterMs(response))
        }
        guard let root = try? JSONDocument(parsing: response.body, limits: .batch).root, root.kind == .object else {
            throw SolanaRPCError(
                response.isSuccess ? .answerMalformed : .serverError, "HTTP \(response.status) without JSON")
        }
        if let error = root["error"], !error.isNull { throw failure(error, status: response.status) }
        guard response.isSuccess else { throw SolanaRPCError(.serverError, "HTTP \(response.status)") }
        guard let result = root["result"], root["id"]?.int64 == id else {
            throw SolanaRPCError(.answerMalformed, "no result, or that of another question")
        }
        return result
    }

    private static func failure(_ error: JSONValue, status: Int) -> SolanaRPCError {
        let message = String((error["message"]?.string ?? "no message").prefix(200))
        guard let code = error["code"]?.int64 else { return SolanaRPCError(.serverError, "HTTP \(status): \(message)") }
        switch code {
        case 429, -32429: return SolanaRPCError(.rateLimited, message, rpcCode: code)
        case -32005, SolanaRPCError.slotNotReached: return SolanaRPCError(.nodeBehind, message, rpcCode: code)
        case -32002:
            let reason = error["data"]?["err"].flatMap { SolanaTransactionFailure($0) }
            return SolanaRPCError(.refused, message, rpcCode: code, simulated: reason)
        case _ where nodeErrors.contains(code) || status >= 500:
            return SolanaRPCError(.serverError, message, rpcCode: code)
        default: return SolanaRPCError(.refused, message, rpcCode: code)
        }
    }

    /// In seconds; a date is not read.
    private static func retryAfterMs(_ response: HTTPResponse) -> Int64? {
        guard let text = response.headers["Retry-After"], let seconds = Int64(text), (0...86_400).contains(seconds)
        else {
            return nil
        }
        return seconds * 1000
    }
}
