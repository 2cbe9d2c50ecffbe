import HTTPClient
import Stripe
import Testing

@Suite("Waiting for Stripe")
struct WaitingTests {
    @Test("tries wait half a second, doubling to five, and jitter moves them within the upper half")
    func backoff() async throws {
        for (jitter, waits) in [(0, [500, 500, 1000, 2000]), (1000, [500, 1000, 2000, 4000])] as [(Int64, [Int64])] {
            let time = ManualTime()
            let http = ScriptedHTTP([])
            _ = try await ClientTests.client(http, time, jitter: jitter).write(
                try ClientTests.transfer(), idempotencyKey: "k")
            #expect(time.waits == waits)
        }
    }

    @Test("Retry-After is waited out, unless it is longer than half a minute: then the caller waits")
    func retryAfter() async throws {
        let time = ManualTime()
        let http = ScriptedHTTP([.status(429, ["Retry-After": "7"]), .transfer])
        _ = try await ClientTests.client(http, time).write(try ClientTests.transfer(), idempotencyKey: "k")
        #expect(time.waits == [7000])
        let patient = ScriptedHTTP([.status(429, ["Retry-After": "31"]), .transfer])
        let outcome = try await ClientTests.client(patient).write(try ClientTests.transfer(), idempotencyKey: "k")
        guard case .notCarriedOut(let failure) = outcome else {
            Issue.record("tried again")
            return
        }
        #expect(failure.retryAfterMilliseconds == 31_000)
        #expect(patient.requests.count == 1)
    }

    @Test("a task cancelled between two tries ends with what is known")
    func cancelled() async throws {
        for (steps, word) in [
            ([.lost], "unknown: stripe_cancelled"), ([.refusedConnection], "not carried out: stripe_cancelled"),
        ] as [([ScriptedHTTP.Step], String)] {
            let http = ScriptedHTTP(steps)
            let outcome = try await ClientTests.client(http, ManualTime(waitsMax: 0)).write(
                try ClientTests.transfer(), idempotencyKey: "k")
            #expect(ClientTests.word(outcome) == word)
            #expect(http.requests.count == 1)
        }
    }

    @Test("no try begins after the time of a whole request is over")
    func totalTime() async throws {
        let time = ManualTime()
        let slow = SlowHTTP(time: time, milliseconds: 60_000)
        let client = StripeClient(
            key: try StripeSecretKey(ClientTests.secret), settings: try StripeSettings(), http: slow,
            timing: time.timing())
        let outcome = await client.write(try ClientTests.transfer(), idempotencyKey: "k")
        #expect(ClientTests.word(outcome) == "unknown: stripe_unreachable")
        #expect(time.now - 1_700_000_000_000 < 180_000 + 6_000)
    }

    @Test("a burst of one second goes at once, then 25 a second, and what would wait too long is not sent")
    func pace() async throws {
        let time = ManualTime()
        let body = #"{"object":"list","data":[],"has_more":false}"#
        let http = ScriptedHTTP(Array(repeating: .answer(200, [:], body), count: 1000))
        let client = try ClientTests.client(http, time)
        for _ in 0..<25 { _ = try await client.list(.payouts) }
        #expect(time.waits.isEmpty)
        for _ in 0..<75 { _ = try await client.list(.payouts) }
        #expect(time.waits.reduce(0, +) == 3000)
        #expect(time.waits.count == 75)
    }

    @Test("a clock that is set back holds nobody up")
    func clockBack() async throws {
        let time = ManualTime()
        let body = #"{"object":"list","data":[],"has_more":false}"#
        let http = ScriptedHTTP(Array(repeating: .answer(200, [:], body), count: 10))
        let client = try ClientTests.client(http, time)
        _ = try await client.list(.payouts)
        time.advance(-86_400_000)
        _ = try await client.list(.payouts)
        #expect(time.waits.isEmpty)
    }
}

/// Takes its time and loses the answer.
private struct SlowHTTP: HTTPExchanging {
    let time: ManualTime
    let milliseconds: Int64

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        time.advance(milliseconds)
        throw HTTPError(.timedOut, .unknown, "too slow")
    }
}
