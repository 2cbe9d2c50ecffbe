import Cryptography
import Foundation
import Kernel
import LedgerDouble
import Testing

@Suite struct SettleTests {
    let ada = People.ada, bob = People.bob, cyd = People.cyd

    @Test("money moves from the payer to payees and fees, and the entry sums to zero")
    func moves() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 1000))
        let fees = [FeePart(kind: .protocol, amountMinor: 10), FeePart(kind: .node, amountMinor: 5)]
        let outcome = ledger.run(Commands.settle("s", payer: ada, to: [(bob, 300), (cyd, 85)], fees: fees))
        #expect(outcome.status == 201 && outcome.code == nil)
        #expect(outcome.reference == "stl_s")
        #expect(ledger.cash(ada) == 600)
        #expect(ledger.cash(bob) == 300)
        #expect(ledger.cash(cyd) == 85)
        #expect(ledger.fees(.protocol) == 10)
        #expect(ledger.fees(.node) == 5)
        #expect(ledger.sums == (0, 0))
        #expect(ledger.entries.map(\.seq) == [1, 2])
        #expect(outcome.text.contains(#""entry_seq":2"#))
        #expect(outcome.text.contains(#""entry_hash":"\#(Hex.encode(ledger.entries[1].hash))""#))
        #expect(outcome.text.contains(#""created_at":"2026-03-31T12:00:00.000Z""#))
    }

    @Test("credit is spent before cash, and reaches payees as cash")
    func spendsCreditFirst() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f1", ada, 100))
        ledger.run(Commands.fund("f2", ada, 60, asCredit: true))
        ledger.run(Commands.settle("s", payer: ada, to: [(bob, 90)]))
        #expect(ledger.credit(ada) == 0)
        #expect(ledger.cash(ada) == 70)
        #expect(ledger.cash(bob) == 90)
        #expect(ledger.credit(bob) == 0)
        #expect(ledger.settlements.last?.creditMinor == 60)
        #expect(ledger.balance(AccountKey(kind: .promotions, currency: "USD")) == 60)
    }

    @Test("credit alone covers a settlement that it is enough for")
    func spendsCreditOnly() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f1", ada, 60, asCredit: true))
        #expect(ledger.run(Commands.settle("s", payer: ada, to: [(bob, 60)])).isDone)
        #expect(ledger.credit(ada) == 0)
    }

    @Test("a payer who is a payee gets their part back in the same entry")
    func payerIsPayee() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        ledger.run(Commands.settle("s", payer: ada, to: [(ada, 40), (bob, 60)]))
        #expect(ledger.lastEntry == [.cash(ada): [.debit: 60], .cash(bob): [.credit: 60]])
    }

    @Test("a payer who is a payee must hold the gross all the same")
    func payerAndPayeeNeedsGross() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 60))
        let outcome = ledger.run(Commands.settle("s", payer: ada, to: [(ada, 40), (bob, 60)]))
        #expect(outcome.code == "insufficient_funds" && outcome.status == 402)
    }

    @Test("who pays only themselves makes an entry without postings")
    func onlySelf() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let outcome = ledger.run(Commands.settle("s", payer: ada, to: [(ada, 100)]))
        #expect(outcome.isDone)
        #expect(ledger.entries.count == 2)
        #expect(ledger.lastEntry.isEmpty)
        #expect(ledger.cash(ada) == 100)
    }

    @Test("credit that is paid to oneself stays credit, and a refund moves it no more")
    func creditToSelf() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f1", ada, 100, asCredit: true))
        let settle = Commands.settle("s", payer: ada, to: [(ada, 60), (bob, 40)])
        ledger.run(settle)
        #expect(ledger.credit(ada) == 60)
        #expect(ledger.cash(ada) == 0)
        #expect(ledger.settlements.last?.creditMinor == 40)
        ledger.run(Commands.refund("r", of: settle, nil, creditMinor: 40))
        #expect(ledger.credit(ada) == 100)
        #expect(ledger.cash(ada) == 0)
    }

    @Test("buyer credit comes back to the payer as credit")
    func buyerCredit() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        let fees = [FeePart(kind: .buyerCredit, amountMinor: 2)]
        ledger.run(Commands.settle("s", payer: ada, to: [(bob, 98)], fees: fees))
        #expect(ledger.cash(ada) == 0)
        #expect(ledger.credit(ada) == 2)
        #expect(ledger.run(Commands.settle("s2", payer: ada, to: [(bob, 2)])).isDone)
    }

    @Test("zero parts leave no posting and open no account")
    func zeroLines() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        ledger.run(Commands.settle("s", payer: ada, to: [(bob, 100), (cyd, 0)]))
        #expect(!ledger.keys.values.contains(.cash(cyd)))
    }

    @Test(
        "one unit more than there is, is refused, and all there is, is not", arguments: [1, 7, 9_000_000_000_000_000])
    func exactBound(_ amount: Int64) {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, amount))
        #expect(ledger.run(Commands.settle("s1", payer: ada, to: [(bob, amount + 1)])).code == "insufficient_funds")
        #expect(ledger.run(Commands.settle("s2", payer: ada, to: [(bob, amount)])).isDone)
        #expect(ledger.cash(ada) == 0)
    }

    @Test("what is held cannot be spent")
    func holdsCount() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        ledger.run(Commands.hold("h", from: .cash(ada), to: .escrow(bob), 30))
        #expect(ledger.run(Commands.settle("s1", payer: ada, to: [(bob, 71)])).code == "insufficient_funds")
        #expect(ledger.run(Commands.settle("s2", payer: ada, to: [(bob, 70)])).isDone)
    }

    @Test("a frozen payer pays nothing, and pays again once unfrozen")
    func frozen() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        ledger.run(Commands.restrict("r1", ada, .freeze))
        let outcome = ledger.run(Commands.settle("s1", payer: ada, to: [(bob, 1)]))
        #expect(outcome.code == "account_frozen" && outcome.status == 422)
        #expect(ledger.run(Commands.fund("f2", bob, 10)).isDone)
        #expect(ledger.run(Commands.settle("s2", payer: bob, to: [(ada, 10)])).isDone)
        ledger.run(Commands.restrict("r2", ada, .unfreeze))
        #expect(ledger.run(Commands.settle("s3", payer: ada, to: [(bob, 110)])).isDone)
    }

    @Test("what the operator holds back stays, in its currency only, and 0 lifts it")
    func heldBack() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f1", ada, 100))
        ledger.run(Commands.fund("f2", ada, 100, "EUR"))
        ledger.run(Commands.restrict("r1", ada, .holdBack(currency: "USD", amountMinor: 40)))
        #expect(ledger.run(Commands.settle("s1", payer: ada, to: [(bob, 61)])).code == "insufficient_funds")
        #expect(ledger.run(Commands.settle("s2", payer: ada, to: [(bob, 60)])).isDone)
        #expect(ledger.run(Commands.settle("s3", payer: ada, to: [(bob, 100)], "EUR")).isDone)
        #expect(ledger.run(Commands.hold("h", from: .cash(ada), to: .escrow(bob), 1)).code == "insufficient_funds")
        ledger.run(Commands.restrict("r2", ada, .holdBack(currency: "USD", amountMinor: 0)))
        #expect(ledger.run(Commands.settle("s4", payer: ada, to: [(bob, 40)])).isDone)
    }

    @Test("a manifest id belongs to who signed it first")
    func manifestOwner() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 100))
        func manifest(_ signer: String) -> ManifestRecord {
            ManifestRecord(cid: "cid-\(signer)", manifestID: "song", signer: signer, json: [])
        }
        #expect(ledger.run(Commands.settle("s1", payer: ada, to: [(bob, 1)], manifests: [manifest("bob")])).isDone)
        let outcome = ledger.run(Commands.settle("s2", payer: ada, to: [(bob, 1)], manifests: [manifest("cyd")]))
        #expect(outcome.code == "manifest_owner_changed" && outcome.status == 422)
        #expect(ledger.run(Commands.settle("s3", payer: ada, to: [(bob, 1)], manifests: [manifest("bob")])).isDone)
    }

    @Test("a counter that would overflow is a refusal, and nothing moves")
    func overflow() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f1", ada, .max))
        let refused = ledger.run(Commands.fund("f2", bob, 1))
        // The other side, dev_funding, is full.
        #expect(refused.code == "amount_overflow" && refused.status == 422)
        #expect(ledger.run(Commands.settle("s1", payer: ada, to: [(bob, .max)])).isDone)
        #expect(ledger.run(Commands.settle("s2", payer: bob, to: [(ada, 1)])).code == "amount_overflow")
        #expect(ledger.cash(bob) == .max)
        #expect(ledger.run(Commands.settle("s3", payer: bob, to: [(cyd, .max)])).isDone)
        #expect(ledger.sums == (0, 0))
    }

    @Test("a thousand payees are paid by one entry")
    func thousandPayees() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 1_000_000))
        let parts = (0..<1000).map { (People.did("p\($0)"), Int64($0 + 1)) }
        #expect(ledger.run(Commands.settle("s", payer: ada, to: parts)).isDone)
        #expect(ledger.lastEntry.count == 1001)
        #expect(ledger.cash(ada) == 1_000_000 - 500_500)
        #expect(parts.allSatisfy { ledger.cash($0.0) == $0.1 })
        #expect(ledger.sums == (0, 0))
    }

    @Test("the first settlement with a service is attested as customer, the second is not")
    func attestsCustomerOnce() {
        var ledger = Ledger()
        ledger.run(Commands.fund("f", ada, 10))
        func attestations(_ outcome: Outcome) -> Int { outcome.text.components(separatedBy: "\"bafy").count - 2 }
        let counts = ["shop", "shop", "cafe"].enumerated().map { index, service in
            attestations(ledger.run(Commands.settle("s\(index)", payer: ada, to: [(bob, 1)], service: service)))
        }
        #expect(counts == [2, 1, 2])
    }
}
