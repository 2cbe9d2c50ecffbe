import Cryptography
import Foundation
import HTTPClient
import Inbound
import LocalStripe
import PythonRunning
import Service
import Synchronization
import Testing

/// Webhooks as others sign and send them.
@Suite struct ProviderTests {
    @Test("what Stripe's own library signs is accepted")
    func library() async throws {
        try await TestInbox.with { inbox, test in
            let now = test.clock.ms / 1000
            let events = (0..<50).map { number in
                String(decoding: SignedEvent.body("evt_\(number)", object: "pi_\(number)"), as: UTF8.self)
                    .replacing("2500", with: #""é\u00e9 ☃ 💳 {\#(number)}""#)
            }
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("mjn-\(UUID().uuidString)")
            try Data(events.joined(separator: "\n").utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let program = WebhookRouteTests.python("sign.py")
            let outcome = try await Python.run([program, file.path, SignedEvent.secretText, String(now)])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let headers = outcome.output.split(separator: "\n").map(String.init)
            #expect(headers.count == events.count)
            try await withWebhooks(inbox, clock: { test.clock.ms }) { origin in
                for (event, header) in zip(events, headers) {
                    let response = try await deliver(Array(event.utf8), header: header, to: origin)
                    #expect(response.status == 200)
                }
            }
            #expect(try test.storedCount() == 50)
        }
    }

    @Test("a payment that succeeds at another Stripe reaches the handler through a webhook that it signed")
    func localstripe() async throws {
        try await TestInbox.with { inbox, test in
            let handled = HandledPayments()
            let handler = ScriptedHandler { event in
                handled.note(event)
                return .applied
            }
            // Its signatures have the time of the day.
            try await withWebhooks(inbox, clock: SystemClock.milliseconds) { origin in
                try await withWorker(inbox, handler) {
                    let stripe = try await LocalStripe.start()
                    try await stripe.register(origin + "/api/webhook/stripe", secret: SignedEvent.secretText)
                    let payment = try await stripe.pay(amountMinor: 2500, reference: "settlement-7")
                    try await waitUntil { handled.references[payment] == "settlement-7" }
                    await stripe.stop()
                    try await waitUntil { try test.count(.received) == 0 }
                    #expect(try test.count(.done) == test.storedCount())
                }
            }
        }
    }
}

/// What a handler learnt of payments: the reference in the metadata of each that succeeded.
private final class HandledPayments: Sendable {
    private let state = Mutex<[String: String]>([:])

    var references: [String: String] { state.withLock { $0 } }

    func note(_ event: InboundEvent) {
        guard event.envelope.type == "payment_intent.succeeded", let id = event.envelope.objectID,
            let object = (try? JSONDocument(parsing: event.payload))?.root["data"]?["object"],
            let reference = object["metadata"]?["mjn_ref"]?.string
        else { return }
        state.withLock { $0[id] = reference }
    }
}
