import ChildProcesses
import Foundation
import LocalStripe
import PythonRunning
import StripeSimulator
import Testing

extension EndToEnd {
    /// A Stripe that others wrote sends the webhook, and answers what the node asks about it.
    @Suite("A payment at another Stripe")
    struct LocalStripeTests {
        @Test("a payment there with our reference settles ours, by a webhook that it signed")
        func settles() async throws {
            let localStripe = try await LocalStripe.start()
            let port = try LocalStripe.freePort()
            var process: ChildProcess?
            defer { process?.end() }
            // It has no checkout pages: those are the simulator's.
            let shop = try await StripeTests.Shop.open { simulator in
                let script = Program.tests.appendingPathComponent("python/two_stripes.py").path
                process = try ChildProcess(
                    Python.command([script, String(port), simulator.url, localStripe.origin]))
                return "http://127.0.0.1:\(port)"
            }
            let artist = Person()
            let manifest = try artist.sign(Text.manifest([(artist.did, "1")]))
            let payment = try StripeTests.checkout(shop, #","fair_manifest":\#(manifest)"#)
            try await localStripe.register(
                "http://\(shop.node.authority)/api/webhook/stripe", secret: StripeTests.Shop.secret)
            let intent = try await localStripe.pay(amountMinor: 10_000, reference: "\(payment)-1")
            try await shop.wait(for: "/api/payments/\(payment)", "settled")
            // That Stripe takes no fee.
            #expect(try shop.cash(artist.did) == 10_000 && shop.account("clearing") == 10_000)
            let stored = try shop.home.mjn(["webhooks", "inbox", "list", "--status", "done", "--format", "json"])
            #expect(stored.out.contains(intent), "\(stored.out) \(stored.err)")
            _ = try shop.home.verify()
            try await shop.close()
            await localStripe.stop()
        }
    }
}
