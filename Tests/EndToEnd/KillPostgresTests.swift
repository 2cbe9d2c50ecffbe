import ChildProcesses
import Foundation
import Testing

extension EndToEnd {
    @Suite("Postgres is killed under load")
    struct KillPostgresTests {
        @Test("clients see 201 or 503 only, nobody waits long, and the node serves again by itself")
        func killed() throws {
            let home = try Home()
            let node = try Node(in: home)
            let promise = try Promise(on: node)
            let load = Load(on: [node], promise.body, name: "load")
            for _ in 1...2 {
                let before = load.settledCount
                try Patience.until("settlements are under way") { load.settledCount >= before + 100 }
                let postmaster = try #require(home.postmaster)
                kill(postmaster, SIGKILL)
                let (began, bound) = (Date(), 10 * Patience.stretch)
                // What the postmaster leaves behind may finish what it was at: only a new one counts.
                try Patience.until("Postgres is started again", within: bound) {
                    home.postmaster.map { $0 != postmaster } ?? false
                }
                let restarted = load.settledCount
                try Patience.until("it settles again", within: bound) { load.settledCount >= restarted + 20 }
                let took = Date().timeIntervalSince(began)
                print("settling again \(took) s after Postgres was killed")
                #expect(took < bound)
                #expect(node.process.isRunning)
                #expect(try node.send(.get("/api/ready")).status == 200)
            }
            let attempts = try load.stop()
            for attempt in attempts {
                let answer = try #require(attempt.answer, "\(attempt.key): \(String(describing: attempt.failure))")
                #expect([201, 503].contains(answer.status), "\(attempt.key): \(answer.text)")
                #expect(answer.status == 201 || Int(answer.headers["retry-after"] ?? "") ?? 0 > 0, "\(answer.headers)")
            }
            let slowest = attempts.map(\.seconds).max() ?? 0
            #expect(slowest < 15 * Patience.stretch, "an answer took \(slowest) s")
            #expect(load.refusedConnections == 0)
            try promise.check(attempts, on: node)
            try node.stop()
            #expect(home.postmaster == nil)
        }
    }
}
