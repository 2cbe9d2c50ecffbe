import Cryptography
import HTTPClient
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

/// Between two questions the chain goes on, and the next node may not have come as far as the last one.
@Suite("What a node that is behind says is nobody's fault")
struct BehindTests {
    private let bench = SplitBench()
    private let stranger = SolanaAddress(SplitBench.key("a payee without an account").publicKey)

    @Test("an account that was just made, and that the next node does not see yet, is no refusal")
    func madeAndNotSeen() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000)
        try await node.open("po_1", 5, to: stranger)
        let account = bench.token.account(of: stranger).description
        let mint = bench.token.mint.description
        let sent = Mutex(false)
        let hidden = Mutex(0)
        // What stood there before it was made.
        let before = Mutex<JSONText?>(nil)
        let chain = node.chain
        node.hook.set { question in
            if question.method == "sendTransaction" { sent.withLock { $0 = true } }
            guard question.method == "getMultipleAccounts", question.names(account), question.names(mint) else {
                return nil
            }
            if !sent.withLock({ $0 }) {
                let text = try? await Self.accounts(chain, question)
                before.withLock { $0 = text }
                return nil
            }
            hidden.withLock { $0 += 1 }
            return before.withLock { $0 }?.response(id: question.id)
        }
        _ = try await node.worker.pass()
        #expect(hidden.withLock { $0 } == 1)
        let waiting = try node.payout("po_1")
        #expect(waiting.status == .held && waiting.failures == 0 && waiting.waits == 1)
        node.hook.set(nil)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
    }

    private struct JSONText {
        let result: String
        func response(id: Int64) -> HTTPResponse {
            HTTPResponse(status: 200, body: Array(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#.utf8))
        }
    }

    /// What the chain answers to a question for accounts now.
    private static func accounts(_ chain: SolanaChain, _ question: HTTPHook.Question) async throws -> JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("jsonrpc", "2.0")
        writer.field("id", 7)
        writer.field("method", question.method)
        writer.array("params") { writer in
            writer.beginArray()
            question.parameters[0].elements.forEach { writer.string($0.string ?? "") }
            writer.endArray()
            writer.beginObject()
            writer.field("commitment", "confirmed")
            writer.field("encoding", "base64")
            writer.endObject()
        }
        writer.endObject()
        let response = try await chain.http.send(
            HTTPRequest(.post, chain.url, headers: ["Content-Type": "application/json"], body: writer.bytes))
        let text = String(decoding: response.body, as: UTF8.self)
        let start = try #require(text.firstRange(of: #""result":"#)).upperBound
        return JSONText(result: String(text[start...].dropLast()))
    }

    @Test("a transaction is tried by a node that has come as far as what was checked")
    func triedLater() async throws {
        let node = try await TreasuryNode(bench)
        try await node.open("po_1", 5, to: bench.owners[0])
        let slots = Mutex<[Int64]>([])
        node.hook.set { question in
            guard question.method == "simulateTransaction", let least = question.option("minContextSlot")?.int64 else {
                return nil
            }
            return slots.withLock { slots in
                slots.append(least)
                return slots.count == 1 ? question.behind : nil
            }
        }
        let slot = try await bench.client(node.chain).point(.confirmed).slot
        _ = try await node.worker.pass()
        #expect(slots.withLock { $0 }.count == 2, "one that is behind is asked once more, or another")
        #expect(slots.withLock { $0 }.allSatisfy { $0 >= slot })
        #expect(try node.payout("po_1").status == .sent)
    }

    @Test("where the treasury's own account is frozen no payee is to blame, when it is tried and when it lands")
    func frozenSource() async throws {
        let node = try await TreasuryNode(bench)
        for number in 0..<3 { try await node.open("po_\(number)", 5, to: bench.owners[number]) }
        let (chain, source) = (node.chain, bench.token.account(of: bench.payerAddress).description)
        node.hook.set { question in
            if question.method == "simulateTransaction" { try? await chain.freeze(source) }
            return nil
        }
        _ = try await node.worker.pass()
        #expect(node.payouts.allSatisfy { $0.status == .held && $0.failures == 0 })
        node.hook.set(nil)
        try await chain.freeze(source, false)
        node.clock.advance(600_000)
        let bytes = try await node.begin()
        try await chain.freeze(source)
        try await node.land(bytes)
        for _ in 0..<3 {
            node.clock.advance(RailTiming.callMs)
            _ = try await node.worker.pass()
        }
        #expect(node.payouts.allSatisfy { $0.status == .held && $0.failures == 0 && $0.feeMinor == 0 })
        #expect(node.ledger.book.lifecycles.values.count { $0.lifecycle.kind == .cost } == 1)
        try await chain.freeze(source, false)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
    }

    @Test("how long a transaction may land is not said by a node that is behind the one that gave its blockhash")
    func height() async throws {
        let (first, second) = (try SolanaChain(), try SolanaChain())
        try await first.tick(1_000)
        let hook = HTTPHook(first.http)
        let client = SolanaClient(
            SolanaRPC(
                SplitBench.endpoint(first), others: [SplitBench.endpoint(second)], http: hook,
                timing: ChainTime(second).timing))
        let isOut = Mutex(true)
        let (url, behind) = (first.url, second.url)
        let asked = Mutex<[String]>([])
        hook.set { question in
            guard question.method == "getEpochInfo" else { return nil }
            asked.withLock { $0.append(question.url) }
            guard question.url == url,
                isOut.withLock({ isOut in
                    defer { isOut = false }
                    return isOut
                })
            else { return nil }
            return HTTPResponse(status: 503, body: [])
        }
        let given = try await client.signingBlockhash()
        #expect(asked.withLock { $0 } == [url, behind, url])
        let point = try await client.point(.confirmed)
        #expect(given.lastValidBlockHeight == point.blockHeight + 150 && given.slot == point.slot)
    }

    @Test("one account that nobody can judge now keeps no other payee waiting")
    func oneUnclear() async throws {
        let node = try await TreasuryNode(bench, budgetLamports: 10_000_000)
        try await node.open("po_1", 5, to: stranger)
        try await node.work(stepMs: 60_000) { $0.status == .paid }
        try await node.expectAgreement()
        let account = bench.token.account(of: stranger).description
        try await node.chain.setAccount(account, data: [], owner: SolanaProgram.system.description)
        try await node.chain.tick(3)
        node.hook.set { question in
            question.method == "getMultipleAccounts" && question.names(account)
                && question.option("minContextSlot") != nil ? question.behind : nil
        }
        try await node.open("po_2", 5, to: stranger)
        try await node.open("po_3", 7, to: SolanaAddress(SplitBench.key("another payee").publicKey))
        try await node.work(stepMs: 60_000) { $0.id == "po_2" ? $0.status == .held : $0.status == .paid }
        #expect(try node.payout("po_2").failures == 0)
    }
}
