import HTTPClient
import Synchronization
import Testing

@Suite("Many requests, and those that end early", .timeLimit(.minutes(2)))
struct ConcurrencyTests {
    @Test("a hundred requests at once are all answered, by no more connections than the limit")
    func hundred() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            let body = [UInt8](repeating: UInt8(number), count: 10_000)
                            let request = HTTPRequest(.post, server.base + "/echo", body: body)
                            return Array(try Echo(try await client.send(request)).body) == body
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(answered == 100)
                #expect(try await server.counts().connections <= 16 + 1)
            }
        }
    }

    @Test("as many go out at once as the limit allows to one origin, and not one more")
    func limit() async throws {
        try await OddServer.with { server in
            try await withClient(HTTPClientConfiguration(egress: .any, inFlightPerOriginMax: 5)) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<30 {
                        group.addTask {
                            let response = try await client.send(HTTPRequest(.get, server.base + "/barrier?n=5"))
                            #expect(response.status == 200)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await server.counts().atOnceMax["/barrier"] == 5)
        }
    }

    @Test("past the queue a request is refused; within it, it waits no longer than its deadline; nothing of it is sent")
    func overload() async throws {
        try await OddServer.with { server in
            let configuration = HTTPClientConfiguration(egress: .any, inFlightMax: 1, waitingMax: 1)
            try await withClient(configuration) { client in
                let hanging = Task { try await client.send(HTTPRequest(.get, server.base + "/hang?name=first")) }
                try await server.wait("/seen?path=/hang&n=1")
                let error = try await failure(
                    client, HTTPRequest(.post, server.base + "/echo", deadline: .milliseconds(50)))
                #expect(error.code == .timedOut)
                #expect(error.outcome == .nothingSent)
                // Two for one place in the queue: the other one is answered once the first has ended.
                let request = HTTPRequest(.post, server.base + "/echo")
                try await withThrowingTaskGroup(of: HTTPError.Code?.self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            do throws(HTTPError) {
                                _ = try await client.send(request)
                                return nil
                            } catch {
                                return error.code
                            }
                        }
                    }
                    let refused = try await group.next()
                    #expect(refused == .some(.overloaded))
                    hanging.cancel()
                    let answered = try await group.next()
                    #expect(answered == .some(nil))
                }
                _ = await hanging.result
                #expect(try await server.counts().requests["/echo"] == 1)
            }
        }
    }

    @Test("cancellation ends the exchange and closes its connection", arguments: ["", "&part"])
    func cancellation(part: String) async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let task = Task { try await failure(client, HTTPRequest(.post, server.base + "/hang?name=c\(part)")) }
                try await server.wait("/seen?path=/hang&n=1")
                task.cancel()
                let error = try await task.value
                #expect(error.code == .cancelled)
                #expect(error.outcome == .unknown)
                try await server.wait("/closed?name=c")
                #expect(client.openHandles == 0)
            }
        }
    }

    @Test("a task that was cancelled before sends nothing")
    func cancelledBefore() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let gate = Gate()
                let task = Task {
                    await gate.wait()
                    return try await failure(client, HTTPRequest(.post, server.base + "/echo"))
                }
                task.cancel()
                gate.open()
                let error = try await task.value
                #expect(error.code == .cancelled)
                #expect(error.outcome == .nothingSent)
                #expect(try await server.counts().requests["/echo"] == nil)
            }
        }
    }

    @Test("a shutdown ends what runs and what waits, and takes nothing more")
    func shutdown() async throws {
        try await OddServer.with { server in
            let client = try HTTPClient(HTTPClientConfiguration(egress: .any, inFlightPerOriginMax: 3))
            let tasks = (0..<10).map { _ in
                Task { try await failure(client, HTTPRequest(.post, server.base + "/hang?name=s")) }
            }
            try await server.wait("/seen?path=/hang&n=3")
            await client.shutdown()
            #expect(client.openHandles == 0)
            let errors = try await Self.values(of: tasks)
            #expect(errors.count { $0.code == .closed && $0.outcome == .unknown } == 3)
            #expect(errors.count { $0.code == .closed && $0.outcome == .nothingSent } == 7)
            let late = try await failure(client, HTTPRequest(.get, server.base + "/echo"))
            #expect(late == HTTPError(.closed, .nothingSent, "the HTTP client was shut down"))
            await client.shutdown()
            try await server.wait("/closed?name=s")
        }
    }

    private static func values(of tasks: [Task<HTTPError, any Error>]) async throws -> [HTTPError] {
        var values: [HTTPError] = []
        for task in tasks { values.append(try await task.value) }
        return values
    }

    @Test("no handle is left, however exchanges end")
    func handles() async throws {
        try await OddServer.with { server in
            try await withClient { client in
                let paths = ["/echo", "/short", "/reset", "/nothing", "/bytes?n=2000000", "/hang?name=h", "/no-http"]
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<140 {
                        let url = server.base + paths[number % paths.count]
                        let request = HTTPRequest(.post, url, deadline: .milliseconds(500))
                        group.addTask { _ = try? await client.send(request) }
                    }
                }
                #expect(client.openHandles == 0)
            }
        }
    }
}
