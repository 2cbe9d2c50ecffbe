import Foundation
import Glibc
import HTTPClient
import Testing

@Suite("An error says what went wrong, and whether anything can have been sent", .timeLimit(.minutes(2)))
struct FailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let code: HTTPError.Code
        var status: Int?
        var testDescription: String { path }
    }

    static let broken = [
        Case(path: "/short", code: .connectionLost, status: 200),
        Case(path: "/reset", code: .connectionLost, status: 200),
        Case(path: "/chunked-cut", code: .connectionLost, status: 200),
        Case(path: "/nothing", code: .connectionLost),
        Case(path: "/reset-mid-upload", code: .connectionLost),
        Case(path: "/no-http", code: .responseMalformed),
        Case(path: "/no-colon", code: .responseMalformed),
        Case(path: "/long-headers", code: .responseTooLarge),
    ]

    @Test("a response that is not whole leaves the outcome unknown", arguments: broken)
    func incomplete(example: Case) async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let body = [UInt8](repeating: 7, count: 4 << 20)
                let error = try await failure(client, HTTPRequest(.post, server.base + example.path, body: body))
                #expect(error.code == example.code, "\(error)")
                #expect(error.outcome == .unknown)
                #expect(error.status == example.status)
                // The connection is not used again.
                let next = try Echo(try await client.send(HTTPRequest(.get, server.base + "/echo")))
                #expect(next.connection == 2)
            }
        }
    }

    @Test(
        "a server that does not come to its end meets the deadline",
        arguments: ["/slow-headers", "/hang?name=a", "/hang?name=a&part"])
    func deadline(path: String) async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let request = HTTPRequest(.get, server.base + path, deadline: .seconds(1))
                let error = try await failure(client, request)
                #expect(error.code == .timedOut)
                #expect(error.outcome == .unknown)
                try await server.wait("/alone")
            }
        }
    }

    @Test("nobody listens: nothing was sent")
    func refused() async throws {
        // Bound and never listening: nobody else can have the port meanwhile.
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(holder) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(holder, $0, size) == 0 && getsockname(holder, $0, &size) == 0
            }
        }
        try #require(bound)
        let port = UInt16(bigEndian: address.sin_port)
        try await withClient { client in
            for host in ["127.0.0.1", "localhost"] {
                let error = try await failure(client, HTTPRequest(.post, "http://\(host):\(port)/", body: [1]))
                #expect(error.code == .connectFailed)
                #expect(error.outcome == .nothingSent)
                #expect(error.message.contains("http://\(host):\(port)"))
            }
        }
    }

    @Test("no TLS handshake in time: nothing was sent")
    func handshake() async throws {
        try await OddServer.with { server in
            let configuration = HTTPClientConfiguration(egress: .any, connectTimeout: .milliseconds(300))
            try await withClient(configuration) { client in
                let error = try await failure(client, HTTPRequest(.post, "https://127.0.0.1:\(server.port)/"))
                #expect(error.code == .connectTimedOut)
                #expect(error.outcome == .nothingSent)
            }
        }
    }

    @Test("a kept connection that breaks: GET goes out again, POST does not, with a body or without")
    func secondSend() async throws {
        let path = "/once-a-connection"
        try await OddServer.with { server in
            try await withClient { client in
                for _ in 0..<2 {
                    let response = try await client.send(HTTPRequest(.get, server.base + path))
                    #expect(response.body == Array("first".utf8))
                }
                // Two of the first connection, one of the second.
                let counts = try await server.counts()
                #expect(counts.requests[path] == 3)
            }
        }
        for body in [[], [1, 2, 3]] as [[UInt8]] {
            for method in [HTTPMethod.post, .patch] {
                try await OddServer.with { server in
                    try await withClient { client in
                        let request = HTTPRequest(method, server.base + path, body: body)
                        #expect(try await client.send(request).status == 200)
                        let error = try await failure(client, request)
                        #expect(error.code == .connectionLost)
                        #expect(error.outcome == .unknown)
                        #expect(try await server.counts().requests[path] == 2)
                    }
                }
            }
        }
    }

    @Test("errors, requests and headers show neither paths, queries nor values")
    func secrets() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let headers: HTTPHeaders = ["Authorization": "Bearer s3cret", "X-Key": "s3cret"]
                for path in ["/short?key=s3cret", "/nothing/s3cret", "/no-http?s3cret", "/s3cret\u{7}"] {
                    var request = HTTPRequest(.post, server.base + path, headers: headers, body: Array("s3cret".utf8))
                    request.deadline = .seconds(1)
                    if path.hasPrefix("/nothing") { request.url = "https://127.0.0.1:\(server.port)" + path }
                    let error = try await failure(client, request)
                    var text = "\(error) \(request) \(headers) \(headers.fields)"
                    dump(error, to: &text)
                    dump(request, to: &text)
                    dump(headers, to: &text)
                    #expect(!text.contains("s3cret"))
                    #expect(text.contains("Authorization"))
                }
            }
        }
    }
}
