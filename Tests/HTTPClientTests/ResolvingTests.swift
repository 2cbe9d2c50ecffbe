import HTTPClient
import Testing

@Suite("Names and their addresses", .timeLimit(.minutes(2)))
struct ResolvingTests {
    private func addresses(_ resolver: SystemResolver, _ host: String) async throws -> [IPAddress] {
        try await withCheckedContinuation { continuation in
            _ = resolver.lookUp(host) { continuation.resume(returning: $0) }
        }.get()
    }

    @Test("the system's resolver knows this machine, reads addresses, and does not know what is no name")
    func system() async throws {
        let resolver = SystemResolver()
        let loopback = try #require(IPAddress("127.0.0.1"))
        #expect(try await addresses(resolver, "localhost").contains(loopback))
        #expect(try await addresses(resolver, "0x7f.1") == [loopback])
        await #expect(throws: NameResolutionError.self) { try await addresses(resolver, "nobody.invalid") }
    }

    @Test("lookups at once are answered, each once, up to the bound; past it they are refused at once")
    func many() async throws {
        let resolver = SystemResolver()
        let total = SystemResolver.waitingMax * 2
        let (found, refused) = await withTaskGroup(of: NameResolving.Answer.self) { group in
            for _ in 0..<total {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        _ = resolver.lookUp("localhost") { continuation.resume(returning: $0) }
                    }
                }
            }
            return await group.reduce(into: (0, 0)) { counts, answer in
                if case .success = answer { counts.0 += 1 }
                if case .failure(.overloaded) = answer { counts.1 += 1 }
            }
        }
        #expect(found >= SystemResolver.waitingMax)
        #expect(found + refused == total)
    }

    @Test("a hundred requests to one name ask for it once")
    func coalesced() async throws {
        let gate = Gate()
        let resolver = FakeResolver(["many.test": ["127.0.0.1"]], gate: gate)
        try await OddServer.with { server in
            try await withClient(resolver: resolver) { client in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<100 {
                        group.addTask {
                            try await client.send(HTTPRequest(.get, "http://many.test:\(server.port)/echo")).status
                        }
                    }
                    gate.open()
                    for try await status in group { #expect(status == 200) }
                }
                #expect(resolver.asked == ["many.test"])
            }
        }
    }

    @Test("a name without an answer ends in time, holds up nobody, and its late answer does no harm")
    func unanswered() async throws {
        let gate = Gate()
        let resolver = FakeResolver(["slow.test": ["127.0.0.1"]], gate: gate)
        try await OddServer.with { server in
            try await withClient(resolver: resolver) { client in
                var slow = HTTPRequest(.post, "http://slow.test:\(server.port)/echo", deadline: .milliseconds(300))
                let ending = Task { [slow] in try await failure(client, slow) }
                #expect(try await client.send(HTTPRequest(.get, server.base + "/echo")).status == 200)
                let error = try await ending.value
                #expect(error.code == .timedOut)
                #expect(error.outcome == .nothingSent)
                gate.open()
                slow.deadline = nil
                #expect(try await client.send(slow).status == 200)
                #expect(resolver.asked.count == 2)
            }
        }
    }

    @Test("a lookup counts towards the time to connect")
    func connectTimeout() async throws {
        let gate = Gate()
        let configuration = HTTPClientConfiguration(egress: .any, connectTimeout: .milliseconds(100))
        try await withClient(configuration, resolver: FakeResolver([:], gate: gate)) { client in
            let error = try await failure(client, HTTPRequest(.post, "http://slow.test/"))
            #expect(error.code == .connectTimedOut)
            #expect(error.outcome == .nothingSent)
        }
        gate.open()
    }

    @Test("a name that is unknown, or has no address: nothing was sent")
    func unknown() async throws {
        try await withClient(resolver: FakeResolver(["empty.test": []])) { client in
            for name in ["unknown.test", "empty.test"] {
                let error = try await failure(client, HTTPRequest(.post, "http://\(name)/", body: [1]))
                #expect(error.code == .nameUnresolved)
                #expect(error.outcome == .nothingSent)
            }
        }
    }
}
