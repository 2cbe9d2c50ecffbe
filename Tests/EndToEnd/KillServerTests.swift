import Foundation
import Testing

extension EndToEnd {
    @Suite("The server is killed under load")
    struct KillServerTests {
        @Test(
            "five times: what was answered is there once, the rest at most once, and it serves again in three seconds")
        func rounds() throws {
            let home = try Home()
            var node = try Node(in: home)
            let promise = try Promise(on: node)
            var attempts: [Load.Attempt] = []
            for round in 1...5 {
                let load = Load(on: [node], promise.body, name: "round-\(round)")
                try Patience.until("settlements are under way") { load.settledCount >= 100 }
                try node.killHard()
                let bound = 3 * Patience.stretch
                let (began, settled) = (Date(), load.settledCount)
                node = try Node(in: home, offset: node.offset)
                try Patience.until("the clients settle again") { load.settledCount > settled }
                let took = Date().timeIntervalSince(began)
                #expect(took < bound, "serving again took \(took) s in round \(round)")
                let some = try load.stop()
                print("round \(round): \(some.count) keys, settling again after \(took) s")
                #expect(some.contains { $0.failure == .lost }, "the kill hit requests in flight")
                #expect(
                    some.allSatisfy { [201, 503, nil].contains($0.answer?.status) },
                    "\(Set(some.compactMap { $0.answer?.summary }))")
                attempts += some
            }
            try promise.check(attempts, on: node)
            try node.stop()
            #expect(home.postmaster == nil)
        }
    }
}
