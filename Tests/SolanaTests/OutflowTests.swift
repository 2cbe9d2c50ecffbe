import Settlement
import Solana
import Synchronization
import Testing

@Suite("The treasury's daily outflow")
struct OutflowTests {
    /// A ledger that knows what was sent.
    private final class Sent: Sendable {
        let minor = Mutex<Int64>(0)
        let isOut = Mutex(false)

        func limit(_ most: Int64) -> SolanaOutflow {
            SolanaOutflow(maxMinor: ["MJN": most]) { currency, sinceMs async throws(RailListFailure) in
                if self.isOut.withLock({ $0 }) { throw RailListFailure(reason: "the ledger is out") }
                return currency == "MJN" && sinceMs <= 0 ? self.minor.withLock { $0 } : 0
            }
        }
    }

    @Test("up to the last unit it may be sent, and not one more")
    func limit() async {
        let sent = Sent()
        let limit = sent.limit(100)
        sent.minor.withLock { $0 = 60 }
        #expect(await limit.promise("a", "MJN", 41, nowMs: 1)?.hasPrefix("outflow_limit: 41 ") == true)
        #expect(await limit.promise("a", "MJN", 40, nowMs: 1) == nil)
        #expect(await limit.promise("b", "MJN", 1, nowMs: 1) != nil)
        #expect(await limit.promise("c", "USDC", .max, nowMs: 1) == nil, "no limit was set for it")
    }

    @Test("promises that the ledger has not seen count, each once, for a minute")
    func promises() async {
        let sent = Sent()
        let limit = sent.limit(100)
        #expect(await limit.promise("a", "MJN", 60, nowMs: 1) == nil)
        #expect(await limit.promise("a", "MJN", 60, nowMs: 2) == nil, "the same payout again")
        #expect(await limit.promise("b", "MJN", 60, nowMs: 3) != nil)
        #expect(await limit.promise("b", "MJN", 60, nowMs: 3 + SolanaOutflow.promiseMs) == nil)
    }

    @Test("many at once stay within it")
    func race() async {
        let limit = Sent().limit(1_000)
        let granted = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { await limit.promise("payout \(number)", "MJN", 10, nowMs: 1) == nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 100)
    }

    @Test("where the ledger does not answer nothing is sent, and what was sent a day ago counts no more")
    func unknown() async {
        let sent = Sent()
        let limit = sent.limit(100)
        sent.minor.withLock { $0 = 100 }
        #expect(await limit.promise("a", "MJN", 1, nowMs: SolanaOutflow.spanMs) != nil)
        #expect(await limit.promise("a", "MJN", 1, nowMs: SolanaOutflow.spanMs + 1) == nil)
        sent.isOut.withLock { $0 = true }
        #expect(await limit.promise("b", "MJN", 1, nowMs: 0) == "the ledger is out")
    }
}
