import Foundation
import HTTPClient
import Kernel
import Settlement
import Stripe
import StripeSimulator
import Testing

/// The rail over real HTTP: what leaves the process is what Stripe's specification takes.
@Suite("Stripe over HTTP", .serialized)
struct WireTests {
    private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    private static func withRail(
        _ body: (StripeRail, StripeClient, StripeServer) async throws -> Void
    ) async throws {
        var configuration = StripeConfiguration()
        configuration.accountsStartActive = true
        let server = try await StripeServer.start(
            world: StripeWorld(seed: 5, configuration: configuration), clock: { now() })
        let settings = try StripeSettings(apiBase: server.url, isDevelopment: true)
        let http = try HTTPClient(HTTPClientConfiguration(egress: settings.egress))
        let client = StripeClient(
            key: try StripeSecretKey("sk_test_simulator"), settings: settings, http: http,
            timing: .live { now() })
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(StripeRail(client: client), client, server))
        } catch {
            result = .failure(error)
        }
        #expect(server.withWorld { $0.violations.map(\.description) } == [])
        #expect(server.withWorld { $0.balanceProof() } == [])
        await http.shutdown()
        await server.stop()
        try result.get()
    }

    @Test("a payment, a transfer drawn on it and a refund go through, over connections that break")
    func throughout() async throws {
        try await Self.withRail { rail, client, server in
            server.withWorld { world in
                world.topUp(amountMinor: 10_000, currency: "cad", nowMs: server.nowMs)
                world.faults.script("POST", "/v1/checkout/sessions", .replyLost)
                world.faults.script("POST", "/v1/transfers", .replyLost)
                world.faults.script("POST", "/v1/refunds", .requestLost)
            }
            let outcome = await client.write(
                .createAccount(country: "CA", email: "seller+1@example.org", reference: "did:imajin:seller"),
                idempotencyKey: "account-1", as: StripeAccount.self)
            guard case .done(let account, _) = outcome else {
                Issue.record("no account: \(outcome)")
                return
            }
            let collect = RailInstruction.collect(
                CollectInstruction(
                    reference: "pay_1-1", paymentID: "pay_1", amountMinor: 2500, currency: "CAD",
                    description: "Zwei Karten, Ünïcode & more", successURL: "https://shop.example/done?a=1&b=ä",
                    cancelURL: "https://shop.example/back", expiresAtMs: Self.now() + 3_600_000,
                    beganAtMs: Self.now()))
            let opened = try #require(await Self.facts(rail, collect))
            try server.withWorld { world in
                try world.completeCheckout(opened.reference, nowMs: server.nowMs)
            }
            guard
                case .found(let paid) = await rail.fetch(
                    collect, prepared: [], reference: opened.reference, nowMs: Self.now())
            else {
                Issue.record("the payment is not found")
                return
            }
            #expect(paid.standing == .done && paid.amountMinor == 2500)
            let transfer = RailInstruction.payOut(
                PayOutInstruction(
                    reference: "po_1-1", payoutID: "po_1", amountMinor: 2000, currency: "CAD",
                    destination: account.id.text, payee: "did:imajin:seller",
                    drawnOn: .init(paymentID: "pay_1", source: try #require(paid.source)), beganAtMs: Self.now()))
            #expect(await Self.facts(rail, transfer)?.standing == .done)
            let refund = RailInstruction.refund(
                RefundInstruction(
                    reference: "rrf_1-1", refundID: "rrf_1", paymentID: "pay_1", paymentReference: paid.reference,
                    amountMinor: 500, currency: "CAD", beganAtMs: Self.now()))
            #expect(await Self.facts(rail, refund)?.standing == .done)
            let counts = server.withWorld { world in
                ["checkout.session", "transfer", "refund"].map { world.ids(of: $0).count }
            }
            #expect(counts == [1, 1, 1])
        }
    }

    @Test("every other call of the rail is one that Stripe's specification takes")
    func everyCall() async throws {
        try await Self.withRail { _, client, server in
            server.withWorld { $0.topUp(amountMinor: 10_000, currency: "cad", nowMs: server.nowMs) }
            let amount = StripeAmount(amount: 1500, currency: "cad")
            let payout = await client.write(
                .createPayout(amount, reference: "bank_1-1", on: nil), idempotencyKey: "bank_1-1", as: StripePayout.self
            )
            if case .done(let payout, _) = payout {
                _ = try await client.read(.payout(payout.id, on: nil), as: StripePayout.self)
                _ = await client.write(
                    .cancelPayout(payout.id, on: nil), idempotencyKey: "cancel", as: StripePayout.self)
            } else {
                Issue.record("no payout: \(payout)")
            }
            let intent = await client.write(
                .createPaymentIntent(amount, reference: "pay_9-1", paymentID: "pay_9", description: "x"),
                idempotencyKey: "pay_9-1", as: StripePaymentIntent.self)
            if case .done(let intent, _) = intent {
                _ = await client.write(
                    .cancelPaymentIntent(intent.id), idempotencyKey: "c", as: StripePaymentIntent.self)
                #expect(
                    try await client.read(.paymentIntent(intent.id), as: StripePaymentIntent.self).status
                        == .known(.canceled))
            } else {
                Issue.record("no payment: \(intent)")
            }
            _ = try await client.list(.paymentIntents, StripeFilter(createdFromMs: 0, untilMs: Self.now()))
            _ = try await client.list(.charges, StripeFilter().group("pay_9"))
            _ = try await client.list(.disputes)
            _ = try await client.list(.payouts, StripeFilter(createdFromMs: 0))
            _ = try await client.list(.balanceTransactions, StripeFilter(createdFromMs: 0))
            _ = try await client.list(.events, StripeFilter().types(["charge.succeeded", "refund.failed"]))
        }
    }

    /// Prepares and carries out.
    private static func facts(_ rail: StripeRail, _ instruction: RailInstruction) async -> RailFacts? {
        guard case .ready(let prepared) = await rail.prepare(instruction, nowMs: now()) else { return nil }
        switch await rail.carryOut(instruction, prepared: prepared, nowMs: now()) {
        case .done(let facts), .pending(let facts): return facts
        case .failed, .refused, .lapsed, .unknown: return nil
        }
    }
}
