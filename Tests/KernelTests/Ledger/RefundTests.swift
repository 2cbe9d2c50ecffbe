import Cryptography
import Kernel
import LedgerDouble
import Testing

@Suite struct RefundTests {
    let ada = People.ada, bob = People.bob, cyd = People.cyd, dan = People.dan

    /// Ada has paid 100 in all: 60 to Bob, 30 to Cyd, 10 to the node.
    private func settled() -> (Ledger, Command) {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let fees = [FeePart(kind: .node, amountMinor: 10)]
        let settlement = Commands.settle("s", payer: ada, to: [(bob, 60), (cyd, 30)], fees: fees)
        ledger.run(settlement)
        return (ledger, settlement)
    }

    @Test("a full refund takes back from each line what it got")
    func full() {
        var (ledger, settlement) = settled()
        let outcome = ledger.run(Commands.refund("r", of: settlement, nil))
        #expect(outcome.status == 201)
        #expect(outcome.text.contains(#""status":"refunded""#))
        #expect(ledger.cash(ada) == 100)
        #expect([ledger.cash(bob), ledger.cash(cyd), ledger.fees(.node)] == [0, 0, 0])
        let again = ledger.run(Commands.refund("r2", of: settlement, nil))
        #expect(again.code == "refund_exceeds_remainder")
    }

    @Test("one unit at a time takes back the same in the end, and never more than was given")
    func unitByUnit() {
        var (ledger, settlement) = settled()
        for unit in 1...100 {
            #expect(ledger.run(Commands.refund("r\(unit)", of: settlement, 1)).isDone)
            #expect(ledger.cash(ada) == Int64(unit))
            #expect(ledger.sums == (0, 0))
            #expect(ledger.cash(bob) >= 0 && ledger.cash(cyd) >= 0 && ledger.fees(.node) >= 0)
        }
        #expect([ledger.cash(bob), ledger.cash(cyd), ledger.fees(.node)] == [0, 0, 0])
        #expect(ledger.run(Commands.refund("over", of: settlement, 1)).code == "refund_exceeds_remainder")
    }

    @Test(
        "in whatever steps, what a line has given back depends on the total alone",
        arguments: 1...40 as ClosedRange<UInt64>)
    func randomSteps(_ seed: UInt64) {
        var random = TestRandom(seed: seed)
        let shares = (0..<(1 + random.below(8))).map { _ in random.edgeAmount(max: 1 << random.within(1...40)) }
        let total = shares.reduce(0, +)
        var sums = shares.map { _ in Int64(0) }
        var done: Int64 = 0
        while done < total {
            let next = random.chance(perMille: 100) ? total : done + random.within(1...(total - done))
            let (before, after) = (
                CumulativeSplit.parts(of: shares, totalMinor: done), CumulativeSplit.parts(of: shares, totalMinor: next)
            )
            for index in shares.indices { sums[index] += after[index] - before[index] }
            #expect(sums == after && sums.reduce(0, +) == next, "seed \(seed)")
            #expect(zip(sums, shares).allSatisfy { $0 >= 0 && $0 <= $1 }, "seed \(seed)")
            done = next
        }
        #expect(sums == shares, "seed \(seed)")
    }

