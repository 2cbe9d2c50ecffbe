import Cryptography
import Kernel
import LedgerDouble
import LedgerStore
import Outbound
import PostgresClient
import Settlement
import Testing

@Suite("The feed follows the journal", .timeLimit(.minutes(3)))
struct FeedTests {
    /// An endpoint's deliveries by the number of their entry, with their bodies.
    private func deliveries(_ book: WebhookBook, _ endpoint: String) throws -> [(
        seq: Int64, type: String, body: JSONValue
    )] {
        try book.sql { connection in
            try connection.query(
                "SELECT seq, type, body FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY seq", [.text(endpoint)]
            ).map { (try $0.int8(0), try $0.text(1), try JSONDocument(parsing: $0.bytea(2)).root) }
        }
    }

    @Test("every entry is one delivery, with its number, hash, cause, and the balances after it")
    func bodies() async throws {
        try await WebhookBook.with { book in
            book.grant(People.shop, .all)
            let process = try book.process()
            let endpoint = try await book.register(process, "https://hooks.example.com/", to: ["*"])
            try await book.post(Commands.fund("f", People.ada, 1000))
            let settle = try await book.settle("s", 600)
            try await book.post(Commands.refund("r", of: settle, 100))
            #expect(try await book.feed(process) == 3)
            let found = try deliveries(book, endpoint.id)
            #expect(found.map(\.type) == ["balance.funded", "settlement.created", "refund.created"])
            #expect(found.map(\.seq) == [1, 2, 3])
            let data = try #require(found[1].body["data"])
            let hash = try book.sql { try $0.query("SELECT hash FROM entries WHERE seq = 2").one().bytea(0) }
            #expect(data["seq"]?.int64 == 2 && data["entry_hash"]?.string == Hex.encode(hash))
            #expect(data["cause"]?["kind"]?.string == "settlement" && data["cause"]?["id"]?.string == "stl_s")
            #expect(data["id"]?.string == "stl_s" && data["book"]?.string == "test")
            #expect(found[1].body["type"]?.string == "settlement.created")
            // After the settlement, not after the refund that came before the feed did.
            #expect(balances(data) == ["did:imajin:soft:ada": 400, "did:imajin:soft:bob": 600])
            #expect(balances(try #require(found[2].body["data"]))["did:imajin:soft:ada"] == 500)
        }
    }

    private func balances(_ data: JSONValue) -> [String: Int64] {
        var balances: [String: Int64] = [:]
        guard let accounts = data["accounts"] else { return [:] }
        for account in accounts.elements {
            if let owner = account["owner"]?.string { balances[owner] = account["balance_after"]?.int64 }
        }
        return balances
    }

    @Test("a service that may not read everything is told of what it created, and of nobody else's balance")
    func own() async throws {
        try await WebhookBook.with { book in
            let other = People.did("other")
            book.grant(People.shop, .own)
            book.grant(other, .all)
            let process = try book.process()
            let mine = try await book.register(process, "https://hooks.example.com/")
            let all = try await book.register(process, "https://hooks.example.com/", of: other, to: ["settlement.*"])
            try await book.post(Commands.fund("f", People.ada, 1000))
            try await book.settle("mine")
            try await book.settle("other", by: other)
            try await book.post(Commands.settle("to shop", payer: People.ada, to: [(People.shop, 5)]))
            try await book.feed(process)
            let told = try deliveries(book, mine.id)
            #expect(told.map(\.seq) == [2, 4])
            #expect(balances(try #require(told[0].body["data"])).isEmpty)
            #expect(balances(try #require(told[1].body["data"])) == [People.shop.string: 5])
            #expect(try deliveries(book, all.id).map(\.seq) == [2, 3, 4])
        }
    }

    @Test("that a payee is paid elsewhere from now on is told to who may read everything, such as who notifies people")
    func payees() async throws {
        try await WebhookBook.with { book in
            let other = People.did("other")
            book.grant(People.shop, .all)
            book.grant(other, .own)
            let process = try book.process()
            let reader = try await book.register(process, "https://notify.example.com/", to: ["payee.*"])
            let stranger = try await book.register(process, "https://other.example.com/", of: other)
            let policy = PayoutPolicy(
                destinations: [.init(rail: .stripe, currency: "CAD", address: "acct_1")], defaultRail: nil,
                schedule: .daily, minimumMinor: [:])
            let id = Payee.id(People.ada.string)
            try await book.post(
                LifecycleCommands.open(
                    .payee(.changed(policy, effectiveAtMs: 86_400_000)), id: id, owners: [], caller: People.ada.string,
                    key: "p", requestHash: LifecycleCommands.hash(id)))
            try await book.feed(process)
            let told = try deliveries(book, reader.id)
            #expect(told.map(\.type) == ["payee.changed"])
            #expect(told.first?.body["data"]?["id"]?.string == id)
            #expect(try deliveries(book, stranger.id).isEmpty)
        }
    }

