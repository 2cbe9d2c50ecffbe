import ChildProcesses
import Cryptography
import Foundation
import Testing

extension EndToEnd {
    @Suite("Webhooks of a server that is killed under load")
    struct WebhookTests {
        /// A delivery as the receiver saw it.
        private struct Seen: Decodable {
            let id: String
            let verified: [Int]
            let body: String
        }

        /// The receiver of the webhooks' own tests, which verifies with another library.
        private final class Receiver {
            let port: Int
            private let server: ChildServer

            init() throws {
                let script = Program.tests.deletingLastPathComponent()
                    .appendingPathComponent("OutboundTests/python/receiver.py").path
                server = try ChildServer([try Program.python(), "-B", script])
                port = try #require(Int(try server.firstLine()))
            }

            deinit { server.process.end() }

            func send(_ request: Request) throws -> Answer {
                let wire = try Wire(port: port)
                try wire.send(request.bytes(to: "127.0.0.1:\(port)"))
                return try wire.receive(within: 30)
            }

            func seen() throws -> [Seen] {
                try JSONDecoder().decode([Seen].self, from: Data(send(.get("/control/seen")).body))
            }
        }

        @Test("every settlement arrives at least once, verified, and repetitions have one id and the same bytes")
        func killed() throws {
            let receiver = try Receiver()
            let home = try Home()
            let settings = ["MJN_WEBHOOK_ALLOW_NETWORKS": "loopback"]
            var node = try Node(in: home, settings)
            let promise = try Promise(on: node)
            let endpoint = #"{"url":"http://127.0.0.1:\#(receiver.port)/ok","event_types":["settlement.created"]}"#
            let made = try node.send(.post("/api/webhook-endpoints", endpoint, by: node.service))
            try #require(made.status == 201, "\(made.text)")
            let (id, secret) = (try #require(made.json?["id"]?.string), try #require(made.json?["secret"]?.string))
            _ = try receiver.send(.post("/control/secrets", #"["\#(secret)"]"#))
            let load = Load(on: [node], promise.body, clients: 2, name: "webhooks")
            for _ in 1...3 {
                let (seen, settled) = (try receiver.seen().count, load.settledCount)
                try Patience.until("deliveries are under way") {
                    try receiver.seen().count > seen && load.settledCount > settled
                }
                try node.killHard()
                node = try Node(in: home, offset: node.offset, settings)
            }
            let attempts = try load.stop()
            try promise.check(attempts, on: node)
            try Patience.until("every settlement has arrived", within: 240) {
                Set(try receiver.seen().map(\.id)).count >= attempts.count
            }
            let seen = try receiver.seen()
            print("\(attempts.count) settlements, \(seen.count) deliveries")
            #expect(Set(seen.map(\.id)).count == attempts.count)
            #expect(Set(seen.map(\.body)).count == attempts.count)
            #expect(Set(seen.map { $0.id + $0.body }).count == attempts.count)
            #expect(seen.allSatisfy { $0.verified == [0] })
            let listed = try home.mjn(["webhooks", "list", "--format", "json"])
            #expect(listed.status == 0 && listed.out.contains(id) && !listed.out.contains("whsec_"), "\(listed.err)")
            try node.stop()
            for log in try FileManager.default.contentsOfDirectory(atPath: home.path) where log.hasSuffix(".log") {
                #expect(try !Program.text(home(log)).contains(secret))
            }
        }
    }
}
