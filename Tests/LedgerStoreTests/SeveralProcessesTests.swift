import Cryptography
import Kernel
import LedgerDouble
import LedgerStore
import Logging
import PostgresClient
import PostgresFixture
import Settlement
import Testing

@Suite("Several processes on one book")
struct SeveralProcessesTests {
    @Test("a second process hands its commands to the first, and gets the same answers")
    func follower() async throws {
        let book = try await OpenBook.make()
        let (first, firstPool) = try await book.open("one")
        _ = try await first.decide(Commands.fund("f", People.ada, 1000))
        let (second, secondPool) = try await book.open("two")
        let settle = Commands.settle("s", payer: People.ada, to: [(People.bob, 600)])
        let done = try await second.decide(settle)
        #expect(done.outcome.status == 201)
        #expect(try await first.decide(settle) == .replayed(done.outcome))
        // Refusals that are not stored find their way back too.
        let noConsent = Commands.settle(
            "t", payer: People.ada, to: [(People.bob, 1)], consent: .allowance(service: People.shop.string))
        #expect(try await second.decide(noConsent).outcome.code == "payer_consent_missing")
        #expect(first.isLeading && !second.isLeading)
        await first.close()
        // The lease was given back: the second need not wait for its end.
        #expect(try await second.decide(Commands.fund("g", People.bob, 1)).outcome.status == 201)
        #expect(second.isLeading)
        await second.close()
        await firstPool.close()
        await secondPool.close()
        #expect(try book.verify().findings == [])
    }

    @Test("a writer whose lease was taken over writes nothing more, and its caller still gets an answer")
    func takenOver() async throws {
        let book = try await OpenBook.make()
        let (first, firstPool) = try await book.open("one")
        _ = try await first.decide(Commands.fund("f", People.ada, 1000))
        // Somebody else takes the lease while the first believes it still has it.
        try book.tamper(
            "UPDATE books SET epoch = epoch + 1, lease_holder = 'two', lease_until = now() - interval '1 s'")
        let settle = Commands.settle("s", payer: People.ada, to: [(People.bob, 600)])
        #expect(try await first.decide(settle).outcome.status == 201)
        let connection = try PostgresFixture.connect(book.url)
        let epoch = try connection.query("SELECT epoch FROM pay.books").one().int8(0)
        connection.close()
        #expect(epoch == 3)
        await first.close()
        await firstPool.close()
        #expect(try book.verify().findings == [])
    }

    @Test("a writer that stands still inside a batch, past its lease, is put out", .timeLimit(.minutes(1)))
    func standsStill() async throws {
        let book = try await OpenBook.make()
        let (first, firstPool) = try await book.open("one")
        _ = try await first.decide(Commands.fund("f", People.ada, 1000))
        await first.close()
        await firstPool.close()
        // As if its process had been stopped after the batch's first statement.
        var configuration = try PostgresConfiguration(databaseURL: book.url)
        configuration.settings["application_name"] = WriterName.make(holder: "one", bookID: 1)
        let stopped = try Connection.connect(configuration)
        defer { stopped.close() }
        try stopped.execute("BEGIN; UPDATE pay.books SET head_seq = head_seq + 1 WHERE book_id = 1")
        let (second, secondPool) = try await book.open("two", leaseMs: 500)
        #expect(try await second.decide(Commands.fund("g", People.ada, 1)).outcome.status == 201)
        #expect(second.isLeading)
        #expect(throws: PostgresError.self) { try stopped.execute("COMMIT") }
        await second.close()
        await secondPool.close()
        #expect(try book.verify().findings == [])
    }

    @Test("killed database connections lose nothing and double nothing")
    func killedConnections() async throws {
        let book = try await OpenBook.make()
        let (store, pool) = try await book.open("one", limits: Poster.Limits(attemptsMax: 20))
        _ = try await store.decide(Commands.fund("f", People.ada, 1_000_000))
        let killer = Task.detached {
            let connection = try PostgresFixture.connect(book.url)
            defer { connection.close() }
            for _ in 0..<20 {
                try connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                        + "AND datname = current_database()")
                try await Task.sleep(for: .milliseconds(30))
            }
        }
        var paid: Int64 = 0
        for number in 0..<300 {
            let settle = Commands.settle("s\(number)", payer: People.ada, to: [(People.bob, 1)])
            let decision = try await store.decide(settle)
            #expect(decision.outcome.status == 201)
            paid += 1
        }
        try await killer.value
        await store.close()
        await pool.close()
        let (again, againPool) = try await book.open("two")
        #expect(try await again.balances(of: People.bob).first?.cashMinor == paid)
        await again.close()
        await againPool.close()
        let report = try book.verify()
        #expect(report.settlements == paid)
        #expect(report.findings == [])
    }

    @Test("a thousand spends of the last unit: exactly one succeeds")
    func lastUnit() async throws {
        try await OpenBook.with { store, _ in
            _ = try await store.decide(Commands.fund("f", People.ada, 1))
            let codes = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        try await store.decide(
                            Commands.settle("s\(number)", payer: People.ada, to: [(People.bob, 1)])
                        ).outcome.status
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == [201: 1, 402: 999])
        }
    }

    @Test("the outbox is signed by the node's key, each attestation once, and verifies by its CID")
    func outbox() async throws {
        let key = Ed25519PrivateKey()
        let node = DID(publicKey: key.publicKey)
        let book = try await OpenBook.make()
        let (store, pool) = try await book.open("one", node: node)
        _ = try await store.decide(Commands.fund("f", People.ada, 10))
        for number in 0..<3 {
            _ = try await store.decide(Commands.settle("s\(number)", payer: People.ada, to: [(People.bob, 1)]))
        }
        let worker = OutboxWorker(store: store, key: key, logger: .init(label: "test"))
        #expect(try await worker.signBatch() == 4)
        #expect(try await worker.signBatch() == 0)
        let connection = try PostgresFixture.connect(book.url)
        defer { connection.close() }
        let rows = try connection.query("SELECT cid, payload, jws FROM pay.attestations ORDER BY seq, cid")
        #expect(rows.count == 4)
        for row in rows {
            let token = try JWS.parse(row.text(2))
            #expect(token.isValid(under: key.publicKey))
            #expect(try token.payload == row.bytea(1))
            #expect(try CID(codec: .dagCBOR, hashing: token.payload).string == row.text(0))
        }
        await store.close()
        await pool.close()
    }
}
