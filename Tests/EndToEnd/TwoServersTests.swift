import Foundation
import Testing

extension EndToEnd {
    @Suite("Two servers on one book")
    struct TwoServersTests {
        /// A signed request counts once in all, not once for each server.
        private func replays(_ first: Node, _ second: Node) throws {
            let request = Request.post("/api/session-keys", "", by: first.service)
            #expect(try first.send(request).status == 201)
            // The bytes that went to the first, sent to the second.
            let wire = try Wire(port: second.port)
            try wire.send(request.bytes(to: first.authority))
            #expect(try wire.receive().summary == "401 signature_replayed")
        }

        @Test("both serve; each in turn sleeps past its lease, the other goes on, and the sleeper writes nothing late")
        func sleepers() throws {
            let home = try Home()
            let settings = ["MJN_LEASE_MS": "1000"]
            let first = try Node(in: home, settings)
            let second = try Node(in: home, settings.merging(["DATABASE_URL": first.databaseURL]) { $1 })
            let promise = try Promise(on: first)
            try replays(first, second)
            #expect(try second.available(promise.payer.did) == first.available(promise.payer.did))
            let (atFirst, atSecond) = (
                Load(on: [first], promise.body, clients: 4, name: "first"),
                Load(on: [second], promise.body, clients: 4, name: "second")
            )
            try Patience.until("both serve") { atFirst.settledCount >= 50 && atSecond.settledCount >= 50 }
            // Whoever writes the book is put to sleep at least once.
            for (sleeper, other, itsLoad) in [(first, second, atSecond), (second, first, atFirst)] {
                sleeper.signal(SIGSTOP)
                let before = itsLoad.settledCount
                let took = Result {
                    try Patience.until("the other settles", within: 10 * Patience.stretch) {
                        itsLoad.settledCount >= before + 50
                    }
                }
                sleeper.signal(SIGCONT)
                print("the other settled 50 within \(try took.get()) s")
                let sleepersLoad = itsLoad === atSecond ? atFirst : atSecond
                let awake = sleepersLoad.settledCount
                let woke = try Patience.until("the sleeper serves again") { sleepersLoad.settledCount >= awake + 20 }
                print("the sleeper served again after \(woke) s")
                #expect(try other.send(.get("/api/ready")).status == 200)
            }
            let attempts = try atFirst.stop() + atSecond.stop()
            print("\(attempts.count) keys; the slowest answer took \(attempts.map(\.seconds).max() ?? 0) s")
            #expect(attempts.allSatisfy { $0.answer != nil }, "every client gets an answer")
            let odd = Set(attempts.compactMap { $0.answer?.summary }).subtracting([
                "201 -", "503 database_unavailable", "503 overloaded", "409 idempotency_in_flight",
            ])
            #expect(odd.isEmpty)
            let retrying = Date()
            try promise.check(attempts, on: second)
            print("retried in \(Date().timeIntervalSince(retrying)) s")
            try second.stop()
            #expect(home.postmaster != nil)
            #expect(try first.send(.get("/api/ready")).status == 200)
            try first.stop()
            #expect(home.postmaster == nil)
        }
    }
}
