import Cryptography
import Kernel
import LedgerDouble
import Testing

@Suite struct HoldTests {
    let ada = People.ada, bob = People.bob, cyd = People.cyd

    private func held(_ amount: Int64, expiresAtMs: Int64? = nil) -> (Ledger, Command) {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let hold = Commands.hold("h", from: .cash(ada), to: .cash(bob), amount, expiresAtMs: expiresAtMs)
        #expect(ledger.run(hold).status == 201)
        return (ledger, hold)
    }

    @Test("a hold reserves and moves nothing")
    func reserves() {
        let (ledger, _) = held(30)
        #expect(ledger.counters(.cash(ada)) == Counters(postedCredits: 100, pendingDebits: 30))
        #expect(ledger.counters(.cash(bob)) == Counters(pendingCredits: 30))
        #expect(ledger.sums == (0, 0))
    }

    @Test("what is announced by a hold cannot be spent yet")
    func announcedIsNotThere() {
        var (ledger, _) = held(30)
        #expect(ledger.run(Commands.settle("s", payer: bob, to: [(cyd, 1)])).code == "insufficient_funds")
    }

    @Test("holds reserve no more than there is")
    func bound() {
        var (ledger, _) = held(30)
        #expect(ledger.run(Commands.hold("h2", from: .cash(ada), to: .cash(bob), 71)).code == "insufficient_funds")
        #expect(ledger.run(Commands.hold("h3", from: .cash(ada), to: .cash(bob), 70)).isDone)
    }

    @Test("posted, all of it moves; posted in part, the rest is free again", arguments: [nil, 30, 12, 1])
    func posts(_ amount: Int64?) {
        var (ledger, hold) = held(30)
        let outcome = ledger.run(Commands.resolve("p", hold, .post(amountMinor: amount)))
        #expect(outcome.status == 200)
        let moved = amount ?? 30
        #expect(outcome.text.contains(#""status":"posted","amount":30,"posted":\#(moved)"#))
        #expect(ledger.counters(.cash(ada)) == Counters(postedDebits: moved, postedCredits: 100))
        #expect(ledger.counters(.cash(bob)) == Counters(postedCredits: moved))
        #expect(ledger.sums == (0, 0))
    }

    @Test("voided or expired, everything is free again")
    func releases() {
        for resolution in [HoldResolution.void, .expire] {
            var (ledger, hold) = held(30, expiresAtMs: People.noonMs + 10)
            if resolution == .expire { ledger.nowMs += 10 }
            #expect(ledger.run(Commands.resolve("v", hold, resolution)).isDone)
            #expect(ledger.counters(.cash(ada)) == Counters(postedCredits: 100))
            #expect(ledger.counters(.cash(bob)) == Counters())
            #expect(ledger.entries.last?.causeKind == (resolution == .void ? "hold_void" : "hold_expire"))
        }
    }

    @Test("each hold ends once, whatever comes second")
    func endsOnce() {
        let ends: [HoldResolution] = [.post(amountMinor: nil), .post(amountMinor: 5), .void, .expire]
        for first in ends {
            for (index, second) in ends.enumerated() {
                var (ledger, hold) = held(30, expiresAtMs: People.noonMs + 10)
                if first == .expire { ledger.nowMs += 10 }
                #expect(ledger.run(Commands.resolve("first", hold, first)).isDone)
                let before = ledger.entries.count
                let outcome = ledger.run(Commands.resolve("second\(index)", hold, second))
                #expect(outcome.code == (first == .expire ? "hold_expired" : "hold_resolved"), "\(first) \(second)")
                #expect(outcome.status == (first == .expire ? 422 : 409))
                #expect(ledger.entries.count == before)
            }
        }
    }

    @Test("a post at the very millisecond of the end is too late, one before it is not")
    func latePost() {
        for (lateMs, code) in [(Int64(9), nil), (10, "hold_expired"), (11, "hold_expired")] as [(Int64, String?)] {
            var (ledger, hold) = held(30, expiresAtMs: People.noonMs + 10)
            ledger.nowMs += lateMs
            #expect(ledger.run(Commands.resolve("p", hold, .post(amountMinor: nil))).code == code)
        }
    }

    @Test("nothing expires before its time, or without one")
    func notDue() {
        for end in [nil, People.noonMs + 10] {
            var (ledger, hold) = held(30, expiresAtMs: end)
            ledger.nowMs += 9
            let outcome = ledger.run(Commands.resolve("e", hold, .expire))
            #expect(outcome.code == "hold_not_due" && outcome.status == 409)
        }
    }

    @Test("no more is posted than is held, and no less than one unit", arguments: [0, -1, 31, Int64.max, Int64.min])
    func exceeded(_ amount: Int64) {
        var (ledger, hold) = held(30)
        #expect(ledger.run(Commands.resolve("p", hold, .post(amountMinor: amount))).code == "hold_exceeded")
        #expect(ledger.run(Commands.resolve("p2", hold, .post(amountMinor: 30))).isDone)
    }

    @Test("what does not exist is unknown, what is over before it begins is refused, an id is used once")
    func refused() {
        var (ledger, hold) = held(30)
        let other = Commands.hold("other", from: .cash(ada), to: .cash(bob), 1)
        #expect(ledger.run(Commands.resolve("u", other, .void)).status == 404)
        let over = Commands.hold("o", from: .cash(ada), to: .cash(bob), 1, expiresAtMs: ledger.nowMs)
        #expect(ledger.run(over).code == "hold_expired")
        let again = Commands.hold("again", from: .cash(ada), to: .cash(bob), 1, id: "hld_h")
        #expect(ledger.run(again).code == "hold_resolved")
        ledger.run(Commands.restrict("r", ada, .freeze))
        #expect(ledger.run(Commands.hold("z", from: .cash(ada), to: .cash(bob), 1)).code == "account_frozen")
        #expect(ledger.run(Commands.resolve("v", hold, .void)).isDone)
    }
}
