import Cryptography
import Service
import Testing

/// Parts of a service that answer in a protocol's own words.
@Suite("Dialects")
struct DialectTests {
    private static func dialect(_ prefixes: [String], options: Bool = true) -> Dialect {
        Dialect(
            prefixes: prefixes, headers: [("Access-Control-Allow-Origin", "*")], answersOptions: options,
            errorSchema: .any
        ) { problem, _ in
            var out = JSONWriter()
            out.beginObject()
            out.field("error", problem.code.code)
            out.endObject()
            return Reply.json(problem.code.status, out.bytes)
        }
    }

    private static let spoken = dialect(["/spoken"])
    private static let routes = [
        Route(.get, "/plain", id: "plain", summary: "Plain.", responses: anyReply) { _ in .json(200, Array("1".utf8)) },
        Route(.get, "/spoken/one", id: "one", summary: "One.", responses: anyReply, dialect: spoken) { _ in
            .json(200, Array("1".utf8))
        },
        Route(
            .post, "/spoken/any", id: "any", summary: "JSON of any name.", request: .any, requestType: .anyJSON,
            responses: anyReply, bodyLimit: 64, dialect: spoken
        ) { call in
            _ = try call.json()
            return .json(200, Array("\"\(call.clientAddress ?? "")\"".utf8))
        },
        Route(
            .put, "/spoken/bytes", id: "bytes", summary: "Bytes.", requestType: .bytes, responses: anyReply,
            bodyLimit: 64, dialect: spoken
        ) { call in .json(200, Array("\(call.body.count)".utf8)) },
    ]

    private func serve(_ body: (Int) async throws -> Void) async throws {
        try await withService(Self.routes, configure: { $0.dialects = [Self.spoken] }) { port, _ in
            try await body(port)
        }
    }

    @Test("refusals below its prefix are in its words, with its header fields, route or none")
    func refusals() async throws {
        try await serve { port in
            for (method, path, status) in [
                ("GET", "/spoken/none", 404), ("GET", "/spoken", 404), ("DELETE", "/spoken/one", 405),
                ("POST", "/spoken/any", 400),
            ] {
                let answer = try await exchange(
                    method, path, port: port, body: method == "POST" ? Array("{".utf8) : nil)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.json["error"] is String, "\(method) \(path)")
                #expect(answer.headers["access-control-allow-origin"] == "*")
            }
            let long = try await exchange("PUT", "/spoken/bytes", port: port, body: [UInt8](repeating: 0, count: 65))
            #expect(long.status == 413)
            #expect(long.json["error"] as? String == "body_too_large")
        }
    }

    @Test("elsewhere nothing changes")
    func elsewhere() async throws {
        try await serve { port in
            let refused = try await exchange("GET", "/spokenish", port: port)
            #expect(refused.code == "not_found")
            #expect(refused.headers["access-control-allow-origin"] == nil)
            let plain = try await exchange("GET", "/plain", port: port)
            #expect(plain.headers["access-control-allow-origin"] == nil)
            #expect(try await exchange("OPTIONS", "/plain", port: port).status == 405)
        }
    }

    @Test("OPTIONS is 204 on every path of it")
    func options() async throws {
        try await serve { port in
            for path in ["/spoken", "/spoken/one", "/spoken/none?x=1"] {
                let answer = try await exchange("OPTIONS", path, port: port)
                #expect(answer.status == 204, "\(path)")
                #expect(answer.body.isEmpty)
                #expect(answer.headers["access-control-allow-origin"] == "*")
            }
        }
    }

    @Test("a route takes the media types that it says")
    func mediaTypes() async throws {
        try await serve { port in
            for type in ["application/json", "text/plain", "application/octet-stream"] {
                let headers = [(name: "Content-Type", value: type)]
                let any = try await exchange(
                    "POST", "/spoken/any", port: port, headers: headers, body: Array("[]".utf8))
                #expect(any.status == 200, "\(type)")
                #expect(any.body == Array(#""127.0.0.1""#.utf8))
                let bytes = try await exchange("PUT", "/spoken/bytes", port: port, headers: headers, body: [0, 255])
                #expect(bytes.status == 200 && bytes.body == Array("2".utf8), "\(type)")
            }
        }
    }
}