    @Test("a larger total can give a line one unit less: that unit goes back to it")
    func negativePart() {
        // The Alabama paradox: over the same shares, 10 units give the last line 2, and 11 units give it 1.
        let shares: [Int64] = [6, 6, 2].map { $0 * 10 }
        let (ten, eleven) = (
            CumulativeSplit.parts(of: shares, totalMinor: 10), CumulativeSplit.parts(of: shares, totalMinor: 11)
        )
        #expect(ten == [4, 4, 2])
        #expect(eleven == [5, 5, 1])
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 140))
        let settlement = Commands.settle("s", payer: ada, to: [(bob, 60), (cyd, 60), (dan, 20)])
        ledger.run(settlement)
        ledger.run(Commands.refund("r1", of: settlement, 10))
        #expect([ledger.cash(bob), ledger.cash(cyd), ledger.cash(dan)] == [56, 56, 18])
        let outcome = ledger.run(Commands.refund("r2", of: settlement, 1))
        #expect(outcome.isDone)
        #expect([ledger.cash(bob), ledger.cash(cyd), ledger.cash(dan)] == [55, 55, 19])
        #expect(ledger.cash(ada) == 11)
        #expect(ledger.sums == (0, 0))
    }

    @Test("what a payee no longer has becomes a receivable, netted from the next credits first")
    func receivable() {
        var (ledger, settlement) = settled()
        ledger.run(Commands.settle("gone", payer: bob, to: [(dan, 50)]))
        let outcome = ledger.run(Commands.refund("r", of: settlement, nil))
        #expect(outcome.text.contains(#""receivables":[{"did":"did:imajin:soft:bob","amount":50}]"#))
        #expect(ledger.cash(ada) == 100)
        #expect(ledger.cash(bob) == 0)
        #expect(ledger.owed(bob) == 50)
        ledger.run(Commands.fund("f2", bob, 20))
        #expect((ledger.owed(bob), ledger.cash(bob)) == (30, 0))
        ledger.run(Commands.settle("s2", payer: ada, to: [(bob, 45)]))
        #expect((ledger.owed(bob), ledger.cash(bob)) == (0, 15))
        #expect(ledger.sums == (0, 0))
    }

    @Test("what is held is not taken back: the payee owes it")
    func heldBecomesReceivable() {
        var (ledger, settlement) = settled()
        ledger.run(Commands.hold("h", from: .cash(bob), to: .escrow(dan), 55))
        ledger.run(Commands.refund("r", of: settlement, nil))
        #expect((ledger.cash(bob), ledger.owed(bob)) == (55, 55))
    }

    @Test("a posted hold pays a debt first")
    func holdPostNets() {
        var (ledger, settlement) = settled()
        ledger.run(Commands.settle("gone", payer: bob, to: [(dan, 60)]))
        ledger.run(Commands.refund("r", of: settlement, nil))
        let hold = Commands.hold("h", from: .cash(dan), to: .cash(bob), 60)
        ledger.run(hold)
        ledger.run(Commands.resolve("p", hold, .post(amountMinor: nil)))
        #expect((ledger.owed(bob), ledger.cash(bob), ledger.cash(dan)) == (0, 0, 0))
        #expect(ledger.sums == (0, 0))
    }

    @Test("credit comes back as credit and cash as cash, in proportion, to the unit")
    func restoresOrigin() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f1", ada, 40, asCredit: true))
        ledger.run(Commands.fund("f2", ada, 60))
        let settlement = Commands.settle("s", payer: ada, to: [(bob, 100)])
        ledger.run(settlement)
        ledger.run(Commands.refund("r1", of: settlement, 50, creditMinor: 40))
        #expect((ledger.credit(ada), ledger.cash(ada)) == (20, 30))
        ledger.run(Commands.refund("r2", of: settlement, nil, creditMinor: 40))
        #expect((ledger.credit(ada), ledger.cash(ada)) == (40, 60))
    }

    @Test("buyer credit is taken back, from the payer's debt where it was spent")
    func takesBuyerCreditBack() {
        for isSpent in [false, true] {
            var ledger = Ledger()
            ledger.run(Commands.fund("f", ada, 100))
            let fees = [FeePart(kind: .buyerCredit, amountMinor: 10)]
            let settlement = Commands.settle("s", payer: ada, to: [(bob, 90)], fees: fees)
            ledger.run(settlement)
            if isSpent { ledger.run(Commands.settle("spend", payer: ada, to: [(cyd, 10)])) }
            #expect(ledger.run(Commands.refund("r", of: settlement, nil)).isDone)
            #expect(ledger.credit(ada) == 0)
            // Spent, its ten are missing from the cash that comes back.
            #expect(ledger.cash(ada) == (isSpent ? 90 : 100))
            #expect(ledger.owed(ada) == 0)
            #expect(ledger.cash(bob) == 0)
            #expect(ledger.sums == (0, 0))
        }
    }

    @Test("a line that stands twice gives back twice")
    func repeatedLines() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 90))
        let settlement = Commands.settle("s", payer: ada, to: [(bob, 90)])
        ledger.run(settlement)
        let lines = [50, 40].map { RefundSource(fee: nil, did: bob, role: "line", amountMinor: $0) }
        ledger.run(Commands.settle("gone", payer: bob, to: [(cyd, 70)]))
        let outcome = ledger.run(Commands.refund("r", of: settlement, nil, lines: lines))
        #expect(outcome.isDone)
        #expect((ledger.cash(ada), ledger.cash(bob), ledger.owed(bob)) == (90, 0, 70))
    }

    @Test(
        "a refund above what is left, of nothing, or of what does not exist is refused",
        arguments: [0, -1, 101, Int64.max])
    func refused(_ amount: Int64) {
        var (ledger, settlement) = settled()
        let outcome = ledger.run(Commands.refund("r", of: settlement, amount))
        #expect(outcome.code == "refund_exceeds_remainder" && outcome.status == 422)
        let unknown = Commands.settle("none", payer: ada, to: [(bob, 1)])
        #expect(ledger.run(Commands.refund("u", of: unknown, 1)).status == 404)
        #expect(ledger.cash(bob) == 60)
    }

    @Test("partial refunds tell how much is given back in all")
    func partialStatus() {
        var (ledger, settlement) = settled()
        let outcome = ledger.run(Commands.refund("r", of: settlement, 33))
        #expect(outcome.text.contains(#""status":"partially_refunded""#))
        #expect(outcome.text.contains(#""refunded_total":33"#))
    }
}
