import HTTPClient
import Synchronization
import Testing

@Suite("A guarded client connects to what was judged, or not at all", .timeLimit(.minutes(2)))
struct GuardedClientTests {
    static let insideURLs = [
        "http://127.0.0.1:PORT/", "http://2130706433:PORT/", "http://0x7f.1:PORT/", "http://0177.0.0.1:PORT/",
        "http://127.1:PORT/", "http://0:PORT/", "http://localhost:PORT/", "http://a.localhost:PORT/",
        "http://localhost.:PORT/", "http://[::1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://[::7f00:1]:PORT/",
        "http://%6cocalhost:PORT/", "http://user@127.0.0.1:PORT/", "http://127.0.0.1.:PORT/", "http://here.test:PORT/",
        "http://both.test:PORT/", "http://both-reversed.test:PORT/", "http://mapped.test:PORT/",
    ]

    @Test("no spelling and no name leads inside: the server never sees a connection")
    func inside() async throws {
        let resolver = FakeResolver([
            "here.test": ["127.0.0.1"], "both.test": ["93.184.215.14", "127.0.0.1"],
            "both-reversed.test": ["::1", "93.184.215.14"], "mapped.test": ["::ffff:127.0.0.1"],
        ])
        try await OddServer.with { server in
            let port = try #require(UInt16(exactly: server.port))
            let configuration = HTTPClientConfiguration(egress: .publicInternet(ports: [port]))
            try await withClient(configuration, resolver: resolver) { client in
                for url in Self.insideURLs {
                    let url = url.replacing("PORT", with: "\(server.port)")
                    let error = try await failure(client, HTTPRequest(.post, url, body: [1]))
                    #expect(error.code == (url.contains("@") ? .addressInvalid : .egressRefused), "\(url): \(error)")
                    #expect(error.outcome == .nothingSent)
                    #expect((error.refusal != nil) != url.contains("@"))
                }
            }
            // That of the question.
            #expect(try await server.counts().connections == 1)
        }
    }

    @Test("the port is judged before the name is looked up")
    func port() async throws {
        let resolver = FakeResolver(["a.test": ["93.184.215.14"]])
        try await withClient(HTTPClientConfiguration(), resolver: resolver) { client in
            let error = try await failure(client, HTTPRequest(.get, "http://a.test:22/"))
            #expect(error.refusal == .port(22))
            #expect(resolver.asked.isEmpty)
        }
    }

    /// Lets one loopback address count as public, so that a real connection can be made.
    private func policy(_ server: OddServer) throws -> EgressPolicy {
        try .publicInternet(
            ports: [#require(UInt16(exactly: server.port))], ranges: [#require(AddressRange("127.0.0.1/32"))])
    }

    @Test("the address that was judged is the one that is used: no other name service is asked")
    func pinned() async throws {
        // No name server knows `.test` (RFC 6761, section 6.2), so the connection can only come from the answer here.
        let resolver = FakeResolver(["hook.test": ["127.0.0.1"]])
        try await OddServer.with { server in
            try await withClient(HTTPClientConfiguration(egress: policy(server)), resolver: resolver) { client in
                let request = HTTPRequest(.get, "http://Hook.test.:\(server.port)/echo")
                for _ in 0..<3 {
                    let echo = try Echo(try await client.send(request))
                    #expect(echo.values(of: "host") == ["hook.test:\(server.port)"])
                    #expect(echo.connection == 1)
                }
                // One lookup serves for a while.
                #expect(resolver.asked == ["hook.test"])
            }
        }
    }

    @Test("a name that moves inside after it was judged is refused, kept connection or not")
    func rebinding() async throws {
        try await OddServer.with { server in
            for name in ["hook.test", "close.test"] {
                let resolver = FakeResolver([name: ["127.0.0.1"]])
                let configuration = HTTPClientConfiguration(egress: try policy(server), addressesKeptFor: .zero)
                try await withClient(configuration, resolver: resolver) { client in
                    let path = name == "hook.test" ? "/echo" : "/until-close"
                    let request = HTTPRequest(.get, "http://\(name):\(server.port)\(path)")
                    #expect(try await client.send(request).status == 200)
                    // 127.0.0.2 reaches the same machine, and is not in the range.
                    resolver.answers = [name: ["127.0.0.2"]]
                    let error = try await failure(client, request)
                    #expect(error.refusal?.code == "egress_address")
                    resolver.answers = [name: ["127.0.0.1", "127.0.0.2"]]
                    #expect(try await failure(client, request).code == .egressRefused)
                    resolver.answers = [name: ["127.0.0.1"]]
                    #expect(try await client.send(request).status == 200)
                    #expect(resolver.asked.count == 4)
                }
            }
            #expect(try await server.counts().requests == ["/echo": 2, "/until-close": 2, "/counts": 1])
        }
    }

    @Test("a redirect to the inside is an answer, and goes nowhere")
    func redirect() async throws {
        let resolver = FakeResolver(["hook.test": ["127.0.0.1"]])
        try await OddServer.with { server in
            try await withClient(HTTPClientConfiguration(egress: policy(server)), resolver: resolver) { client in
                let to = "http://127.0.0.2:\(server.port)/echo"
                let request = HTTPRequest(.get, "http://hook.test:\(server.port)/redirect?to=\(to)")
                let response = try await client.send(request)
                #expect(response.status == 302)
            }
            #expect(try await server.counts().requests["/echo"] == nil)
        }
    }

    @Test("the next address is tried where the first does not answer")
    func fallback() async throws {
        let resolver = FakeResolver(["two.test": ["127.0.0.3", "127.0.0.1"]])
        try await OddServer.with { server in
            try await withClient(resolver: resolver) { client in
                // The server listens on 127.0.0.1 alone.
                let response = try await client.send(HTTPRequest(.get, "http://two.test:\(server.port)/echo"))
                #expect(response.status == 200)
            }
        }
    }
}
