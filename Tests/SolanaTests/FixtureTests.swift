import Cryptography
import HTTPClient
import Solana
import Testing

/// Answers every request with one reply; lists end behind it.
private struct OneReply: HTTPExchanging {
    var status = 200
    let body: [UInt8]

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard let root = try? JSONDocument(parsing: request.body).root, let id = root["id"]?.int64,
            root["params"]?.elements.contains(where: { $0["before"]?.string != nil }) == true
        else { return HTTPResponse(status: status, body: body) }
        return HTTPResponse(status: status, body: Array(#"{"jsonrpc":"2.0","id":\#(id),"result":[]}"#.utf8))
    }
}

@Suite("Recorded answers are read for what they say")
struct FixtureTests {
    private let signature = SolanaSignature.empty

    private func client(_ body: [UInt8], status: Int = 200) -> SolanaClient {
        let timing = SolanaTiming(
            nowMs: { 0 }, sleep: { (_: Int64) async throws(CancellationError) in }, jitter: { 0 })
        return SolanaClient(
            SolanaRPC(
                SolanaEndpoint(url: "http://127.0.0.1:1", requestsPerSecond: 1_000, burst: 1_000),
                http: OneReply(status: status, body: body), timing: timing))
    }

    private func client(_ name: String) throws -> SolanaClient {
        let reply = try #require(try Vectors("rpc_fixtures.json").root[name])
        return client(Array(reply.rawBytes))
    }

    @Test("statuses of every commitment, and of nothing")
    func statuses() async throws {
        for (name, commitment) in [
            ("processed", SolanaCommitment.processed), ("confirmed", .confirmed), ("finalized", .finalized),
        ] {
            let answer = try await client("getSignatureStatuses.\(name)").status(signature, searchesHistory: true)
            #expect(answer.status == SolanaStatus(slot: 1_041, failure: nil, commitment: commitment))
        }
        let unknown = try await client("getSignatureStatuses.unknown").status(signature, searchesHistory: true)
        #expect(unknown.status == nil && unknown.slot == 1_040)
    }

    @Test("what sending came to: taken, refused by a program, or nothing certain")
    func sending() async throws {
        let cases: [(String, SolanaClient.Sent)] = [
            ("ok", .accepted), ("alreadyProcessed", .simulationFailed(.whole("AlreadyProcessed"))),
            ("blockhashNotFound", .simulationFailed(.whole("BlockhashNotFound"))),
            ("wrongDecimals", .simulationFailed(.custom(index: 0, code: 18))),
            ("insufficient", .simulationFailed(.custom(index: 0, code: 1))),
            ("frozen", .simulationFailed(.custom(index: 1, code: 17))),
            ("missingAta", .simulationFailed(.instruction(index: 0, "InvalidAccountData"))),
            ("noFeePayer", .simulationFailed(.whole("AccountNotFound"))),
        ]
        for (name, sent) in cases {
            #expect(await (try client("sendTransaction.\(name)")).send([1], skipsPreflight: false) == sent, "\(name)")
        }
        guard
            case .rejected(let bad) = await (try client("sendTransaction.badSignature")).send(
                [1], skipsPreflight: false)
        else {
            Issue.record("a bad signature is a defect of ours")
            return
        }
        #expect(bad.rpcCode == -32003)
        guard
            case .unknown(let behind) = await (try client("sendTransaction.nodeBehind")).send(
                [1], skipsPreflight: false)
        else {
            Issue.record("a node that is behind knows nothing")
            return
        }
        #expect(behind.code == .nodeBehind && behind.rpcCode == -32005)
    }

    @Test("transactions with their balances, failed ones, and none")
    func transactions() async throws {
        let record = try #require(try await client("getTransaction.base64").transaction(signature))
        #expect(record.failure == nil && record.slot == 1_041 && record.feeLamports == 5_000)
        #expect(record.tokenChanges.count >= 4)
        let total = record.tokenChanges.reduce(0) { $0 + $1.changeMinor }
        #expect(total == 0, "what one lost the others got")
        #expect(try await client("getTransaction.null").transaction(signature) == nil)
        await #expect(throws: SolanaRPCError.self) { try await client("getTransaction.json").transaction(signature) }
        let mentions = try await client("getSignaturesForAddress.withFailed").mentions(of: SolanaProgram.token)
        #expect(mentions.list.contains { $0.failure != nil } && mentions.list.contains { $0.failure == nil })
    }

    @Test("blockhashes and accounts")
    func reading() async throws {
        let blockhash = try await client("getLatestBlockhash").latestBlockhash()
        #expect(blockhash.lastValidBlockHeight > 0)
    }

    @Test("answers that are none, or another question's, are an error and never a value")
    func malformed() async throws {
        let bodies = [
            "", "[]", "{}", "null", #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":2,"result":5}"#,
            #"{"jsonrpc":"2.0","id":1,"result":"x"}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"context":{},"value":[null]}}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"context":{"slot":1},"value":[{"slot":1}]}}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"context":{"slot":1},"value":[{"slot":1,"err":5}]}}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"context":{"slot":1},"value":[]}}"#, "<html>",
            #"{"error":"slow down"}"#,
        ]
        for body in bodies {
            await #expect(throws: SolanaRPCError.self, "\(body)") {
                try await client(Array(body.utf8)).status(signature, searchesHistory: true)
            }
        }
        for status in [429, 500, 403, 204] {
            await #expect(throws: SolanaRPCError.self, "\(status)") {
                try await client(Array(#"{"jsonrpc":"2.0","id":1}"#.utf8), status: status).blockHeight(.finalized)
            }
        }
    }
}
