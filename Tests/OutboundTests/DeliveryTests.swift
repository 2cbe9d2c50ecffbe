import Cryptography
import HTTPClient
import Kernel
import LedgerDouble
import LedgerStore
import Outbound
import PostgresClient
import Testing

@Suite("Deliveries reach a receiver that verifies them with another library", .timeLimit(.minutes(4)))
struct DeliveryTests {
    @Test("every event arrives, in the order of the entries at first, and its signature verifies")
    func verified() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                book.grant(People.shop, .all)
                let process = try book.process()
                let endpoint = try await book.register(process, receiver.url(), to: ["settlement.*", "refund.created"])
                try await receiver.know([
                    "whsec_" + Base64.encode([UInt8](repeating: 1, count: 32)), endpoint.secret.text,
                ])
                try await book.post(Commands.fund("f", People.ada, 1000))
                for number in 0..<20 { try await book.settle("s\(number)") }
                book.start(process)
                try await eventually("all arrive") { try await receiver.seen().count >= 20 }
                let seen = try await receiver.seen()
                #expect(seen.count == 20)
                #expect(seen.allSatisfy { $0.verified == [1] && $0.signatures == 1 })
                #expect(Set(seen.map(\.id)).count == 20)
                let seqs = try seen.compactMap { try $0.json["data"]?["seq"]?.int64 }
                // Two are under way at a time.
                for (place, seq) in seqs.enumerated() { #expect(abs(Int(seq) - 2 - place) <= 2, "\(seqs)") }
                try await eventually("all are written down") {
                    try await process.store.deliveries(of: endpoint.id, status: .delivered, limit: 50).count == 20
                }
                let delivery = try #require(try await process.store.deliveries(of: endpoint.id, limit: 1).first)
                #expect(delivery.attempts == 1 && delivery.last?.status == 204 && delivery.nextAtMs == nil)
            }
        }
    }

    @Test("what a killed process left is delivered by another, with the same id and bytes")
    func killed() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                book.grant(People.shop, .all)
                let dead = try book.process()
                let endpoint = try await book.register(dead, receiver.url())
                try await receiver.know([endpoint.secret.text])
                try await book.post(Commands.fund("f", People.ada, 1000))
                try await book.settle("s")
                // It fed, and died before it delivered.
                try await book.feed(dead)
                let second = try book.process()
                book.start(second)
                try await eventually("both arrive") { try await receiver.seen().count == 2 }
                try await eventually("both are written down") {
                    try await second.store.deliveries(of: endpoint.id, status: .delivered, limit: 9).count == 2
                }
                await book.stop()
                // Another died after the receiver had answered and before that was written down: it left its claim.
                try book.sql { connection in
                    _ = try connection.query(
                        "UPDATE webhook_deliveries SET status = 'pending', attempts = 0, claim = 'clm_dead', "
                            + "ended_at_ms = NULL, next_at_ms = $1", [.int8(book.clock.ms + 60_000)])
                }
                let third = try book.process()
                book.start(third)
                try await book.settle("t")
                try await eventually("the new one arrives") { try await receiver.seen().count == 3 }
                book.clock.advance(ms: 61_000)
                try await eventually("the others arrive again") { try await receiver.seen().count == 5 }
                let seen = try await receiver.seen()
                #expect(seen.allSatisfy { $0.verified == [0] })
                let first = Dictionary(uniqueKeysWithValues: seen.prefix(2).map { ($0.id, $0.body) })
                let again = Dictionary(uniqueKeysWithValues: seen.suffix(2).map { ($0.id, $0.body) })
                #expect(first == again)
            }
        }
    }

    @Test("while a secret is replaced, both verify; afterwards the new one alone")
    func rotation() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                book.grant(People.shop, .all)
                let process = try book.process()
                let endpoint = try await book.register(process, receiver.url())
                let next = try #require(WebhookSecret(bytes: RandomBytes.generate(32)))
                try await receiver.know([endpoint.secret.text, next.text])
                try await book.post(Commands.fund("f", People.ada, 1000))
                book.start(process)
                try await eventually("the first arrives") { try await receiver.seen().count == 1 }
                let overlapMs = WebhookStore.overlapMs
                let result = try await process.store.rotate(
                    endpoint.id, of: People.shop, to: next, overlapMs: overlapMs, nowMs: book.clock.ms)
                #expect(result == .done)
                try await book.settle("a")
                try await eventually("the second arrives") { try await receiver.seen().count == 2 }
                // The receiver's library looks at the time too, so that the day passes in the table.
                try book.sql { connection in
                    _ = try connection.query(
                        "UPDATE webhook_secrets SET expires_at_ms = expires_at_ms - $1 WHERE expires_at_ms IS NOT NULL",
                        [.int8(overlapMs)])
                }
                try await book.settle("b")
                try await eventually("the third arrives") { try await receiver.seen().count == 3 }
                let seen = try await receiver.seen()
                #expect(seen.map(\.verified) == [[0], [0, 1], [1]])
                #expect(seen.map(\.signatures) == [1, 2, 1])
            }
        }
    }

    @Test("receivers that hang do not delay the others")
    func hanging() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                let process = try book.process()
                // More of them than there are slots for endpoints that are well.
                for number in 0..<20 {
                    let owner = People.did("hanging\(number)")
                    book.grant(owner, .all)
                    _ = try await book.register(process, receiver.url("/hang"), of: owner)
                }
                book.grant(People.shop, .all)
                let well = try await book.register(process, receiver.url("/ok"))
                try await receiver.know([well.secret.text])
                try book.sql { connection in
                    // They have been failing; a single one that begins to hang has two slots.
                    _ = try connection.query(
                        "UPDATE webhook_endpoints SET failures = 1, failing_since_ms = $1 WHERE url LIKE '%/hang'",
                        [.int8(book.clock.ms)])
                }
                let hung = People.did("hung")
                book.grant(hung, .all)
                _ = try await book.register(process, receiver.url("/hang2"), of: hung)
                try await book.post(Commands.fund("f", People.ada, 1000))
                for number in 0..<10 { try await book.settle("s\(number)") }
                let start = ContinuousClock.now
                book.start(process)
                try await eventually("the well one has all") { try await receiver.seen("/ok").count == 11 }
                #expect(ContinuousClock.now - start < .seconds(DeliveryMachine.answerSecondsMax))
                #expect(try await receiver.seen("/hang").count == 20)
                #expect(try await receiver.seen("/hang2").count == 2)
            }
        }
    }

    @Test("once a receiver is back after an outage, what waits for it goes out at once")
    func recovery() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                book.grant(People.shop, .all)
                let process = try book.process()
                _ = try await book.register(process, receiver.url("/ok"))
                try await book.post(Commands.fund("f", People.ada, 1000))
                try await book.settle("a")
                try await book.feed(process)
                let nowMs = book.clock.ms
                try book.sql { connection in
                    try connection.query(
                        "UPDATE webhook_endpoints SET failures = 3, failing_since_ms = $1",
                        [.int8(nowMs - DeliveryMachine.outageMs)])
                    _ = try connection.query(
                        "UPDATE webhook_deliveries SET attempts = 3, next_at_ms = $1 WHERE seq = 2",
                        [.int8(nowMs + 36_000_000)])
                }
                book.start(process)
                try await eventually("both have arrived") { try await receiver.seen("/ok").count == 2 }
            }
        }
    }

    @Test("an answer is judged by its status, however large; a redirect is a failure and is not followed")
    func answers() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                book.grant(People.shop, .all)
                let process = try book.process()
                var endpoints: [String: String] = [:]
                for path in ["/status/200", "/status/500", "/large/200", "/large/503", "/redirect"] {
                    endpoints[path] = try await book.register(process, receiver.url(path)).id
                }
                try await book.post(Commands.fund("f", People.ada, 1000))
                book.start(process)
                let expected = [
                    "/status/200": (WebhookDelivery.Status.delivered, 200), "/status/500": (.pending, 500),
                    "/large/200": (.delivered, 200), "/large/503": (.pending, 503), "/redirect": (.pending, 302),
                ]
                for (path, (status, code)) in expected {
                    let endpoint = try #require(endpoints[path])
                    try await eventually("\(path) is tried") {
                        try await process.store.deliveries(of: endpoint, limit: 1).first?.last != nil
                    }
                    let delivery = try #require(try await process.store.deliveries(of: endpoint, limit: 1).first)
                    #expect(delivery.status == status && delivery.last?.status == code, "\(path)")
                    #expect(delivery.attempts == 1)
                    if path.hasPrefix("/status") { #expect(delivery.last?.excerpt == "as asked  for") }
                }
                #expect(try await receiver.seen("/ok").isEmpty)
            }
        }
    }

    @Test("410 disables an endpoint, and so do three days of failures: its owner's others and the audit log are told")
    func disabling() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                book.grant(People.shop, .all)
                let process = try book.process()
                let gone = try await book.register(process, receiver.url("/status/410"))
                let failing = try await book.register(process, receiver.url("/status/500"))
                let well = try await book.register(process, receiver.url(), to: ["hold.*"])
                try await receiver.know([well.secret.text])
                try await book.post(Commands.fund("f", People.ada, 1000))
                book.start(process)
                try await eventually("the one that is gone is disabled") {
                    try await process.store.endpoint(gone.id, of: nil)?.status == .disabled
                }
                try await eventually("the notice arrives") { try await receiver.seen("/ok").count == 1 }
                var failures: Int64 = 0
                for day in 0... {
                    #expect(day <= 4, "it is disabled after three days")
                    let before = failures
                    var isDisabled = false
                    try await eventually("an attempt of day \(day) is made") {
                        let endpoint = try #require(try await process.store.endpoint(failing.id, of: nil))
                        isDisabled = endpoint.status == .disabled
                        failures = endpoint.failures
                        return isDisabled || failures > before
                    }
                    if isDisabled { break }
                    book.clock.advance(ms: 86_400_000)
                }
                #expect(try await process.store.endpoint(failing.id, of: nil)?.disabledReason == .failing)
                #expect(failures >= DeliveryMachine.disabledAfterFailures)
                try await eventually("the second notice arrives") { try await receiver.seen("/ok").count >= 2 }
                let notices = try await receiver.seen("/ok").map { try $0.json }
                #expect(Set(notices.map { $0["type"]?.string }) == ["endpoint.disabled"])
                #expect(Set(notices.map { $0["data"]?["endpoint"]?.string }) == [gone.id, failing.id])
                #expect(Set(notices.map { $0["data"]?["reason"]?.string }) == ["gone", "failing"])
                let log = try await book.ledger.auditLog(limit: 10)
                #expect(Set(log.map(\.reason)) == ["gone", "failing"])
                #expect(Set(log.map(\.subject)) == [gone.id, failing.id])
            }
        }
    }

    @Test("what was delivered or has failed is delivered again when asked for, with the same id")
    func again() async throws {
        try await Receiver.with { receiver in
            try await WebhookBook.with { book in
                book.grant(People.shop, .all)
                let process = try book.process()
                let endpoint = try await book.register(process, receiver.url())
                try await book.post(Commands.fund("f", People.ada, 1000))
                try await book.feed(process)
                try book.sql { connection in
                    _ = try connection.query("UPDATE webhook_deliveries SET attempts = 9")
                }
                book.start(process)
                // The receiver knows no secret yet: 401, for the tenth time.
                try await eventually("it has failed") {
                    try await process.store.deliveries(of: endpoint.id, limit: 1).first?.status == .failed
                }
                try await receiver.know([endpoint.secret.text])
                let ids = try await process.store.failedDeliveries(endpoint: nil, sinceMs: 0, limit: 10)
                #expect(ids.count == 1)
                for _ in 0..<2 {
                    let id = try #require(ids.first)
                    #expect(try await process.store.redeliver(id, of: People.bob, nowMs: book.clock.ms) == .unknown)
                    guard
                        case .done(let due) = try await process.store.redeliver(
                            id, of: People.shop, nowMs: book.clock.ms)
                    else { throw NeverHappened() }
                    #expect(due.status == .pending && due.attempts == 0)
                    try await eventually("it has arrived") {
                        try await process.store.deliveries(of: endpoint.id, limit: 1).first?.status == .delivered
                    }
                }
                let seen = try await receiver.seen()
                #expect(seen.map(\.verified) == [[], [0], [0]])
                #expect(Set(seen.map(\.id)).count == 1 && Set(seen.map(\.body)).count == 1)
                // Kept for thirty days, and no longer.
                book.clock.advance(ms: WebhookDelivery.keptMs - 60_000)
                #expect(try await !process.store.deleteEnded(nowMs: book.clock.ms))
                #expect(try await process.store.deliveries(of: endpoint.id, limit: 9).count == 1)
                book.clock.advance(ms: 120_000)
                _ = try await process.store.deleteEnded(nowMs: book.clock.ms)
                #expect(try await process.store.deliveries(of: endpoint.id, limit: 9).isEmpty)
            }
        }
    }
}
