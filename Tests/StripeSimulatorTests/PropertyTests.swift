import Cryptography
import StripeSimulator
import Testing

/// What holds whatever a platform does and whatever goes wrong.
@Suite struct PropertyTests {
    @Test(
        "every balance is the sum of its transactions, and every object what the specification says",
        arguments: 1...60 as ClosedRange<UInt64>)
    func invariants(seed: UInt64) throws {
        var run = StormyRun(seed: seed)
        for _ in 0..<120 {
            run.step()
            try #require(run.shop.world.balanceProof().isEmpty, "seed \(seed)")
        }
        #expect(run.shop.world.violations.isEmpty, "seed \(seed)")
        for account in run.sellers {
            let balance = run.shop.world.balance(of: account, currency: "cad")
            #expect(balance.availableMinor >= 0 && balance.pendingMinor >= 0, "seed \(seed): \(account) \(balance)")
        }
        let check = try SchemaCheck()
        let kinds = [
            "account", "balance_transaction", "charge", "checkout.session", "dispute", "event", "payment_intent",
            "payout", "refund", "transfer", "transfer_reversal",
        ]
        for kind in kinds {
            for id in run.shop.world.ids(of: kind) {
                let object = try JSONDocument(parsing: try #require(run.shop.world.object(id))).root
                let faults = check.faults(in: object)
                try #require(faults.isEmpty, "seed \(seed): \(id) \(faults)")
            }
        }
    }

    @Test("the same seed gives the same bytes")
    func deterministic() {
        func run(_ seed: UInt64) -> [[UInt8]] {
            var run = StormyRun(seed: seed)
            for _ in 0..<100 { run.step() }
            return run.answers
        }
        #expect(run(3) == run(3))
        #expect(run(3) != run(4))
    }

    @Test("all runs together do everything")
    func coverage() {
        var statuses: Set<Int> = []
        var kinds: Set<String> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            var run = StormyRun(seed: seed)
            for _ in 0..<120 { run.step() }
            statuses.formUnion(run.statuses)
            for kind in ["transfer", "transfer_reversal", "refund", "dispute", "payout", "checkout.session"]
            where !run.shop.world.ids(of: kind).isEmpty {
                kinds.insert(kind)
            }
        }
        #expect(statuses == [200, 400, 402, 404, 409, 429, 500])
        #expect(kinds.count == 6)
    }
}
