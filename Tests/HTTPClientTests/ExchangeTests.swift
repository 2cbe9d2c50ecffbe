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
