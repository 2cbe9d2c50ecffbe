import Cryptography
import Foundation
import Service
import ServiceLifecycle
import Testing

@Suite("Limits of a connection")
struct ConnectionLimitTests {
    let echo = Route(.post, "/echo", id: "echo", summary: "Echoes.", request: .any, responses: anyReply) { call in
        .text(200, "\(call.body.count)")
    }
    let batch = Route(
        .post, "/batch", id: "batch", summary: "More.", request: .any, responses: anyReply,
        bodyLimit: ServiceLimits.batchBody, jsonLimits: .batch
    ) { call in .text(200, "\(call.body.count)") }

    func quick(_ configuration: inout ServiceConfiguration) {
        configuration.timeouts.headersMilliseconds = 150
        configuration.timeouts.bodyMilliseconds = 150
        configuration.timeouts.idleMilliseconds = 150
        configuration.timeouts.lingerMilliseconds = 150
        configuration.timeouts.shutdownMilliseconds = 150
    }

    /// Only the wait after a last answer is short: a machine under load may take its time to send.
    func quickLinger(_ configuration: inout ServiceConfiguration) {
        configuration.timeouts.lingerMilliseconds = 150
    }

    @Test("a body of the limit is taken, one byte more is not, and the connection goes on")
    func bodyLimit() async throws {
        try await withService([echo, batch]) { port, _ in
            let connection = try RawConnection(port: port)
            let cases = [
                ("/echo", 1 << 20, 200), ("/echo", (1 << 20) + 1, 413), ("/echo", 4 << 20, 413),
                ("/batch", 8 << 20, 200), ("/echo", 0, 200),
            ]
            for (target, count, status) in cases {
                let body = [UInt8](repeating: 0x20, count: count)
                await connection.send(request("POST", target, port: port, body: body))
                let reply = try await connection.response()
                #expect(reply.status == status, "\(target) \(count)")
                if status == 200 { #expect(reply.body == Array("\(count)".utf8)) }
                if status == 413 { #expect(reply.code == "body_too_large") }
            }
        }
    }

    @Test("a body far over the limit gets its answer too, chunked or not")
    func hugeBody() async throws {
        try await withService([echo], configure: quickLinger) { port, _ in
            let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
            let plain = try RawConnection(port: port)
            await plain.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
            let chunked = try RawConnection(port: port)
            await chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            // The service takes 4 MiB and answers; what is sent after that may or may not be taken.
            for _ in 0..<5 {
                await plain.send(chunk)
                await chunked.send(Array("100000\r\n".utf8) + chunk + Array("\r\n".utf8))
            }
            for connection in [plain, chunked] {
                let reply = try await connection.response()
                #expect(reply.code == "body_too_large")
                #expect(reply.headers["connection"] == "close")
                #expect(try await connection.isClosed())
            }
        }
    }

    @Test("header fields up to 16 KiB are taken, more get 431")
    func headers() async throws {
        try await withService([echo]) { port, _ in
            let fits = [(name: "x", value: String(repeating: "a", count: 16_000))]
            #expect(try await exchange("POST", "/echo", port: port, headers: fits, body: []).status == 200)
            let long = [(name: "x", value: String(repeating: "a", count: 16_384))]
            let many = (0..<101).map { (name: "x\($0)", value: "a") }
            let wide = (0..<20).map { (name: "x\($0)", value: String(repeating: "a", count: 1000)) }
            for headers in [long, many, wide] {
                let reply = try await exchange("POST", "/echo", port: port, headers: headers, body: [])
                #expect(reply.status == 431)
                #expect(reply.code == "headers_too_large")
                #expect(reply.headers["content-type"] == "application/problem+json")
            }
            let target = try await exchange("GET", "/" + String(repeating: "a", count: 17_000), port: port)
            #expect(target.status == 431)
        }
    }

    @Test(
        "what is not HTTP is answered 400 and closed",
        arguments: [
            "GET / HTTP/3.0\r\n\r\n", "hello\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\nHo st: a\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n",
        ])
    func notHTTP(text: String) async throws {
        try await withService([echo], configure: quickLinger) { port, _ in
            let connection = try RawConnection(port: port)
            await connection.send(text)
            let reply = try await connection.response()
            #expect(reply.code == "malformed_request")
            #expect(try await connection.isClosed())
        }
    }

    @Test("header fields that do not end in time get 408, byte by byte as well")
    func slowHeaders() async throws {
        try await withService([echo], configure: quick) { port, _ in
            let connection = try RawConnection(port: port)
            await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\n")
            #expect(try await connection.response().code == "request_timeout")
            #expect(try await connection.isClosed())
            let trickle = try RawConnection(port: port)
            let trickler = Task {
                for _ in 0..<10_000 where await trickle.send("GET /".map { "\($0)" }.randomElement() ?? "") {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            let reply = try await trickle.response()
            trickler.cancel()
            #expect(["request_timeout", "malformed_request"].contains(reply.code))
        }
    }

    @Test("a body that does not end in time gets 408")
    func slowBody() async throws {
        try await withService([echo], configure: quick) { port, _ in
            let connection = try RawConnection(port: port)
            await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
            let reply = try await connection.response()
            #expect(reply.code == "request_timeout")
            #expect(reply.status == 408)
            #expect(try await connection.isClosed())
        }
    }

    @Test("an idle connection is closed without a word")
    func idle() async throws {
        try await withService([echo], configure: quick) { port, _ in
            #expect(try await RawConnection(port: port).isClosed())
            let used = try RawConnection(port: port)
            await used.send(request("POST", "/echo", port: port, body: []))
            #expect(try await used.response().status == 200)
            #expect(try await used.isClosed())
        }
    }

    @Test("a client that half-closes is answered; one that leaves in the middle harms nobody")
    func halfClose() async throws {
        try await withService([echo], configure: quickLinger) { port, _ in
            let connection = try RawConnection(port: port)
            await connection.send(request("POST", "/echo", port: port, body: Array("12".utf8)))
            connection.finish()
            #expect(try await connection.response().body == Array("2".utf8))
            #expect(try await connection.isClosed())
            for cut in ["", "POST", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12"] {
                let leaving = try RawConnection(port: port)
                await leaving.send(cut)
                leaving.finish()
                #expect(try await leaving.isClosed())
            }
            #expect(try await exchange("POST", "/echo", port: port, body: []).status == 200)
        }
    }

    @Test("bodies over the memory given to them are refused with 503, and the memory comes back")
    func bodyBudget() async throws {
        try await withService([batch], configure: { $0.bodiesInMemory = 1 << 20 }) { port, _ in
            let large = [UInt8](repeating: 0x20, count: 2 << 20)
            for _ in 0..<3 {
                let refused = try await exchange("POST", "/batch", port: port, body: large)
                #expect(refused.code == "overloaded")
                #expect(refused.headers["retry-after"] == "1")
                let taken = try await exchange("POST", "/batch", port: port, body: Array(large[..<(1 << 20)]))
                #expect(taken.status == 200)
            }
        }
    }

    @Test("over the limit of connections, new ones wait until one ends")
    func connections() async throws {
        try await withService([echo], configure: { $0.connectionsMax = 1 }) { port, _ in
            var first: RawConnection? = try RawConnection(port: port)
            await first?.send(request("POST", "/echo", port: port, body: []))
            #expect(try await first?.response().status == 200)
            let second = try RawConnection(port: port)
            await second.send(request("POST", "/echo", port: port, body: []))
            first = nil
            #expect(try await second.response().status == 200)
        }
    }

    @Test("told to stop, the service finishes what is in flight and accepts no more")
    func shutdown() async throws {
        let gate = Gate()
        let slow = Route(.get, "/slow", id: "slow", summary: "Waits.", responses: anyReply) { _ in
            await gate.wait()
            return .text(200, "done")
        }
        try await withService([slow]) { port, group in
            let idle = try RawConnection(port: port)
            let connection = try RawConnection(port: port)
            await connection.send(request("GET", "/slow", port: port))
            await gate.untilArrived()
            await group.triggerGracefulShutdown()
            #expect(try await idle.isClosed())
            // The listening socket closes beside the idle connection, in either order.
            var isRefused = false
            for _ in 0..<500 where !isRefused {
                do {
                    _ = try RawConnection(port: port)
                    try await Task.sleep(for: .milliseconds(10))
                } catch {
                    isRefused = true
                }
            }
            #expect(isRefused)
            gate.open()
            let reply = try await connection.response()
            #expect(reply.body == Array("done".utf8))
            #expect(reply.headers["connection"] == "close")
            #expect(try await connection.isClosed())
        }
    }

    @Test("told to stop, the service does not wait for ever")
    func shutdownLimit() async throws {
        let gate = Gate()
        let slow = Route(.get, "/slow", id: "slow", summary: "Waits.", responses: anyReply) { _ in
            await gate.wait()
            return .text(200, "done")
        }
        try await withService([slow], configure: quick) { port, group in
            let connection = try RawConnection(port: port)
            await connection.send(request("GET", "/slow", port: port))
            await gate.untilArrived()
            await group.triggerGracefulShutdown()
            #expect(try await connection.isClosed())
        }
        gate.open()
    }
}
