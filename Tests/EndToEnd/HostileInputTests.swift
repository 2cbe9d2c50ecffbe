import ChildProcesses
import Cryptography
import Foundation
import Testing

extension EndToEnd {
    @Suite("Hostile input")
    struct HostileInputTests {
        /// Bytes that a node may hold more after all this than before: its pools are warm by then.
        private static let growthMax = 32 << 20

        @Test("slow senders, large, deep and broken bodies are refused, others are served meanwhile, memory stays")
        func hostile() throws {
            let home = try Home()
            let node = try Node(in: home)
            let payer = Person()
            try home.fund(payer.did, 1_000_000)
            let good = Text.settle(try Works().standard(), from: payer.did)
            // Everything warm, then the measure.
            for _ in 0..<3 { try bodies(node, good) }
            #expect(try node.send(.settle(good, by: node.service)).status == 201)
            let entries = try home.verify().entries
            let before = try Processes.residentBytes(node.pid)

            let slow = try (0..<50).map { _ in try Wire(port: node.port) }
            let began = Date()
            for wire in slow { try wire.send(Array("POST /api/settle HTTP/1.1\r\nhost: ".utf8)) }
            for _ in 0..<3 { try bodies(node, good) }
            try requests(node)
            try large(node)
            let asked = Date()
            #expect(try node.send(.get("/api/ready")).status == 200)
            #expect(Date().timeIntervalSince(asked) < Patience.stretch)
            // A byte now and then does not help: the time runs from the first one.
            for wire in slow { try? wire.send([0x61]) }
            let patience = 15 * Patience.stretch
            for wire in slow {
                #expect(wire.isClosed(within: max(0.1, patience - Date().timeIntervalSince(began))))
            }
            #expect(node.process.isRunning)
            #expect(try home.verify().entries == entries)
            let growth = try Processes.residentBytes(node.pid) - before
            print("memory grew by \(growth >> 10) KiB")
            #expect(growth < Self.growthMax, "\(growth) bytes")
            #expect(try node.send(.settle(good, by: node.service)).status == 201)
            try node.stop()
        }

