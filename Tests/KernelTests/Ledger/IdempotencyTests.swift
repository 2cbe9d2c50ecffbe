import Cryptography
import Kernel
import LedgerDouble
import Testing

@Suite struct IdempotencyTests {
    let ada = People.ada, bob = People.bob

    @Test("a retry gets the first answer byte for byte, and nothing is done again")
    func replays() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let command = Commands.settle("s", payer: ada, to: [(bob, 60)])
        let first = ledger.run(command)
        ledger.nowMs += 1_000_000
        guard case .replayed(let second) = ledger.decide(command) else {
            Issue.record("the retry was decided anew")
            return
        }
        #expect(second == first)
        #expect(ledger.cash(bob) == 60)
        #expect(ledger.entries.count == 2)
    }

    @Test("a retry whose server gives the settlement another id is the same request")
    func otherID() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let first = ledger.run(Commands.settle("s", payer: ada, to: [(bob, 60)], id: "stl_1"))
        let second = ledger.run(Commands.settle("s", payer: ada, to: [(bob, 60)], id: "stl_2"))
        #expect(second == first)
        #expect(second.reference == "stl_1")
    }

    @Test("the same key with another body is refused, and the first answer stays")
    func reused() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let first = ledger.run(Commands.settle("s", payer: ada, to: [(bob, 60)]))
        let other = ledger.run(Commands.settle("s", payer: ada, to: [(bob, 61)]))
        #expect(other.code == "idempotency_key_reused" && other.status == 422)
        #expect(ledger.run(Commands.settle("s", payer: ada, to: [(bob, 60)])) == first)
        #expect(ledger.outcomes.count == 2)
    }

    @Test("the same key of another caller is another request")
    func otherCaller() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        ledger.run(Commands.settle("s", payer: ada, to: [(bob, 10)], id: "stl_1"))
        ledger.run(Commands.settle("s", payer: ada, to: [(bob, 10)], caller: "did:imajin:soft:cafe", id: "stl_2"))
        #expect(ledger.cash(bob) == 20)
    }

    @Test("a stored refusal stays when the money has come; one that is not stored is decided anew")
    func storedRefusals() {
        var ledger = Ledger()
        let poor = Commands.settle("poor", payer: ada, to: [(bob, 60)])
        let consent = Consent.allowance(service: People.shop.string)
        let early = Commands.settle("early", payer: ada, to: [(bob, 1)], consent: consent)
        #expect(ledger.run(poor).code == "insufficient_funds")
        #expect(ledger.run(early).code == "payer_consent_missing")
        ledger.run(Commands.fund("f", ada, 100))
        ledger.run(Commands.allow("a", payer: ada, max: 10, perDay: 10))
        #expect(ledger.run(poor).code == "insufficient_funds")
        #expect(ledger.run(early).isDone)
    }

    @Test("what was refused before the book is kept, unless it may resolve later, and the first answer wins")
    func refuseOrders() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        #expect(ledger.run(Commands.refuse("r")).code == "manifest_unsigned")
        #expect(ledger.outcomes.count == 2)
        #expect(ledger.run(Commands.refuse("late", code: "chain_unresolved")).code == "chain_unresolved")
        #expect(ledger.outcomes.count == 2)
        let done = ledger.run(Commands.settle("s", payer: ada, to: [(bob, 60)]))
        let same = Commands.settle("s", payer: ada, to: [(bob, 60)])
        let refuse = RefuseOrder(status: 422, code: "manifest_unsigned", detail: "")
        let asRefusal = Command(
            caller: same.caller, key: same.key, requestHash: same.requestHash, action: .refuse(refuse))
        #expect(ledger.run(asRefusal) == done)
    }

    @Test("twice in one batch is once")
    func sameBatch() {
        var ledger = Ledger()
        let command = Commands.fund("f", ada, 100)
        ledger.load([command, command])
        let first = ledger.state.decide(command, nowMs: ledger.nowMs)
        let second = ledger.state.decide(command, nowMs: ledger.nowMs)
        ledger.take()
        #expect(second == .replayed(first.outcome))
        #expect(ledger.cash(ada) == 100)
    }

    @Test("an entry is never before the one before it, whatever the clock says")
    func timeNeverGoesBack() {
        var ledger = Ledger()
        for (index, ms) in [0, 5000, -86_400_000, 4999, 5001].enumerated() {
            ledger.nowMs = People.noonMs + Int64(ms)
            ledger.run(Commands.fund("f\(index)", ada, 1))
        }
        #expect(ledger.entries.map { $0.timeMs - People.noonMs } == [0, 5000, 5000, 5000, 5001])
        #expect(ledger.entries.allSatisfy { $0.effectiveOn == 20_260_331 })
    }
}
