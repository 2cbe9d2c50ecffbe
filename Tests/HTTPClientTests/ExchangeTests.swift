import Foundation
import HTTPClient
import Testing

@Suite("A request goes out as it is, and the response comes back as it was", .timeLimit(.minutes(2)))
struct ExchangeTests {
    @Test("method, path, query, headers and body arrive unchanged", arguments: HTTPMethod.allCases)
    func arrives(method: HTTPMethod) async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let body = method == .get || method == .head ? [] : Array("käse\0\r\n".utf8)
                let headers: HTTPHeaders = ["X-One": "1", "X-Empty": "", "x-one": "two words", "Accept": "a/b"]
                let request = HTTPRequest(method, server.base + "/echo?q=%2e./..#part", headers: headers, body: body)
                let response = try await client.send(request)
                #expect(response.status == 200)
                if method == .head { return #expect(response.body.isEmpty) }
                let echo = try Echo(response)
                #expect(echo.method == method.rawValue)
                #expect(echo.target == "/echo?q=%2e./..")
                #expect(Array(echo.body) == body)
                #expect(echo.values(of: "x-one") == ["1", "two words"])
                #expect(echo.values(of: "x-empty") == [""])
                #expect(echo.values(of: "accept") == ["a/b"])
                #expect(echo.values(of: "host") == ["127.0.0.1:\(server.port)"])
                #expect(echo.values(of: "user-agent") == ["mjn"])
                #expect(echo.values(of: "content-type").isEmpty)
                #expect(echo.values(of: "expect").isEmpty)
            }
        }
    }

    @Test("dot segments are not resolved: what was signed is what arrives")
    func pathAsIs() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest(.get, server.base + "/status/../echo?x"))
                #expect(response.status == 404)
            }
        }
    }
}

@Suite("What a server may send, and how often a connection serves", .timeLimit(.minutes(2)))
struct ResponseTests {
    @Test("headers keep their order and are found whatever their case")
    func headers() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let headers = try await client.send(HTTPRequest(.get, server.base + "/echo")).headers
                #expect(headers["content-TYPE"] == "application/json")
                #expect(headers.values(of: "X-Twice") == ["one", "two"])
                #expect(headers["X-Empty"]?.isEmpty == true)
                #expect(headers["X-None"] == nil)
                let names = headers.fields.map(\.name)
                #expect(names == ["Content-Length", "Content-Type", "X-Twice", "x-twice", "X-Empty"])
            }
        }
    }

    @Test("chunks are joined, trailers left out; a body may end with its connection; folded lines are joined")
    func framing() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let chunked = try await client.send(HTTPRequest(.get, server.base + "/chunked?n=500"))
                #expect(chunked.body == Array(String(repeating: "chunked", count: 500).utf8))
                #expect(chunked.headers["X-Late"] == nil)
                let closed = try await client.send(HTTPRequest(.get, server.base + "/until-close"))
                #expect(closed.body == Array("all of it".utf8))
                let interim = try await client.send(HTTPRequest(.get, server.base + "/interim"))
                #expect(interim.status == 200)
                #expect(interim.headers["X-Hint"] == nil)
                #expect(interim.headers["X-Folded"] == "one two")
                #expect(interim.body == Array("ok".utf8))
            }
        }
    }

    @Test("every status is a response, redirects too: none is followed", arguments: [204, 304, 404, 409, 503])
    func statuses(code: Int) async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest(.get, server.base + "/status?code=\(code)"))
                #expect(response.status == code)
                let to = server.base + "/echo"
                let redirect = try await client.send(HTTPRequest(.post, server.base + "/redirect?to=\(to)"))
                #expect(redirect.status == 302)
                #expect(redirect.headers["Location"] == to)
                #expect(try await server.counts().requests["/echo"] == nil)
            }
        }
    }

    @Test("requests one after the other share a connection, and a shutdown closes it")
    func keepAlive() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                for _ in 0..<20 {
                    let response = try await client.send(HTTPRequest(.post, server.base + "/echo", body: [1]))
                    #expect(try Echo(response).connection == 1)
                }
            }
            try await server.wait("/alone")
        }
    }

    @Test("a client that is released closes its connections too")
    func released() async throws {
        try await OddServer.with { server in
            do {
                let client = try HTTPClient(HTTPClientConfiguration(egress: .any))
                _ = try await client.send(HTTPRequest(.get, server.base + "/echo"))
            }
            try await server.wait("/alone")
        }
    }

    @Test("a body up to the limit is whole; one byte more is an error, by length or by chunks")
    func limit() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                var request = HTTPRequest(.get, server.base + "/bytes?n=100000", responseBytesMax: 100_000)
                #expect(try await client.send(request).body.count == 100_000)
                request.url = server.base + "/bytes?n=100001"
                let error = try await failure(client, request)
                #expect(error.code == .responseTooLarge)
                #expect(error.outcome == .unknown)
                #expect(error.status == 200)
                request = HTTPRequest(.get, server.base + "/chunked?n=1000", responseBytesMax: 6999)
                #expect(try await failure(client, request).code == .responseTooLarge)
                request = HTTPRequest(.get, server.base + "/status?code=200", responseBytesMax: 0)
                #expect(try await client.send(request).body.isEmpty)
            }
        }
    }
}
