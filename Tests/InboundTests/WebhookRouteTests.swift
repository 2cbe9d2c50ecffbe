import Cryptography
import Foundation
import HTTPClient
import Inbound
import PostgresClient
import PythonRunning
import Service
import Testing

/// The routes over real HTTP, down to the database.
@Suite struct WebhookRouteTests {
    private static func code(_ response: HTTPResponse) -> String? {
        (try? JSONDocument(parsing: response.body))?.root["code"]?.string
    }

    @Test("a hundred copies of one event, twenty at a time, are answered with 200 and stored once")
    func copies() async throws {
        try await TestInbox.with { inbox, test in
            let metrics = MetricsRegistry()
            try await withWebhooks(inbox, clock: { test.clock.ms }, metrics: metrics) { origin in
                let body = SignedEvent.body("evt_1")
                let header = SignedEvent.header(body, atSeconds: test.clock.ms / 1000)
                let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            var statuses: [Int] = []
                            for _ in 0..<5 {
                                statuses.append(try await deliver(body, header: header, to: origin).status)
                            }
                            return statuses
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(statuses == Array(repeating: 200, count: 100))
                #expect(try test.storedCount() == 1)
                #expect(try await inbox.payload("evt_1", from: .stripe) == body)
                let text = metrics.render()
                let name = #"mjn_webhooks_received_total{source="stripe",outcome="#
                #expect(text.contains(name + "\"stored\"} 1") && text.contains(name + "\"known\"} 99"))
            }
        }
    }

    @Test("each refusal has its code, and stores nothing")
    func refusals() async throws {
        try await TestInbox.with { inbox, test in
            try await withWebhooks(inbox, clock: { test.clock.ms }) { origin in
                let now = test.clock.ms / 1000
                let body = SignedEvent.body("evt_1")
                let thin = Array(#"{"id":"evt_1","object":"v2.core.event"}"#.utf8)
                let cases: [(String, [UInt8], String?)] = [
                    ("webhook_signature_missing", body, nil),
                    ("webhook_signature_invalid", body, "t=\(now)"),
                    ("webhook_signature_invalid", body, SignedEvent.header(body, atSeconds: now, secret: "whsec_x")),
                    ("webhook_signature_expired", body, SignedEvent.header(body, atSeconds: now - 301)),
                    ("webhook_signature_expired", body, SignedEvent.header(body, atSeconds: now + 302)),
                    ("webhook_malformed", [], SignedEvent.header([], atSeconds: now)),
                    ("webhook_malformed", Array("{}".utf8), SignedEvent.header(Array("{}".utf8), atSeconds: now)),
                    ("webhook_thin_event", thin, SignedEvent.header(thin, atSeconds: now)),
                ]
                for (code, body, header) in cases {
                    let response = try await deliver(body, header: header, to: origin)
                    #expect(response.status == 400, "\(code)")
                    #expect(Self.code(response) == code)
                    #expect(response.headers["Content-Type"] == "application/problem+json")
                }
                let large = Array(repeating: UInt8(ascii: "a"), count: StripeWebhooks.bodyMax + 1)
                let tooLarge = try await deliver(large, header: "t=1,v1=a", to: origin)
                #expect(tooLarge.status == 413)
                #expect(try test.storedCount() == 0)
            }
        }
    }

    @Test("each endpoint has its own secrets, and its events their own source")
    func endpoints() async throws {
        try await TestInbox.with { inbox, test in
            try await withWebhooks(inbox, clock: { test.clock.ms }) { origin in
                let body = SignedEvent.body("evt_1", account: "acct_1")
                let now = test.clock.ms / 1000
                let platform = SignedEvent.header(body, atSeconds: now)
                let connect = SignedEvent.header(body, atSeconds: now, secret: SignedEvent.connectSecretText)
                let path = "/api/webhook/stripe/connect"
                #expect(try await deliver(body, header: platform, to: origin, path: path).status == 400)
                #expect(try await deliver(body, header: connect, to: origin).status == 400)
                #expect(try await deliver(body, header: connect, to: origin, path: path).status == 200)
                let row = try #require(try await inbox.list(.received).first)
                #expect(row.source == .stripeConnect && row.account == "acct_1")
            }
        }
    }

    @Test("without a secret an endpoint is off, whatever is sent")
    func off() async throws {
        try await TestInbox.with { inbox, test in
            try await withWebhooks(inbox, clock: { test.clock.ms }, secrets: "") { origin in
                let body = SignedEvent.body("evt_1")
                let header = SignedEvent.header(body, atSeconds: test.clock.ms / 1000, secret: "")
                for header in [header, nil] {
                    let response = try await deliver(body, header: header, to: origin)
                    #expect(response.status == 503)
                    #expect(Self.code(response) == "rail_off")
                }
                #expect(try test.storedCount() == 0)
            }
        }
    }

    @Test("a database that is gone is a 503 that says when to come back")
    func databaseGone() async throws {
        let test = try await TestInbox.make()
        let opened = try test.open()
        await opened.inbox.close()
        try await withWebhooks(opened.inbox, clock: { test.clock.ms }) { origin in
            let body = SignedEvent.body("evt_1")
            let header = SignedEvent.header(body, atSeconds: test.clock.ms / 1000)
            let response = try await deliver(body, header: header, to: origin)
            #expect(response.status == 503)
            #expect(Self.code(response) == "database_unavailable")
            #expect(response.headers["Retry-After"] != nil)
        }
        await opened.close()
    }

    @Test("the specification has both routes and all of their refusals, and is valid OpenAPI")
    func specification() async throws {
        try await TestInbox.with { inbox, test in
            try await withWebhooks(inbox, clock: { test.clock.ms }) { origin in
                let document = try await http.get().send(HTTPRequest(.get, origin + "/api/spec")).body
                let text = String(decoding: document, as: UTF8.self)
                for code in ["webhook_signature_missing", "webhook_thin_event", "rail_off", "database_unavailable"] {
                    #expect(text.contains(code), "\(code)")
                }
                let paths = try JSONDocument(parsing: document).root["paths"]
                #expect(paths?["/api/webhook/stripe"]?["post"] != nil)
                #expect(paths?["/api/webhook/stripe/connect"]?["post"] != nil)
                let file = FileManager.default.temporaryDirectory.appendingPathComponent(
                    "mjn-\(UUID().uuidString).json")
                try Data(document).write(to: file)
                defer { try? FileManager.default.removeItem(at: file) }
                let outcome = try await Python.run([Self.python("specification.py"), file.path])
                #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output) \(outcome.errors)")
            }
        }
    }

    /// A program beside the tests.
    static func python(_ name: String) -> String {
        var folder = URL(fileURLWithPath: #filePath)
        folder.deleteLastPathComponent()
        return folder.appending(path: "python/\(name)").path
    }
}
