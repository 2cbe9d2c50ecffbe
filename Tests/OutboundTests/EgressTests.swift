import Cryptography
import HTTPClient
import Kernel
import LedgerDouble
import Outbound
import Synchronization
import Testing

/// Answers from a table, which may change.
private final class TableResolver: NameResolving {
    private let table: Mutex<[String: [String]]>

    init(_ table: [String: [String]]) { self.table = Mutex(table) }

    func set(_ host: String, _ addresses: [String]) { table.withLock { $0[host] = addresses } }

    func lookUp(_ host: String, answer: @escaping @Sendable (Answer) -> Void) -> @Sendable () -> Void {
        let found = table.withLock { $0[host] }
        answer(found.map { .success($0.compactMap { IPAddress($0) }) } ?? .failure(.unknown))
        return {}
    }
}

@Suite("No delivery goes inside", .timeLimit(.minutes(3)))
struct EgressTests {
    /// How each endpoint's delivery ended.
    private func errors(_ process: OutboundWebhooks, _ endpoints: [String: String]) async throws -> [String: String] {
        var errors: [String: String] = [:]
        for (name, id) in endpoints {
            try await eventually("\(name) is tried") {
                try await process.store.deliveries(of: id, limit: 1).first?.last != nil
            }
            let last = try await process.store.deliveries(of: id, limit: 1).first?.last
            errors[name] = last?.error ?? "status \(last?.status ?? 0)"
        }
        return errors
    }

    @Test("an endpoint that is in the table already is refused when it is delivered to, in every notation")
    func notations() async throws {
        try await WebhookBook.with { book in
            let process = try book.process("")
            var endpoints: [String: String] = [:]
            for (number, host) in InsideURLs.hosts.enumerated() {
                // Past the routes, as if the node had allowed it when it was registered.
                let owner = People.did("owner\(number)")
                book.grant(owner, .all)
                endpoints[host] = try await book.register(process, "https://\(host)/hook", of: owner).id
            }
            try await book.post(Commands.fund("f", People.ada, 1000))
            book.start(process)
            for (host, error) in try await errors(process, endpoints) {
                #expect(error == "webhook_url_refused", "\(host)")
            }
        }
    }

    @Test("a name that leads inside, or outside and inside, is refused: the receiver sees no connection")
    func names() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                let resolver = TableResolver([
                    "one.test": ["127.0.0.1"], "both.test": ["93.184.215.14", "10.0.0.1"],
                    "mapped.test": ["::ffff:127.0.0.1"], "metadata.test": ["169.254.169.254"],
                ])
                let process = try book.process("", resolver: resolver)
                var endpoints: [String: String] = [:]
                for host in ["one.test", "both.test", "mapped.test", "metadata.test", "nobody.test"] {
                    let owner = People.did("owner-\(host.prefix(3))")
                    book.grant(owner, .all)
                    endpoints[host] = try await book.register(process, "https://\(host)/ok", of: owner).id
                }
                try await book.post(Commands.fund("f", People.ada, 1000))
                book.start(process)
                for (host, error) in try await errors(process, endpoints) {
                    #expect(error == (host == "nobody.test" ? "http_name_unresolved" : "egress_address"), "\(host)")
                }
                #expect(try await receiver.seen().isEmpty)
            }
        }
    }

    @Test("a name that moves inside between two deliveries is refused at the second")
    func rebinding() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                // 127.0.0.1 stands for the outside; 127.0.0.2 reaches the same machine, and is not allowed.
                let host = "hook.test:\(receiver.port)"
                let resolver = TableResolver(["hook.test": ["127.0.0.1"]])
                let allowances = try WebhookAllowances("127.0.0.1/32")
                var dependencies = try book.dependencies("127.0.0.1/32")
                let client = try HTTPClient(allowances.clientConfiguration(userAgent: "mjn/test"), resolver: resolver)
                dependencies.http = Rewriting(client: client, from: receiver.url(), to: "http://\(host)/ok")
                let process = OutboundWebhooks(dependencies)
                book.grant(People.shop, .all)
                let endpoint = try await book.register(process, receiver.url())
                try await receiver.know([endpoint.secret.text])
                try await book.post(Commands.fund("f", People.ada, 1000))
                book.start(process)
                try await eventually("the first arrives") { try await receiver.seen().count == 1 }
                resolver.set("hook.test", ["127.0.0.2"])
                try await book.settle("s")
                try await eventually("the second is tried") {
                    try await process.store.deliveries(of: endpoint.id, limit: 9).count { $0.last != nil } == 2
                }
                let second = try await process.store.deliveries(of: endpoint.id, status: .pending, limit: 9)
                #expect(second.map(\.last?.error) == ["egress_address"])
                #expect(try await receiver.seen().count == 1)
                await book.stop()
                await client.shutdown()
            }
        }
    }
}

/// Sends to a name in the place of an address: names other than https on 443 cannot be registered for a network.
private struct Rewriting: HTTPExchanging {
    let client: HTTPClient
    let from: String
    let to: String

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        var request = request
        request.url = request.url == from ? to : request.url
        return try await client.send(request)
    }
}
