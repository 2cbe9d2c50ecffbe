import Cryptography
import HTTPClient
import ProofChain
import Registry
import Testing

/// Bounds, and what happens past each.
@Suite struct LimitTests {
    @Test("a full pool of waiting operations drops those that have waited longest")
    func fullPool() async throws {
        try await withRelay(try await TestRelay.database()) { setup in
            setup.settings.pendingOperations = 10
        } _: { relay in
            let authors = try (0..<14).map { _ in try Author() }
            for author in authors {
                #expect(statuses(try await post([try author.artifact("early").token], to: relay.base)) == ["rejected?"])
            }
            #expect(try await pending(relay) == 10)
            // Whatever they waited for arrives: the last ten are taken by it, the first four must be sent again.
            let tokens = authors.map(\.genesis.token)
            #expect(statuses(try await post(tokens, to: relay.base)).allSatisfy { $0 == "new" })
            #expect(try await wholeLog(relay.base).count == 2 + 14 + 10)
            #expect(try await pending(relay) == 0)
            #expect(statuses(try await post([try authors[0].artifact("early").token], to: relay.base)) == ["new"])
        }
    }

    @Test("what clients sent makes room before what a peer's log held")
    func clientsFirst() async throws {
        try await withRelay(try await TestRelay.database()) { setup in
            setup.settings.pendingOperations = 4
        } _: { relay in
            let authors = try (0..<8).map { _ in try Author() }
            let early = try authors.map { try $0.artifact("early").token }
            _ = try await relay.relay.ingest(Array(early.prefix(3)), from: .peer)
            _ = try await relay.relay.ingest(Array(early.suffix(5)), from: .client)
            _ = try await relay.relay.ingest(authors.map(\.genesis.token), from: .client)
            let log = try await wholeLog(relay.base)
            let cids = try early.map { try SignedOperation(token: $0).cid.string }
            let taken = cids.map { log.contains($0) }
            #expect(taken.prefix(3) == [true, true, true])
            #expect(taken.filter { $0 }.count == 4)
        }
    }

    @Test("bytes are bounded as operations are")
    func fullBytes() async throws {
        let author = try Author()
        let early = try (0..<6).map { try author.artifact(String(repeating: "\($0)", count: 1000)).token }
        try await withRelay(try await TestRelay.database()) { setup in
            setup.settings.pendingBytes = Int64(early[0].utf8.count * 3 + 10)
        } _: { relay in
            _ = try await post(early, to: relay.base)
            #expect(try await pending(relay) ?? 9 <= 3)
        }
    }

    @Test("what waited for a week is dropped, and the sweep takes what became possible")
    func sweep() async throws {
        let clock = TestClock()
        try await withRelay(try await TestRelay.database()) {
            $0.clock = clock
        } _: { relay in
            _ = try await post([try Author().artifact("early").token], to: relay.base)
            clock.advance(seconds: RelayLimits.pendingMilliseconds / 1000 - 1)
            await relay.relay.sweep()
            #expect(try await pending(relay) == 1)
            clock.advance(seconds: 2)
            await relay.relay.sweep()
            #expect(try await pending(relay) == 0)
        }
    }

    @Test("an operation more than a day ahead is refused for good, one at the edge is taken")
    func future() async throws {
        let clock = TestClock(milliseconds: 1_775_000_000_000)
        try await withRelay(try await TestRelay.database()) {
            $0.clock = clock
        } _: { relay in
            let day = clock.milliseconds + RelayLimits.futureMilliseconds
            func at(_ milliseconds: Int64) throws -> String {
                try Author(at: try Timestamp(millisecondsSinceEpoch: milliseconds).string).genesis.token
            }
            let late = try at(day + 1)
            let answer = try await post([try at(day), late], to: relay.base)
            #expect(statuses(answer) == ["new", "rejected"])
            #expect(try await pending(relay) == 0)
            clock.advance(seconds: 1)
            #expect(statuses(try await post([late], to: relay.base)) == ["new"])
        }
    }

