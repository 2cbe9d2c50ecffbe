import Cryptography
import Synchronization

public import HTTPClient

/// Asks nodes over JSON-RPC: paced, with other endpoints where one fails. Safe from any thread; keeps only how the
/// endpoints fare.
public final class SolanaRPC: Sendable {
    private let http: any HTTPExchanging
    private let timing: SolanaTiming
    private let pool: Mutex<SolanaEndpointPool>
    private let lastID = Mutex<Int64>(0)
    /// How many endpoints there are.
    let endpointCount: Int

    /// Times that one question is asked at most, at all endpoints together.
    public static let triesMax = 4
    /// A question that would wait longer than this for its turn is given up as `busy`.
    public static let turnMsMax: Int64 = 15_000
    /// The largest answer: a page of a thousand signatures takes some 300 KB.
    static let responseBytesMax = 8 << 20
    static let deadline = Duration.seconds(15)

    /// - Parameters:
    ///   - endpoint: asked while it is well.
    ///   - others: asked where it is not; and one of them as a second witness that a transaction is not there.
    public init(
        _ endpoint: SolanaEndpoint, others: [SolanaEndpoint] = [], http: any HTTPExchanging, timing: SolanaTiming
    ) {
        let endpoints = [endpoint] + others
        self.http = http
        self.timing = timing
        endpointCount = endpoints.count
        pool = Mutex(SolanaEndpointPool(endpoints))
    }

    /// Asks until there is an answer or nothing more can be tried.
    ///
    /// - Parameters:
    ///   - only: the index of the endpoint to ask, no other.
    ///   - parameters: writes the elements of `params`.
    /// - Returns: the member `result`.
    func call(
        _ method: String, only: Int? = nil, _ parameters: @Sendable (inout JSONWriter) -> Void
    ) async throws(SolanaRPCError) -> JSONValue {
        try await answer(method, only: only, parameters).result
    }

    /// The same, with the index of the endpoint that answered.
    func answer(
        _ method: String, only: Int? = nil, _ parameters: @Sendable (inout JSONWriter) -> Void
    ) async throws(SolanaRPCError) -> (result: JSONValue, endpoint: Int) {
        let id = nextID()
        let body = Self.body(method, id: id, parameters)
        var visited: Set<Int> = []
        if let only { visited = Set(0..<endpointCount).subtracting([only]) }
        var failure = SolanaRPCError(.busy, "no endpoint has a turn in time")
        for _ in 0..<Self.triesMax {
            let turn = pool.withLock { $0.take(nowMs: timing.nowMs(), avoiding: visited) }
            guard turn.waitMs <= Self.turnMsMax else {
                pool.withLock { $0.giveBack(turn) }
                throw failure
            }
            if turn.waitMs > 0 {
                do {
                    try await timing.sleep(turn.waitMs)
                } catch { throw SolanaRPCError(.cancelled, "cancelled") }
            }
            do throws(SolanaRPCError) {
                let answer = try await ask(turn.index, body, id: id)
                pool.withLock { $0.answered(turn.index) }
                return (answer, turn.index)
            } catch {
                guard error.isPassing else {
                    if error.code == .refused { pool.withLock { $0.answered(turn.index) } }
                    throw error
                }
                pool.withLock { pool in
                    pool.failed(
                        turn.index, nowMs: timing.nowMs(), retryAfterMs: error.retryAfterMs,
                        isWell: error.rpcCode == SolanaRPCError.slotNotReached)
                }
                failure = error
            }
            if only == nil {
                visited.insert(turn.index)
                if visited.count == endpointCount { visited = [] }
            }
        }
        throw failure
    }

    private func nextID() -> Int64 {
        lastID.withLock { last in
            last += 1
            return last
        }
    }

    private static func body(_ method: String, id: Int64, _ parameters: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("jsonrpc", "2.0")
        writer.field("id", id)
        writer.field("method", method)
        writer.array("params") { parameters(&$0) }
        writer.endObject()
        return writer.bytes
    }

    private func ask(_ index: Int, _ body: [UInt8], id: Int64) async throws(SolanaRPCError) -> JSONValue {
        let url = pool.withLock { $0.endpoints[index].url }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await http.send(
                HTTPRequest(
                    .post, url, headers: ["Content-Type": "application/json", "Accept": "application/json"],
                    body: body, deadline: Self.deadline, responseBytesMax: Self.responseBytesMax))
        } catch {
            let code: SolanaRPCError.Code =
                switch error.code {
                case .cancelled: .cancelled
                // It would be as large the next time.
                case .responseTooLarge: .answerMalformed
                default: .unreachable
                }
            throw SolanaRPCError(code, error.code.rawValue)
        }
        return try SolanaRPCAnswer.result(response, id: id)
    }
}
