import Cryptography
import RailConformance
import Settlement
import Stripe
import StripeSimulator

/// Stripe's rail with the simulated Stripe on its other side.
struct StripeBench: RailBench {
    let stripe: SimulatedStripe
    let rail: any Rail
    let destination: String
    let currency = "CAD"
    let unknownDestination = "acct_1NobodyAtAll"

    init(_ stripe: SimulatedStripe = SimulatedStripe()) async throws {
        self.stripe = stripe
        rail = StripeRail(client: try stripe.client())
        destination = try await stripe.seller()
    }

    func nowMs() -> Int64 { stripe.time.now }

    func pass(_ milliseconds: Int64) async throws { stripe.pass(milliseconds) }

    func pay(reference: String) async throws {
        try stripe.world { world, nowMs in try world.completeCheckout(reference, nowMs: nowMs) }
    }

    func fund(_ amountMinor: Int64) async throws {
        stripe.world { world, nowMs in world.topUp(amountMinor: amountMinor, currency: "cad", nowMs: nowMs) }
    }

    func lose(_ loss: RailLoss) async {
        var rates = StripeFaults.Rates()
        switch loss {
        case .requests: rates.requestLost = 1000
        case .answers: rates.replyLost = 1000
        }
        let lossy = rates
        stripe.world { world, _ in world.faults.setRates(lossy) }
    }

    func loseNothing() async { stripe.world { world, _ in world.faults.setRates(StripeFaults.Rates()) } }

    func count(_ instruction: RailInstruction) async -> Int {
        let kind =
            switch instruction {
            case .collect: "checkout.session"
            case .payOut: "transfer"
            case .refund: "refund"
            case .recall: "transfer_reversal"
            }
        return stripe.world { world, _ in
            world.ids(of: kind).count { id in
                guard let bytes = world.object(id), let object = try? JSONDocument(parsing: bytes).root else {
                    return false
                }
                return object["metadata"]?["mjn_ref"]?.string == instruction.reference
            }
        }
    }
}