    @Test("an address that sends too many writes gets 429 with Retry-After; reads go on, and so does another address")
    func rate() async throws {
        let clock = TestClock()
        try await withRelay(try await TestRelay.database()) { setup in
            setup.clock = clock
            setup.settings.writesPerSecond = 1
            setup.settings.trustedProxies = ["127.0.0.1"]
        } _: { relay in
            // A request of the largest size must pass once, so the allowance is no less than that.
            var counts: [Int: Int] = [:]
            for _ in 0..<RelayLimits.writesPerRequest + 5 {
                counts[try await post([], to: relay.base).status, default: 0] += 1
            }
            #expect(counts[429] == 5, "\(counts)")
            let refused = try await post([], to: relay.base)
            #expect(refused.status == 429)
            #expect(refused.error != nil)
            #expect(refused.headers["Retry-After"].flatMap { Int($0) } ?? 0 >= 1)
            #expect(refused.headers["Access-Control-Allow-Origin"] == "*")
            #expect(try await get(relay.base + "/proof/v1/log").status == 200)
            let other = try await post([], to: relay.base, headers: ["X-Forwarded-For": "192.0.2.7"])
            #expect(other.status != 429)
            clock.advance(seconds: 2)
            #expect(try await post([], to: relay.base).status != 429)
        }
    }

    @Test("a request weighs as much as its operations and its bytes")
    func weight() async throws {
        let clock = TestClock()
        try await withRelay(try await TestRelay.database()) { setup in
            setup.clock = clock
            setup.settings.writesPerSecond = 50
        } _: { relay in
            // 20 seconds of 50: ten times a hundred operations, and not one more.
            let batch = (0..<100).map { "operation \($0)" }
            for _ in 0..<10 { #expect(try await post(batch, to: relay.base).status == 200) }
            #expect(try await post(["one"], to: relay.base).status == 429)
            clock.advance(seconds: 1)
            #expect(try await post(batch, to: relay.base).status == 429)
            clock.advance(seconds: 2)
            #expect(try await post(batch, to: relay.base).status == 200)
            clock.advance(seconds: 60)
            for _ in 0..<15 {
                let spaces = [UInt8](repeating: 0x20, count: 4 << 20)
                _ = try await send(.post, relay.base + "/proof/v1/operations", body: spaces)
            }
            #expect(try await post(batch, to: relay.base).status == 429)
        }
    }

    @Test("a body of more than 16 MiB is refused with the protocol's error")
    func body() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let body = [UInt8](repeating: 0x20, count: RelayLimits.body + 1)
            let answer = try await send(.post, relay.base + "/proof/v1/operations", body: body)
            #expect(answer.status == 413)
            #expect(answer.error != nil)
        }
    }

    @Test("a history longer than one round of the sequencer becomes whole")
    func longHistory() async throws {
        try await withRelay(try await TestRelay.database()) { relay in
            let author = try Author()
            var chain = [try author.content()]
            for number in 1..<250 {
                let minute = twoDigits(number / 60), second = twoDigits(number % 60)
                chain.append(
                    try author.content(
                        after: chain[number - 1], "\(number)", at: "2026-03-07T01:\(minute):\(second).000Z"))
            }
            // Backwards, and the identity last: everything waits for it, one behind the other.
            for start in stride(from: 0, to: chain.count, by: 50) {
                let batch = Array(chain.reversed()[start..<min(start + 50, chain.count)])
                _ = try await post(batch.map(\.token), to: relay.base)
            }
            _ = try await post([author.genesis.token], to: relay.base)
            for _ in 0..<10 { await relay.relay.sweep() }
            #expect(try await pending(relay) == 0)
            #expect(try await wholeLog(relay.base).count == 2 + 1 + 250)
        }
    }

    private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private func pending(_ relay: TestRelay) async throws -> Int64? {
        try await get(relay.base + "/.well-known/dfos-relay").json["stats"]?["pendingOps"]?.int64
    }
}
