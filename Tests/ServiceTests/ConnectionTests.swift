import Cryptography
import Foundation
import Logging
import Service
import Testing

@Suite("Connections")
struct ConnectionTests {
    let routes = [
        Route(.get, "/hello", id: "hello", summary: "Greets.", responses: anyReply) { _ in
            .json(200, Array(#"{"hello":true}"#.utf8))
        },
        Route(.post, "/echo", id: "echo", summary: "Echoes.", request: .any, responses: anyReply) { call in
            _ = try call.json()
            return .json(200, call.body)
        },
        Route(.post, "/small", id: "small", summary: "Little.", request: .any, responses: anyReply, bodyLimit: 100) {
            call in .json(200, call.body)
        },
        Route(.get, "/items/{id}/parts/{part}", id: "part", summary: "Parts.", responses: anyReply) { call in
            .text(200, call.parameter("id") + "|" + call.parameter("part") + "|" + (try call.queryValue("q") ?? "-"))
        },
        Route(.get, "/fails", id: "fails", summary: "Fails.", responses: anyReply) { _ in
            throw ServiceTestError.secret("the password is opensesame")
        },
        Route(.get, "/splits", id: "splits", summary: "Bad header.", responses: anyReply) { _ in
            .empty(200).header("x-user", "a\r\nset-cookie: b")
        },
    ]

    enum ServiceTestError: Error { case secret(String) }

    @Test("replies carry length, type, date and trace id")
    func basics() async throws {
        try await withService(routes) { port, _ in
            let reply = try await exchange("GET", "/hello", port: port)
            #expect(reply.status == 200)
            #expect(String(decoding: reply.body, as: UTF8.self) == #"{"hello":true}"#)
            #expect(reply.headers["content-type"] == "application/json")
            #expect(reply.headers["trace-id"]?.count == 32)
            #expect(reply.headers["date"]?.hasSuffix(" GMT") == true)
            let head = try await exchange("HEAD", "/hello", port: port)
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == "14")
        }
    }

    @Test("a caller's trace is taken over, and a malformed one is not")
    func trace() async throws {
        try await withService(routes) { port, _ in
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            let header = (name: "traceparent", value: "00-\(trace)-00f067aa0ba902b7-01")
            let reply = try await exchange("GET", "/nowhere", port: port, headers: [header])
            #expect(reply.headers["trace-id"] == trace)
            #expect(reply.json["trace_id"] as? String == trace)
            for bad in ["00-\(trace)-0000000000000000-01", "ff-\(trace)-00f067aa0ba902b7-01", "00-xyz", ""] {
                let reply = try await exchange("GET", "/hello", port: port, headers: [("traceparent", bad)])
                #expect(reply.headers["trace-id"] != trace)
                #expect(reply.headers["trace-id"]?.count == 32)
            }
        }
    }

    @Test("every refusal of a request's form is a problem document")
    func refusals() async throws {
        try await withService(routes) { port, _ in
            let json = [(name: "content-type", value: "application/json")]
            let body = Array("{}".utf8)
            let cases: [(String, Int, RawConnection.Response)] = [
                ("not_found", 404, try await exchange("GET", "/nowhere", port: port)),
                ("not_found", 404, try await exchange("GET", "/hello/", port: port)),
                ("method_not_allowed", 405, try await exchange("DELETE", "/hello", port: port)),
                ("method_not_allowed", 405, try await exchange("PROPFIND", "/hello", port: port)),
                ("malformed_json", 400, try await exchange("POST", "/echo", port: port, headers: json, body: [0x7B])),
                ("malformed_json", 400, try await exchange("POST", "/echo", port: port, headers: json)),
                (
                    "unsupported_media_type", 415,
                    try await exchange("POST", "/echo", port: port, headers: [("content-type", "text/xml")], body: body)
                ),
                ("query_invalid", 400, try await exchange("GET", "/items/%zz/parts/1", port: port)),
                ("query_invalid", 400, try await exchange("GET", "/items/a/parts/1?q=1&q=2", port: port)),
                ("query_invalid", 400, try await exchange("GET", "/items/a/parts/1?q=%ff", port: port)),
                ("internal_error", 500, try await exchange("GET", "/fails", port: port)),
                ("internal_error", 500, try await exchange("GET", "/splits", port: port)),
                ("malformed_request", 400, try await exchange("OPTIONS", "*", port: port)),
                ("malformed_request", 400, try await exchange("GET", "/hello", port: port, headers: [("host", "b")])),
            ]
            for (code, status, reply) in cases {
                #expect(reply.code == code)
                #expect(reply.status == status)
                #expect(reply.json["status"] as? Int == status)
                #expect(reply.headers["content-type"] == "application/problem+json")
                #expect(reply.json["trace_id"] as? String == reply.headers["trace-id"])
                #expect(reply.json["type"] as? String == "urn:mjn:problem:" + code)
                #expect(reply.json["title"] is String && reply.json["detail"] is String)
                #expect(!String(decoding: reply.body, as: UTF8.self).contains("opensesame"), "nothing of the inside")
                #expect(reply.headers["set-cookie"] == nil)
            }
            #expect(cases[2].2.headers["allow"] == "GET, HEAD")
        }
    }

    @Test("application/json with parameters, and no content type at all, are taken")
    func contentTypes() async throws {
        try await withService(routes) { port, _ in
            for headers in [[], [(name: "content-type", value: "Application/JSON; charset=utf-8")]] {
                let reply = try await exchange("POST", "/echo", port: port, headers: headers, body: Array("[1]".utf8))
                #expect(reply.status == 200)
            }
        }
    }

    @Test("path parameters and query values are decoded")
    func parameters() async throws {
        try await withService(routes) { port, _ in
            let reply = try await exchange("GET", "/items/did%3Aimajin:x/parts/%C3%A9?a=b&q=1+2%2B", port: port)
            #expect(String(decoding: reply.body, as: UTF8.self) == "did:imajin:x|é|1 2+")
        }
    }

    @Test("a failure is logged with its trace id and its reason")
    func failureLog() async throws {
        let lines = LogLines()
        let trace = try await withService(routes, configure: { $0.logger = lines.logger(.info) }) { port, _ in
            try await exchange("GET", "/fails", port: port).headers["trace-id"] ?? "none"
        }
        let line = lines.all.first { $0.contains("request failed") }
        #expect(line?.contains(trace) == true)
        #expect(line?.contains("opensesame") == true)
    }

    @Test("requests on one connection are answered in order, pipelined or not")
    func keepAlive() async throws {
        try await withService(routes) { port, _ in
            let connection = try RawConnection(port: port)
            var bytes: [UInt8] = []
            for index in 0..<200 {
                bytes += request("POST", "/echo", port: port, body: Array("\(index)".utf8))
                bytes += request("GET", "/hello", port: port)
            }
            let half = bytes.count / 2 + 7
            await connection.send(Array(bytes[..<half]))
            for index in 0..<200 {
                if index == 50 { await connection.send(Array(bytes[half...])) }
                #expect(try await connection.response().body == Array("\(index)".utf8))
                #expect(try await connection.response().status == 200)
            }
            for _ in 0..<3 {
                await connection.send(request("GET", "/hello", port: port))
                #expect(try await connection.response().status == 200)
            }
        }
    }

    @Test("requests that come while one waits are answered after it")
    func pipeliningBehindAWait() async throws {
        let gate = Gate()
        let slow = Route(.get, "/slow", id: "slow", summary: "Waits.", responses: anyReply) { _ in
            await gate.wait()
            return .text(200, "slow")
        }
        try await withService(routes + [slow]) { port, _ in
            let connection = try RawConnection(port: port)
            await connection.send(request("GET", "/slow", port: port))
            await gate.untilArrived()
            for _ in 0..<300 { await connection.send(request("GET", "/hello", port: port)) }
            await connection.send("BROKEN\r\n\r\n")
            connection.finish()
            gate.open()
            #expect(try await connection.response().body == Array("slow".utf8))
            for _ in 0..<300 { #expect(try await connection.response().status == 200) }
            #expect(try await connection.response().code == "malformed_request")
            #expect(try await connection.isClosed())
        }
    }

    @Test("a chunked body is one body, and Expect is answered")
    func chunked() async throws {
        try await withService(routes) { port, _ in
            let connection = try RawConnection(port: port)
            await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n")
            await connection.send("2\r\n,2\r\n1\r\n]\r\n0\r\n\r\n")
            #expect(try await connection.response().body == Array("[1,2]".utf8))
            await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try await connection.response().status == 100)
            await connection.send("[]")
            #expect(try await connection.response().status == 200)
            await connection.send(
                "POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n")
            #expect(try await connection.response().code == "body_too_large")
            #expect(try await connection.isClosed())
        }
    }

    @Test("connection: close, HTTP/1.0 and an upgrade end the connection after the answer")
    func closing() async throws {
        try await withService(routes) { port, _ in
            for head in [
                "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /hello HTTP/1.0\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            ] {
                let connection = try RawConnection(port: port)
                await connection.send(head)
                let reply = try await connection.response()
                #expect(reply.status == 200)
                #expect(reply.headers["connection"] == "close")
                #expect(try await connection.isClosed())
            }
        }
    }
}
