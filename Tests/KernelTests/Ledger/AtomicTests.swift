import Cryptography
import Kernel
import LedgerDouble
import Testing

@Suite struct AtomicTests {
    let ada = People.ada, bob = People.bob, cyd = People.cyd

    @Test("all of a group is done, in order")
    func allDone() {
        var ledger = Ledger()
        let decisions = ledger.runAtomically([
            Commands.fund("a", ada, 100), Commands.settle("b", payer: ada, to: [(bob, 100)]),
            Commands.settle("c", payer: bob, to: [(cyd, 100)]),
        ])
        #expect(decisions.allSatisfy { $0.outcome.isDone })
        #expect(ledger.cash(cyd) == 100)
        #expect(ledger.entries.map(\.seq) == [1, 2, 3])
    }

    @Test("of a group with a refusal nothing is done but the refusal's answer")
    func nothingDone() {
        var ledger = Ledger()
        let group = [
            Commands.fund("a", ada, 100), Commands.settle("b", payer: ada, to: [(bob, 101)]),
            Commands.fund("c", bob, 1),
        ]
        let decisions = ledger.runAtomically(group)
        #expect(decisions.map(\.outcome.code) == ["batch_aborted", "insufficient_funds", "batch_aborted"])
        #expect(decisions.map(\.outcome.status) == [424, 402, 424])
        #expect(ledger.entries.isEmpty && ledger.keys.isEmpty)
        #expect(ledger.outcomes.map(\.identity.key) == ["b"])
        // A retry of the whole finds the stored refusal; its innocent members may come again on their own.
        #expect(ledger.runAtomically(group).map(\.outcome.code) == decisions.map(\.outcome.code))
        #expect(ledger.run(group[0]).isDone)
    }

    /// Everything that a batch writes, as comparable text.
    private func text(_ state: LedgerState, _ writes: BatchWrites) -> String {
        var parts: [String] = ["\(state.head)", "\(state.nextAccountID)"]
        parts += writes.entries.map { "\($0)" } + writes.postings.map { "\($0)" } + writes.accounts.map { "\($0)" }
        parts += writes.outcomes.map { "\($0)" } + writes.settlements.map { "\($0)" } + writes.refunds.map { "\($0)" }
        parts += writes.manifests.map { "\($0)" } + writes.outbox.map { "\($0)" } + writes.customers.map { "\($0)" }
        parts += writes.allowances.map { "\($0)" } + writes.authorizations.map { "\($0)" }
        parts += writes.holds.map { "\($0)" } + writes.gasMessages.map { "\($0)" }
        parts += writes.restrictions.map { "\($0)" }
        return parts.joined(separator: "\n")
    }

    /// One of everything that changes the book, on people who have accounts and on people who have none.
    private func everything(_ prefix: String, _ person: DID, refunding earlier: Command? = nil) -> [Command] {
        let manifest = ManifestRecord(cid: "cid\(prefix)", manifestID: "m\(prefix)", signer: "bob", json: [1])
        let settlement = Commands.settle(
            "\(prefix)2", payer: person, to: [(cyd, 40), (person, 3)],
            fees: [FeePart(kind: .buyerCredit, amountMinor: 2)],
            manifests: [manifest])
        let hold = Commands.hold("\(prefix)5", from: .cash(person), to: .escrow(cyd), 10)
        return [
            Commands.fund("\(prefix)0", person, 500), Commands.fund("\(prefix)1", person, 30, asCredit: true),
            settlement,
            Commands.settle(
                "\(prefix)3", payer: person, to: [(cyd, 1)], consent: .authorization(nonce: prefix, notAfterMs: .max)),
            Commands.refund("\(prefix)4", of: earlier ?? settlement, 7, creditMinor: 30), hold,
            Commands.resolve("\(prefix)6", hold, .post(amountMinor: 4)),
            Commands.fund("\(prefix)7", person, 1000, "MJN"), Commands.gas("\(prefix)8", from: person, to: cyd),
            Commands.allow("\(prefix)9", payer: person, max: 5, perDay: 50),
            Commands.settle(
                "\(prefix)10", payer: person, to: [(cyd, 5)], consent: .allowance(service: People.shop.string)),
            Commands.restrict("\(prefix)11", person, .holdBack(currency: "USD", amountMinor: 3)),
            Commands.restrict("\(prefix)12", person, .freeze), Commands.refuse("\(prefix)13"),
            Commands.command(key: "\(prefix)14", body: prefix, .recordManifests([manifest])),
        ]
    }

    @Test("a group that fails leaves the state as if it had never been, whatever was in it")
    func undoIsComplete() {
        for isKnown in [true, false] {
            let person = isKnown ? bob : People.did("eve")
            let earlier = everything("k", bob)
            let attempt = everything("x", person, refunding: earlier[2])
                .filter { if case .refuse = $0.action { false } else { true } }
            for length in 1...attempt.count {
                var (tried, plain) = (Ledger(), Ledger())
                for command in earlier {
                    tried.run(command)
                    plain.run(command)
                }
                if isKnown {
                    tried.run(Commands.restrict("thaw", bob, .unfreeze))
                    plain.run(Commands.restrict("thaw", bob, .unfreeze))
                }
                // An unstored refusal ends the group, so that nothing of it remains.
                let unknown = Commands.settle("never", payer: ada, to: [(bob, 1)])
                let group = Array(attempt.prefix(length)) + [Commands.refund("end", of: unknown, 1)]
                let decisions = tried.runAtomically(group)
                #expect(
                    decisions.last?.outcome.code == "settlement_unknown", "\(length): \(decisions.map(\.outcome.code))")
                #expect(text(tried.state, tried.state.writes) == text(plain.state, plain.state.writes))
                // Loaded alike, both go on alike: the same entries, hashes, accounts and replies.
                plain.load(group)
                let after = everything("y", person, refunding: earlier[2])
                for command in after {
                    tried.load([command])
                    plain.load([command])
                    let (left, right) = (
                        tried.state.decide(command, nowMs: tried.nowMs), plain.state.decide(command, nowMs: plain.nowMs)
                    )
                    #expect(left == right, "\(length) members, then \(command.key)")
                }
                #expect(text(tried.state, tried.state.writes) == text(plain.state, plain.state.writes), "\(length)")
            }
        }
    }

    @Test("a group that was done is replayed whole")
    func replay() {
        var ledger = Ledger()
        let group = [Commands.fund("a", ada, 100), Commands.settle("b", payer: ada, to: [(bob, 100)])]
        let first = ledger.runAtomically(group)
        let second = ledger.runAtomically(group)
        #expect(second == first.map { .replayed($0.outcome) })
        #expect(ledger.cash(bob) == 100)
    }
}
