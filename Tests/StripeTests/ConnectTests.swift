import HTTPClient
import Stripe
import Synchronization
import Testing

@Suite("Sellers at Stripe")
struct ConnectTests {
    private static let seller = "did:imajin:6MkfriqKNd8MU5i9EYzKtZQmBqJ8rnTzQx8pVNyqJ3yW"
    private static let link = ScriptedHTTP.Step.answer(
        200, [:], #"{"object":"account_link","created":1,"expires_at":2,"url":"https://connect.stripe.com/s/1"}"#)

    private static func account(
        id: String = "acct_1", transfers: String = "inactive", submitted: Bool = false, due: String = "[]",
        disabled: String = "null"
    ) -> ScriptedHTTP.Step {
        .answer(
            200, [:],
            """
            {"object":"account","id":"\(id)","capabilities":{"transfers":"\(transfers)"},"charges_enabled":false,
             "payouts_enabled":false,"details_submitted":\(submitted),"metadata":{"mjn_ref":"\(seller)"},
             "requirements":{"currently_due":\(due),"past_due":[],"disabled_reason":\(disabled)}}
            """)
    }

    private struct Bench {
        let http: ScriptedHTTP
        let time = ManualTime()
        let store = MemoryAccountStore()

        init(_ steps: [ScriptedHTTP.Step]) { http = ScriptedHTTP(steps) }

        func connect() throws -> StripeConnect {
            let keys = KeyCount()
            return StripeConnect(
                client: try ClientTests.client(http, time), store: store, nowMs: { time.now }, newKey: { keys.next() })
        }

        func onboard() async throws -> StripeConnect.Link {
            try await connect().onboard(
                seller: ConnectTests.seller, country: "CA", email: nil, refreshURL: "https://a.example/again",
                returnURL: "https://a.example/done")
        }

        /// Method and path of the requests so far.
        var paths: [String] {
            http.requests.map { "\($0.method.rawValue) \($0.url.dropFirst("https://api.stripe.com/v1".count))" }
        }
    }

    @Test("a seller gets one account, and a new link for each visit")
    func twice() async throws {
        let bench = Bench([Self.account(), Self.link, Self.link])
        let first = try await bench.onboard()
        _ = try await bench.onboard()
        #expect(first.url == "https://connect.stripe.com/s/1" && first.account.text == "acct_1")
        #expect(bench.paths == ["POST /accounts", "POST /account_links", "POST /account_links"])
        let body = String(decoding: try #require(bench.http.requests.first).body, as: UTF8.self)
        #expect(
            body == """
                country=CA&controller%5Bfees%5D%5Bpayer%5D=application&\
                controller%5Blosses%5D%5Bpayments%5D=application&\
                controller%5Brequirement_collection%5D=stripe&controller%5Bstripe_dashboard%5D%5Btype%5D=express&\
                capabilities%5Btransfers%5D%5Brequested%5D=true&\
                metadata%5Bmjn_ref%5D=did%3Aimajin%3A6MkfriqKNd8MU5i9EYzKtZQmBqJ8rnTzQx8pVNyqJ3yW
                """)
    }

    @Test("an account whose answer was lost is asked for again with the same bytes and key")
    func lost() async throws {
        let bench = Bench([.lost, .lost, .lost, .lost, .lost, Self.account(), Self.link])
        let error = await #expect(throws: StripeConnectError.self) { try await bench.onboard() }
        #expect(error?.code == "connect_unavailable")
        bench.time.advance(3_600_000)
        _ = try await bench.onboard()
        let posts = bench.http.requests.filter { $0.url.hasSuffix("/v1/accounts") }
        #expect(posts.count == 6)
        #expect(Set(posts.map(\.body)).count == 1)
        #expect(Set(posts.map { $0.headers["Idempotency-Key"] }).count == 1)
    }

    @Test("after a day it is looked up first, and made again only where it is absent")
    func old() async throws {
        let list = #"{"object":"list","has_more":false,"data":["#
        guard case .answer(_, _, let json) = Self.account() else { return }
        let found = Bench([.lost, .lost, .lost, .lost, .lost, .answer(200, [:], list + json + "]}"), Self.link])
        let absent = Bench([
            .lost, .lost, .lost, .lost, .lost, .answer(200, [:], list + "]}"), Self.account(), Self.link,
        ])
        for bench in [found, absent] {
            _ = try? await bench.onboard()
            bench.time.advance(23 * 3_600_000)
            let link = try await bench.onboard()
            #expect(link.account.text == "acct_1")
        }
        #expect(found.paths.dropFirst(5).map { $0.prefix(14) } == ["GET /accounts?", "POST /account_"])
        #expect(absent.http.requests.count == 8)
        let keys = absent.http.requests.filter { $0.url.hasSuffix("/v1/accounts") }.map {
            $0.headers["Idempotency-Key"]
        }
        #expect(Set(keys).count == 2)
    }

    @Test("while the key rests nothing is made")
    func resting() async throws {
        let bench = Bench([
            .lost, .lost, .lost, .lost, .lost, .answer(200, [:], #"{"object":"list","has_more":false,"data":[]}"#),
        ])
        _ = try? await bench.onboard()
        bench.time.advance(22 * 3_600_000 + 60_000)
        let error = await #expect(throws: StripeConnectError.self) { try await bench.onboard() }
        #expect(error?.code == "connect_unavailable")
        #expect(bench.http.requests.count == 6)
    }

    @Test("after a refusal the next try is another request, with what the seller says then")
    func refused() async throws {
        let bench = Bench([
            .error(400, type: "invalid_request_error", code: "country_unsupported", "no"), Self.account(), Self.link,
        ])
        let error = await #expect(throws: StripeConnectError.self) { try await bench.onboard() }
        #expect(error?.code == "connect_refused")
        _ = try await bench.connect().onboard(
            seller: Self.seller, country: "US", email: nil, refreshURL: "https://a.example",
            returnURL: "https://a.example")
        let posts = bench.http.requests.filter { $0.url.hasSuffix("/v1/accounts") }
        #expect(Set(posts.map { $0.headers["Idempotency-Key"] }).count == 2)
        #expect(String(decoding: posts[1].body, as: UTF8.self).hasPrefix("country=US"))
    }

    @Test("an account that is gone at Stripe is replaced, by a request with a key of its own")
    func replaced() async throws {
        let gone = ScriptedHTTP.Step.error(403, type: "invalid_request_error", code: "account_invalid", "x")
        let bench = Bench([Self.account(), Self.link, gone, Self.account(id: "acct_2"), Self.link, Self.link])
        #expect(try await bench.onboard().account.text == "acct_1")
        #expect(try await bench.onboard().account.text == "acct_2")
        let posts = bench.http.requests.filter { $0.url.hasSuffix("/v1/accounts") }
        #expect(Set(posts.map { $0.headers["Idempotency-Key"] }).count == 2)
        #expect(try await bench.onboard().account.text == "acct_2")
    }

    @Test(
        "what an account says, in one word",
        arguments: [
            (account(transfers: "active", submitted: true), .ready), (account(), .incomplete),
            (account(submitted: true), .verifying), (account(transfers: "pending", submitted: true), .verifying),
            (account(submitted: true, due: #"["external_account"]"#), .restricted),
            (account(submitted: true, disabled: #""rejected.fraud""#), .restricted),
            (account(transfers: "a_new_one", submitted: true), .verifying),
            (.error(404, type: "invalid_request_error", code: "resource_missing", "x"), .gone),
            (.error(403, type: "invalid_request_error", code: "account_invalid", "x"), .gone),
        ] as [(ScriptedHTTP.Step, StripeSellerStatus.State)])
    func states(answer: ScriptedHTTP.Step, state: StripeSellerStatus.State) async throws {
        let bench = Bench([Self.account(), Self.link, answer])
        #expect(try await bench.connect().status(seller: Self.seller) == .init(state: .none))
        _ = try await bench.onboard()
        let status = try await bench.connect().status(seller: Self.seller)
        #expect(status.state == state)
        #expect(status.takesTransfers == (state == .ready))
    }

    @Test("the dashboard opens for a seller who has been through the form, with a link for each visit")
    func dashboard() async throws {
        let login = ScriptedHTTP.Step.answer(
            200, [:], #"{"object":"login_link","created":1,"url":"https://connect.stripe.com/express/1"}"#)
        let bench = Bench([
            Self.account(), Self.link, Self.account(), Self.account(transfers: "active", submitted: true), login,
        ])
        let connect = try bench.connect()
        await #expect(throws: StripeConnectError.notOnboarded) { try await connect.dashboard(seller: Self.seller) }
        _ = try await bench.onboard()
        await #expect(throws: StripeConnectError.notOnboarded) { try await connect.dashboard(seller: Self.seller) }
        #expect(try await connect.dashboard(seller: Self.seller).url == "https://connect.stripe.com/express/1")
        #expect(bench.paths.last == "POST /accounts/acct_1/login_links")
    }
}

/// Keys that are never the same.
private final class KeyCount: Sendable {
    private let count = Mutex(0)

    func next() -> String {
        count.withLock { count in
            count += 1
            return "link-\(count)"
        }
    }
}
