import Solana
import Testing

@Suite("Which endpoint is asked")
struct EndpointPoolTests {
    private func pool(perSecond: Int64 = 10, burst: Int64 = 2, count: Int = 2) -> SolanaEndpointPool {
        SolanaEndpointPool(
            (0..<count).map { SolanaEndpoint(url: "http://\($0)", requestsPerSecond: perSecond, burst: burst) })
    }

    @Test("the first while it has turns, then the second, then whoever is free first")
    func turns() {
        var pool = pool()
        let turns = (0..<6).map { _ in pool.take(nowMs: 1_000) }
        #expect(turns.map(\.index) == [0, 0, 1, 1, 0, 1])
        #expect(turns.map(\.waitMs) == [0, 0, 0, 0, 100, 100])
        #expect(pool.take(nowMs: 1_000).waitMs == 200)
        #expect(pool.take(nowMs: 1_000_000).waitMs == 0, "a long pause fills the bucket")
    }

    @Test("no more requests than the rate allows go out, however they are asked for")
    func rate() {
        var pool = pool(perSecond: 50, burst: 5, count: 1)
        var now: Int64 = 0
        var sent: [Int64] = []
        for _ in 0..<500 {
            let turn = pool.take(nowMs: now)
            now += turn.waitMs
            sent.append(now)
        }
        for (index, time) in sent.enumerated() {
            let within = sent[index...].prefix { $0 < time + 1_000 }.count
            #expect(within <= 56, "\(within) requests within a second from \(time)")
        }
        #expect(now >= 9_800, "500 requests at 50 a second")
    }

    @Test("one that fails is closed for longer each time, within bounds, and opens with an answer")
    func failures() {
        var pool = pool(perSecond: 1_000, burst: 1_000)
        var closed: [Int64] = []
        for _ in 0..<12 {
            pool.failed(0, nowMs: 0, retryAfterMs: nil)
            closed.append(pool.health[0].closedUntilMs)
        }
        #expect(closed.first == 500 && closed[1] == 1_000 && closed.last == 8_000)
        #expect(pool.take(nowMs: 0).index == 1)
        pool.answered(0)
        #expect(pool.take(nowMs: 0).index == 0)
        pool.failed(0, nowMs: 0, retryAfterMs: 5_000)
        #expect(pool.health[0].closedUntilMs == 5_000)
        pool.failed(1, nowMs: 0, retryAfterMs: 86_400_000)
        #expect(pool.take(nowMs: 0) == .init(index: 0, waitMs: 5_000), "all are closed: the one that opens first")
    }

    @Test("one that is well and has only not come so far is asked again in a moment, however often that happens")
    func notSoFar() {
        var pool = pool(perSecond: 1_000, burst: 1_000)
        for _ in 0..<12 { pool.failed(0, nowMs: 0, retryAfterMs: nil, isWell: true) }
        #expect(pool.health[0].closedUntilMs == 500 && pool.health[0].failures == 0)
    }

    @Test("one that a request has been to is asked again only where there is no other")
    func avoiding() {
        var pool = pool(perSecond: 1_000, burst: 1_000)
        #expect(pool.take(nowMs: 0, avoiding: [0]).index == 1)
        #expect(pool.take(nowMs: 0, avoiding: [0, 1]).index == 0)
    }

    @Test("a clock that is set back neither stops requests nor gives turns")
    func clock() {
        var pool = pool(perSecond: 10, burst: 1, count: 1)
        #expect(pool.take(nowMs: 1_000_000).waitMs == 0)
        #expect(pool.take(nowMs: 0).waitMs == 100)
        pool.failed(0, nowMs: 1_000_000, retryAfterMs: nil)
        #expect(pool.take(nowMs: 0).waitMs <= 60_000)
    }
}
