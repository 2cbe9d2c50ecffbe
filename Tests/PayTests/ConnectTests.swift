import Cryptography
import Kernel
import Pay
import Service
import Testing

@Suite("Sellers' accounts")
struct ConnectTests {
    private let body = #"{"refresh_url":"https://shop.example/again","return_url":"https://shop.example/done"}"#

    /// A rail's onboarding that works, or fails always.
    static func onboarding(failing failure: OnboardingFailure? = nil) -> PayeeOnboarding {
        PayeeOnboarding(
            onboard: { request throws(OnboardingFailure) in
                if let failure { throw failure }
                return OnboardingLink(
                    url: "https://connect.example/\(request.country ?? "")", expiresAtMs: PayFixture.noonMs,
                    account: "acct_1")
            },
            status: { seller throws(OnboardingFailure) in
                if let failure { throw failure }
                return OnboardingStatus(
                    state: "ready", account: seller.string, takesTransfers: true, due: ["external_account"])
            },
            dashboard: { _ throws(OnboardingFailure) in
                if let failure { throw failure }
                return OnboardingLink(url: "https://connect.example/login", expiresAtMs: nil, account: "acct_1")
            })
    }

    private func start(failing failure: OnboardingFailure? = nil) async throws -> PayFixture {
        var settings = PayFixture.Settings()
        settings.desk = { $0.onboarding = Self.onboarding(failing: failure) }
        return try await PayFixture.start(settings)
    }

    @Test("a seller gets a link, sees how far it is, and opens its dashboard")
    func works() async throws {
        let pay = try await start()
        let json = body.replacing("{", with: #"{"country":"CA","#)
        let link = try await pay.send(.post, "/api/connect/onboard", json, by: .artist)
        #expect(link.json["url"]?.string == "https://connect.example/CA", "\(link.text)")
        #expect(link.json["expires_at"]?.string == "2026-03-31T12:00:00.000Z")
        let status = try await pay.send(.get, "/api/connect/status", by: .artist)
        #expect(status.json["state"]?.string == "ready")
        #expect(status.json["account"]?.string == Person.artist.did.string, "the caller's own, nobody else's")
        #expect(status.json["due"]?.elements.map(\.string) == ["external_account"])
        let dashboard = try await pay.send(.post, "/api/connect/dashboard", by: .artist)
        #expect(dashboard.json["expires_at"]?.isNull == true)
    }

    @Test("every failure has its own code; without the rail it is 503 rail_off")
    func failures() async throws {
        for (failure, expected) in [
            (OnboardingFailure.notOnboarded, "409 connect_not_onboarded"), (.busy, "409 connect_busy"),
            (.refused("no"), "422 connect_refused"), (.unavailable("away"), "503 rail_unavailable"),
        ] {
            let pay = try await start(failing: failure)
            for response in [
                try await pay.send(.post, "/api/connect/onboard", body, by: .artist),
                try await pay.send(.get, "/api/connect/status", by: .artist),
                try await pay.send(.post, "/api/connect/dashboard", by: .artist),
            ] { #expect("\(response.status) \(response.code ?? "-")" == expected) }
        }
        let off = try await PayFixture.start()
        let response = try await off.send(.post, "/api/connect/onboard", body, by: .artist)
        #expect(response.code == "rail_off")
    }

    @Test("return URLs are the operator's, and a country is two letters")
    func malformed() async throws {
        let pay = try await start()
        for (json, code) in [
            (body.replacing("shop.example", with: "evil.example"), "return_url_not_allowed"),
            (body.replacing("{", with: #"{"country":"ca","#), "field_invalid"),
            (body.replacing("{", with: #"{"country":"CAN","#), "field_invalid"), ("{}", "field_invalid"),
        ] {
            #expect(try await pay.send(.post, "/api/connect/onboard", json, by: .artist).code == code)
        }
        #expect(try await pay.send(.get, "/api/connect/status", by: nil).code == "signature_missing")
    }
}