    @Test("two feeds at once write each delivery once and pass over none")
    func together() async throws {
        try await WebhookBook.with { book in
            book.grant(People.shop, .all)
            let processes = try [book.process(), book.process(), book.process()]
            let endpoint = try await book.register(processes[0], "https://hooks.example.com/")
            try await book.post(Commands.fund("f", People.ada, 1000))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in processes {
                    group.addTask {
                        for _ in 0..<60 { _ = try await process.feed.advance(entriesMax: 3) }
                    }
                }
                for number in 0..<80 { try await book.settle("s\(number)") }
                try await group.waitForAll()
            }
            try await book.feed(processes[0])
            #expect(try deliveries(book, endpoint.id).map(\.seq) == Array(1...81))
        }
    }

    @Test("an endpoint is told of what comes after it was registered, wherever the cursor stood")
    func beginning() async throws {
        try await WebhookBook.with { book in
            book.grant(People.shop, .all)
            let process = try book.process()
            try await book.post(Commands.fund("f", People.ada, 1000))
            let first = try await book.register(process, "https://one.example.com/")
            try await book.settle("a")
            // The feed has not looked yet.
            let second = try await book.register(process, "https://two.example.com/")
            try await book.settle("b")
            try await book.feed(process)
            #expect(try deliveries(book, first.id).map(\.seq) == [2, 3])
            #expect(try deliveries(book, second.id).map(\.seq) == [3])
            // Nobody is left: the cursor may stand still, and nothing is written.
            for endpoint in [first.id, second.id] { #expect(try await process.store.delete(endpoint, of: nil)) }
            try await book.settle("c")
            let step = try await process.feed.advance()
            #expect(step.deliveries == 0 && !step.hasMore && step.entriesBehind == 0)
            let third = try await book.register(process, "https://three.example.com/")
            try await book.settle("d")
            try await book.feed(process)
            #expect(try deliveries(book, third.id).map(\.seq) == [5])
        }
    }

    @Test("what happened while an endpoint was disabled is written once it is enabled again")
    func catchUp() async throws {
        try await WebhookBook.with { book in
            book.grant(People.shop, .all)
            let process = try book.process()
            let endpoint = try await book.register(process, "https://one.example.com/")
            let other = try await book.register(process, "https://two.example.com/")
            try await book.post(Commands.fund("f", People.ada, 1000))
            try await book.feed(process)
            for round in 0..<3 {
                let off = EndpointChange(status: .disabled)
                _ = try await process.store.update(endpoint.id, of: nil, off, actor: "test", nowMs: book.clock.ms)
                for number in 0..<7 { try await book.settle("r\(round)-\(number)") }
                if round != 1 { try await book.feed(process) }
                let on = EndpointChange(status: .enabled)
                _ = try await process.store.update(endpoint.id, of: nil, on, actor: "test", nowMs: book.clock.ms)
                try await book.settle("r\(round)-on")
                try await book.feed(process, entriesMax: 2)
            }
            let count = Int64(1 + 3 * 8)
            #expect(try deliveries(book, endpoint.id).filter { $0.seq > 0 }.map(\.seq) == Array(1...count))
            #expect(try deliveries(book, other.id).filter { $0.seq > 0 }.map(\.seq) == Array(1...count))
            let log = try await book.ledger.auditLog(limit: 10)
            #expect(log.count { $0.action == "webhook_disabled" } == 3)
            #expect(log.count { $0.action == "webhook_enabled" } == 3)
        }
    }

    @Test("an endpoint that takes nothing is fed no further, is noticed when it is back, and then gets everything")
    func behind() async throws {
        try await WebhookBook.with { book in
            book.grant(People.shop, .all)
            let process = try book.process()
            let stuck = try await book.register(process, "https://one.example.com/").id
            let other = try await book.register(process, "https://two.example.com/").id
            func wait(_ count: Int64) throws {
                try book.sql { connection in
                    try connection.query(
                        """
                        INSERT INTO webhook_deliveries
                            (book_id, delivery_id, endpoint_id, seq, type, body, status, created_at_ms, next_at_ms)
                        SELECT 1, 'old' || n, $1, 0, 'test', '{}', 'pending', 0, $2 FROM generate_series(1, $3) n
                        ON CONFLICT DO NOTHING
                        """, [.text(stuck), .int8(book.clock.ms + 86_400_000), .int8(count)])
                    _ = try connection.query(
                        "DELETE FROM webhook_deliveries WHERE seq = 0 AND substr(delivery_id, 4)::bigint > $1",
                        [.int8(count)])
                }
            }
            func told(_ endpoint: String) throws -> [Int64] {
                try deliveries(book, endpoint).map(\.seq).filter { $0 > 0 }
            }
            try await book.post(Commands.fund("f", People.ada, 1000))
            try await book.feed(process)
            try wait(999)
            for number in 0..<5 { try await book.settle("a\(number)") }
            try await book.feed(process, entriesMax: 1)
            // The thousandth was taken, and no other.
            #expect(try told(stuck) == [1])
            #expect(try told(other) == Array(1...6))
            try wait(700)
            try await book.feed(process)
            #expect(try told(stuck) == [1])
            for expected in [[1, 2], [1, 2, 3]] as [[Int64]] {
                book.clock.advance(ms: 300_000)
                try await book.feed(process)
                #expect(try told(stuck) == expected)
            }
            try await book.settle("b")
            try wait(490)
            try await book.feed(process)
            #expect(try told(stuck) == Array(1...7))
            try await book.settle("c")
            try await book.feed(process)
            #expect(try told(stuck) == Array(1...8))
            #expect(try told(other) == Array(1...8))
        }
    }

    @Test("a service that may no longer call loses its deliveries, and gets them all when it is let in again")
    func revoked() async throws {
        try await WebhookBook.with { book in
            book.grant(People.shop, .all)
            let process = try book.process()
            let endpoint = try await book.register(process, "https://one.example.com/")
            try await book.post(Commands.fund("f", People.ada, 1000))
            try await book.feed(process)
            book.grant(People.shop, nil)
            try await book.settle("a")
            try await book.feed(process)
            let found = try await process.store.endpoint(endpoint.id, of: nil)
            #expect(found?.status == .disabled && found?.disabledReason == .ownerNotAllowed)
            book.grant(People.shop, .all)
            try await book.settle("b")
            let on = EndpointChange(status: .enabled)
            _ = try await process.store.update(endpoint.id, of: nil, on, actor: "test", nowMs: book.clock.ms)
            try await book.feed(process)
            #expect(try deliveries(book, endpoint.id).map(\.seq) == [1, 2, 3])
        }
    }
}