        /// Signed settlements whose bodies are no JSON, or none that a ledger takes.
        private func bodies(_ node: Node, _ good: String) throws {
            func refused(_ what: String, _ body: [UInt8], _ expected: [Int] = [400]) throws {
                let request = Request.post("/api/settle", body, key: UUID().uuidString, by: node.service)
                let answer = reply(what) { () throws(WireFailure) in try node.send(request, within: 10) }
                #expect(expected.contains(answer.status), "\(what): \(answer.text.prefix(300))")
                #expect(answer.json?["trace_id"] != nil, "\(what)")
            }
            func with(_ member: String) -> [UInt8] { Array(("{\(member)," + good.dropFirst()).utf8) }
            func instead(_ text: String, _ other: String) -> [UInt8] {
                Array(good.replacingOccurrences(of: text, with: other).utf8)
            }
            let deep = 100_000
            try refused("deep", Array(repeating: 0x5b, count: deep) + Array(repeating: 0x5d, count: deep))
            try refused(
                "deep metadata",
                with(#""metadata":"# + String(repeating: "[", count: 65) + String(repeating: "]", count: 65)))
            try refused(
                "members", with(#""metadata":{"# + (0..<20_001).map { #""k\#($0)":0"# }.joined(separator: ",") + "}"))
            try refused("twice", with(#""amount":100"#))
            try refused("twice, escaped", with(#""am\u006funt":100"#))
            try refused("1e400", instead(#""amount":100"#, #""amount":1e400"#))
            try refused("1e400 elsewhere", with(#""metadata":{"a":1e400}"#))
            try refused(
                "many digits", instead(#""amount":100"#, #""amount":"# + String(repeating: "9", count: 100_000)))
            try refused("NUL", instead(#""service":"tests""#, #""service":"a\u0000b""#))
            try refused("NUL in the DID", instead(#""from_did":"did:"#, #""from_did":"\u0000did:"#))
            try refused("raw control", instead("tests", "te\u{1}sts"))
            try refused("lone surrogate", instead("tests", #"\ud800"#))
            try refused("lone surrogate in metadata", with(#""metadata":{"a":"\udc00"}"#))
            try refused("no UTF-8", with(#""metadata":{"a":""#).dropLast() + [0xff, 0xfe])
            try refused("overlong", Array(#"{"a":""#.utf8) + [0xc0, 0x80] + Array(#""}"#.utf8))
            try refused("surrogate in UTF-8", Array(#"{"a":""#.utf8) + [0xed, 0xa0, 0x80] + Array(#""}"#.utf8))
            try refused("cut off", Array(good.utf8.dropLast(3)))
            try refused("more behind", Array(good.utf8) + [0x7b])
            try refused("nothing", [])
            try refused("SQL", instead("tests", "'; DROP TABLE pay.books; --"))
        }

        /// The answer to one request; that there is none is a finding about this one, not the end of the test.
        private func reply(_ what: String, _ exchange: () throws(WireFailure) -> Answer) -> Answer {
            do throws(WireFailure) {
                return try exchange()
            } catch {
                return Answer(status: 0, headers: [:], body: Array("\(what): \(error)".utf8))
            }
        }

        /// What is no HTTP, or HTTP that two servers could read in two ways.
        private func requests(_ node: Node) throws {
            let host = "host: \(node.authority)\r\n"
            let (post, get) = ("POST /api/settle HTTP/1.1\r\n\(host)", "GET /api/ready HTTP/1.1\r\n\(host)")
            let requests: [(String, String, [Int])] = [
                ("no HTTP", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n", [400]),
                (
                    "two lengths",
                    "\(post)content-length: 2\r\ncontent-length: 3\r\n\r\n{}x", [400]
                ),
                (
                    "length and chunks",
                    "\(post)content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                    [400]
                ),
                ("less than nothing", "\(post)content-length: -1\r\n\r\n", [400]),
                (
                    "long header",
                    "\(get)a: \(String(repeating: "b", count: 17 << 10))\r\n\r\n", [431]
                ),
                (
                    "many headers",
                    "\(get)\(String(repeating: "a: b\r\n", count: 200))\r\n", [431]
                ),
                ("long target", "GET /\(String(repeating: "a", count: 17 << 10)) HTTP/1.1\r\n\(host)\r\n", [414, 431]),
                ("NUL in a field", "\(get)a: b\0c\r\n\r\n", [400]),
                ("bad escape", "GET /api/balance/%zz HTTP/1.1\r\n\(host)\r\n", [400, 401, 404]),
                ("NUL in the path", "GET /api/manifests/%00 HTTP/1.1\r\n\(host)\r\n", [400, 404]),
            ]
            for (what, text, expected) in requests {
                let answer = reply(what) { () throws(WireFailure) in
                    let wire = try Wire(port: node.port)
                    try wire.send(Array(text.utf8))
                    return try wire.receive(within: 10)
                }
                #expect(expected.contains(answer.status), "\(what): \(answer.status) \(answer.text.prefix(300))")
            }
        }

        /// Bodies past the limit: the client that sends all of it first still reads the answer.
        private func large(_ node: Node) throws {
            for bytes in [(1 << 20) + 1, 3 << 20] {
                let body = [UInt8](repeating: 0x20, count: bytes)
                let answer = try node.send(.post("/api/settle", body, key: "large", by: node.service))
                #expect(answer.summary == "413 body_too_large")
            }
            let wire = try Wire(port: node.port)
            try wire.send(
                Array(
                    "POST /api/settle HTTP/1.1\r\nhost: \(node.authority)\r\ncontent-length: 1099511627776\r\n\r\n".utf8
                ))
            // More than the node drops for anybody; it stops reading there, and has answered.
            try wire.send([UInt8](repeating: 0x20, count: (4 << 20) + 1))
            #expect(try wire.receive(within: 10).status == 413)
        }
    }
}
