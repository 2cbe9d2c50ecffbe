import Foundation
import LedgerStore
import PostgresClient
import Testing

/// `mjn webhooks inbox`, against a running node whose rails are off: nobody works on its events.
struct InboxCommandTests {
    private func store(_ node: TestNode, _ id: String, _ status: String, reason: String) throws {
        let connection = try Connection.connect(
            PostgresLedgerStore.Configuration.inSchema(try PostgresConfiguration(databaseURL: node.databaseURL)))
        defer { connection.close() }
        try connection.query(
            """
            INSERT INTO inbox (book_id, source, event_id, event_type, object_id, account, payload, received_at_ms,
                status, next_at_ms, claim, attempts, tried_since_ms, reason)
            VALUES (1, 'stripe', $1, 'charge.refunded', 'ch_1', '', $2, 1774958400000, $3, 1775217600000, 9, 84,
                1774958400000, $4)
            """, [.text(id), .bytea(Array("{\"id\":\"\(id)\"}".utf8)), .text(status), .text(reason)])
    }

    @Test("what has failed is seen with its reason, shown as it came, and tried again; what is done is not")
    func inbox() async throws {
        let node = try await TestNode.running()
        let name = UUID().uuidString.prefix(8).lowercased()
        let (failed, other, done) = ("evt_a\(name)", "evt_b\(name)", "evt_c\(name)")
        try store(node, failed, "failed", reason: "there is no pay_1")
        try store(node, other, "failed", reason: "there is no pay_2")
        try store(node, done, "done", reason: "")
        func row(_ id: String, _ arguments: [String] = []) throws -> [String: Any]? {
            try node.run(["webhooks", "inbox", "list"] + arguments).rows().first { $0["id"] as? String == id }
        }
        let seen = try #require(try row(failed))
        #expect(seen["status"] as? String == "failed" && seen["reason"] as? String == "there is no pay_1")
        #expect(seen["attempts"] as? Int == 84 && seen["object"] as? String == "ch_1")
        #expect(seen["next_attempt_at"] as? String == "2026-04-03T12:00:00.000Z")
        #expect(try row(done) == nil)
        #expect(try row(done, ["--status", "done"]) != nil)
        let shown = try node.run(["webhooks", "inbox", "show", failed])
        #expect(shown.out == "{\"id\":\"\(failed)\"}\n")

        let retried = try node.run(["webhooks", "inbox", "retry", failed])
        #expect(retried.status == 0 && retried.err.contains("1 event is due now"), "\(retried.err)")
        #expect(try row(failed)?["status"] as? String == "received")
        let all = try node.run(["webhooks", "inbox", "retry", "--failed"])
        #expect(all.status == 0, "\(all.err)")
        #expect(try row(other)?["status"] as? String == "received")
        #expect(try row(other)?["attempts"] as? Int == 0)
        let over = try node.run(["webhooks", "inbox", "retry", done])
        #expect(over.status == 1 && over.err.contains("is done"), "\(over.err)")
        for arguments in [["show", "evt_none"], ["retry", "evt_none"]] {
            let unknown = try node.run(["webhooks", "inbox"] + arguments)
            #expect(unknown.status == 1 && unknown.err.contains("mjn webhooks inbox list"), "\(unknown.err)")
        }
        let wrong = try node.run(["webhooks", "inbox", "retry"])
        #expect(wrong.status == 64 && wrong.err.contains("--failed"), "\(wrong.err)")
    }
}
