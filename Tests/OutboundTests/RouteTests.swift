import Cryptography
import Kernel
import LedgerDouble
import Outbound
import Service
import Testing

@Suite("A service looks after its endpoints", .timeLimit(.minutes(3)))
struct RouteTests {
    private static let endpoints = "/api/webhook-endpoints"
    private static let endpoint = "/api/webhook-endpoints/{id}"
    private static let deliveries = "/api/webhook-endpoints/{id}/deliveries"

    /// Runs a test with routes, their caller (who may read everything), another service and a stranger.
    private func with(
        _ allowed: String = "",
        _ body: (WebhookBook, OutboundWebhooks, RouteClient, Caller, Caller) async throws -> Void
    ) async throws {
        try await WebhookBook.with { book in
            let process = try book.process(allowed)
            let (caller, other) = (try Caller("caller"), try Caller("other"))
            book.grant(caller.did, .all)
            book.grant(other.did, .own)
            let client = try await RouteClient(process)
            try await body(book, process, client, caller, other)
            await client.close()
        }
    }

    private func body(_ url: String, _ types: String = #"["*"]"#) -> String {
        #"{"url":"\#(url)","event_types":\#(types)}"#
    }

    @Test("every route succeeds and refuses as the specification says, and the specification is valid")
    func everyRoute() async throws {
        try await Receiver.with { receiver in
            try await with("loopback") { book, process, client, caller, other in
                let stranger = try Caller("stranger")
                let made = try await client.send(.post, Self.endpoints, body(receiver.url()), by: caller)
                #expect(made.status == 201)
                let id = try #require(try made.json["id"]?.string)
                let secret = try #require(try made.json["secret"]?.string)
                try await receiver.know([secret])
                for (who, json) in [
                    (caller, "{}"), (stranger, body("https://a.example.com/")), (nil, body("https://a.example.com/")),
                    (caller, body("https://10.0.0.1/")), (caller, body("https://a.example.com/", #"["x.y"]"#)),
                    (caller, body(receiver.url())),
                ] {
                    #expect(try await client.send(.post, Self.endpoints, json, by: who).status >= 400)
                }
                try await client.send(.get, Self.endpoints, by: caller)
                try await client.send(.get, Self.endpoints, by: stranger)
                for who in [caller, other] {
                    try await client.send(.get, Self.endpoint, id: id, by: who)
                    try await client.send(.patch, Self.endpoint, id: id, #"{"event_types":["refund.*"]}"#, by: who)
                    try await client.send(.post, Self.endpoint + "/rotate-secret", id: id, "{}", by: who)
                    try await client.send(.post, Self.endpoint + "/test", id: id, by: who)
                    try await client.send(.get, Self.deliveries, id: id, by: who)
                }
                book.start(process)
                try await eventually("the test event arrives") { try await receiver.seen().count == 1 }
                let seen = try #require(try await receiver.seen().first)
                #expect(seen.verified == [0] && seen.signatures == 2)
                #expect(try seen.json["type"]?.string == "webhook.test")
                try await eventually("it is shown") {
                    try await client.send(.get, Self.deliveries, id: id, query: "?status=delivered", by: caller).json[
                        "data"]?
                        .count == 1
                }
                let again = "/api/webhook-deliveries/{id}/redeliver"
                for who in [caller, other] { try await client.send(.post, again, id: seen.id, by: who) }
                try await eventually("it arrives again") { try await receiver.seen().count == 2 }
                #expect(try await receiver.seen().map(\.id) == [seen.id, seen.id])
                let off = try await client.send(.patch, Self.endpoint, id: id, #"{"status":"disabled"}"#, by: caller)
                #expect(try off.json["disabled_reason"]?.string == "requested")
                #expect(
                    try await client.send(.post, again, id: seen.id, by: caller).code == "webhook_endpoint_disabled")
                #expect(
                    try await client.send(.post, Self.endpoint + "/test", id: id, by: caller).code
                        == "webhook_endpoint_disabled")
                try await client.send(.patch, Self.endpoint, id: id, #"{"status":"enabled"}"#, by: caller)
                try await client.send(.delete, Self.endpoint, id: id, by: other)
                #expect(try await client.send(.delete, Self.endpoint, id: id, by: caller).status == 204)
                #expect(
                    try await client.send(.get, Self.endpoint, id: id, by: caller).code == "webhook_endpoint_unknown")
                // The secret was shown once.
                let secrets = client.exchanges.filter { $0.body.contains("whsec_") }
                #expect(secrets.count == 2 && secrets.count { $0.body.contains(secret) } == 1)
                let findings = try await SpecificationChecker.findings(client.service.specification, client.exchanges)
                #expect(findings.isEmpty, "\(findings)")
            }
        }
    }

    @Test("no URL that leads inside, in any notation, can be registered or changed to")
    func urls() async throws {
        try await with { _, _, client, caller, _ in
            let made = try await client.send(.post, Self.endpoints, body("https://hooks.example.com/"), by: caller)
            let id = try #require(try made.json["id"]?.string)
            let bad =
                InsideURLs.hosts.map { "https://\($0)/hook" } + [
                    "http://hooks.example.com/", "https://hooks.example.com:8443/",
                    "https://user:pw@hooks.example.com/",
                ]
            for url in bad {
                for answer in [
                    try await client.send(.post, Self.endpoints, body(url), by: caller),
                    try await client.send(.patch, Self.endpoint, id: id, #"{"url":"\#(url)"}"#, by: caller),
                ] {
                    #expect(answer.status == 422 && answer.code == "webhook_url_refused", "\(url): \(answer.text)")
                    #expect(!answer.text.contains("pw"))
                }
            }
            #expect(try await client.send(.get, Self.endpoints, by: caller).json["data"]?.count == 1)
        }
    }

    @Test("the number of endpoints, of event types and of secrets has an end")
    func limits() async throws {
        try await with { _, _, client, caller, other in
            var first = ""
            for number in 0..<WebhookEndpoint.perOwnerMax {
                let made = try await client.send(
                    .post, Self.endpoints, body("https://hooks.example.com/\(number)"), by: caller)
                #expect(made.status == 201)
                if number == 0 { first = try #require(try made.json["id"]?.string) }
            }
            let more = try await client.send(.post, Self.endpoints, body("https://hooks.example.com/more"), by: caller)
            #expect(more.status == 409 && more.code == "webhook_endpoints_too_many")
            #expect(
                try await client.send(.post, Self.endpoints, body("https://hooks.example.com/more"), by: other).status
                    == 201)
            let types = (0...EventSubscription.countMax).map { #""payment.t\#($0)""# }.joined(separator: ",")
            for (json, code) in [
                (body("https://a.example.com/", "[\(types)]"), "field_invalid"),
                (body("https://a.example.com/", "[]"), "field_invalid"), (body("", "[\"*\"]"), "field_invalid"),
                (body("https://a.example.com/", #"["settlement.*","nothing.*"]"#), "webhook_event_type_unknown"),
                (body("https://a.example.com/" + String(repeating: "a", count: 2048)), "field_invalid"),
            ] {
                #expect(try await client.send(.post, Self.endpoints, json, by: other).code == code)
            }
            let rotate = Self.endpoint + "/rotate-secret"
            for _ in 1..<WebhookStore.secretsMax {
                #expect(try await client.send(.post, rotate, id: first, "{}", by: caller).status == 200)
            }
            #expect(
                try await client.send(.post, rotate, id: first, "{}", by: caller).code == "webhook_secrets_too_many")
            #expect(
                try await client.send(.post, rotate, id: first, #"{"overlap_seconds":0}"#, by: caller).status == 200)
            #expect(try await client.send(.post, rotate, id: first, "{}", by: caller).status == 200)
        }
    }

    @Test("deliveries come in pages, newest first, none twice and none left out")
    func pages() async throws {
        try await with { book, process, client, caller, _ in
            let made = try await client.send(.post, Self.endpoints, body("https://hooks.example.com/"), by: caller)
            let id = try #require(try made.json["id"]?.string)
            try await book.post(Commands.fund("f", People.ada, 1000))
            for number in 0..<10 { try await book.settle("s\(number)") }
            try await book.feed(process)
            var (ids, query): ([String], String?) = ([], "?limit=4")
            while let asked = query {
                let page = try await client.send(.get, Self.deliveries, id: id, query: asked, by: caller).json
                ids += page["data"]?.elements.compactMap { $0["id"]?.string } ?? []
                query = page["next_cursor"]?.string.map { "?limit=4&cursor=\($0)" }
            }
            #expect(ids.count == 11 && Set(ids).count == 11)
            #expect(
                try await client.send(.get, Self.deliveries, id: id, query: "?cursor=xyz", by: caller).status == 400)
            #expect(
                try await client.send(.get, Self.deliveries, id: id, query: "?status=lost", by: caller).status == 400)
        }
    }
}
