import Kernel
import LedgerDouble
import Settlement
import Testing

/// The next batch is loaded and decided while one is on its way into the database.
@Suite struct PosterOverlapTests {
    let ada = People.ada, bob = People.bob

    private func fund(_ key: String) -> Command { Commands.fund(key, ada, 100) }

    /// What Ada has.
    private func balance(_ bench: Bench) -> Int64? {
        bench.book.accounts.values.first { $0.key == .cash(ada) }?.availableMinor
    }

    /// A leader with the first batch's commit out.
    private func committing(_ commands: (UInt64, Command)...) -> Bench {
        var bench = Bench(Poster.Limits(overlapMin: 2))
        bench.tell(.tick)
        bench.perform()
        bench.tell(.submitted(commands.map { Submission(ticket: $0.0, commands: [$0.1]) }))
        #expect(bench.perform("load") == ["commit"])
        return bench
    }

    @Test("enough work is loaded beside a commit, and sent and answered after it, in order")
    func overlaps() {
        var bench = committing((1, fund("a")))
        #expect(bench.submit((2, fund("b"))) == [], "one alone waits")
        #expect(bench.submit((3, fund("c"))) == ["load"])
        #expect(bench.perform("load") == [], "decided, and not sent before the first is durable")
        #expect(bench.answers.isEmpty)
        #expect(bench.submit((4, fund("d")), (5, fund("e"))) == ["load"], "the open batch grows")
        #expect(bench.perform("load") == [])
        #expect(bench.perform("commit") == ["answer 1", "commit"])
        #expect(bench.perform("commit") == ["answer 2", "answer 3", "answer 4", "answer 5"])
        #expect(bench.commits == 2 && bench.book.entries.count == 5)
        #expect(balance(bench) == 500)
    }

    @Test("a commit that is answered first goes on without the load beside it")
    func commitFirst() {
        var bench = committing((1, fund("a")))
        #expect(bench.submit((2, fund("b")), (3, fund("c"))) == ["load"])
        #expect(bench.perform("commit") == ["answer 1"])
        #expect(bench.perform("load") == ["commit"])
        #expect(bench.perform("commit") == ["answer 2", "answer 3"])
    }

    @Test("a retry of what is on its way is not looked up before it is durable")
    func retriesWait() {
        var bench = committing((1, fund("a")))
        #expect(bench.submit((2, fund("a")), (3, fund("b"))) == [])
        #expect(bench.perform("commit") == ["answer 1", "load"])
        bench.run()
        #expect(bench.answers[2] == bench.answers[1].map { $0.map { .replayed($0.outcome) } })
        #expect(bench.book.entries.count == 2)
    }

    @Test("nor is one of what is decided and not sent")
    func retriesOfTheOpenBatchWait() {
        var bench = committing((1, fund("a")))
        bench.submit((2, fund("b")), (3, fund("c")))
        bench.perform("load")
        #expect(bench.submit((4, fund("b")), (5, fund("d"))) == [])
        #expect(bench.perform("commit") == ["answer 1", "commit"])
        bench.run()
        #expect(bench.answers[4] == bench.answers[2].map { $0.map { .replayed($0.outcome) } })
        #expect(bench.book.entries.count == 4)
    }

    @Test("messages to one recipient that follow each other pay the curve, also across a commit that is out")
    func gasWaits() {
        var bench = committing((1, fund("a")))
        bench.run()
        let charges = (0..<4).map { Commands.gas("g\($0)", from: ada, to: bob, baseMinor: 4, currency: Commands.usd) }
        bench.submit((2, charges[0]))
        bench.perform("load")
        #expect(bench.submit((3, charges[1]), (4, charges[2])) == [])
        bench.run()
        bench.submit((5, charges[3]))
        bench.run()
        let left = balance(bench)
        #expect(left == 50, "100 less 4, 6, 12 and 28")
    }

    @Test(
        "when a commit fails, what was decided on top of it is decided again",
        arguments: [
            StoreFailure.outcomeUnknown("lost"), .unavailable("down"),
        ])
    func decidesAgain(_ failure: StoreFailure) {
        var bench = committing((1, fund("a")))
        bench.submit((2, fund("b")), (3, fund("c")))
        bench.perform("load")
        bench.submit((4, fund("d")), (5, fund("e")))
        #expect(bench.fail(failure, "commit") == ["acquire"])
        #expect(bench.perform("load") == [], "nobody waits for that load any more")
        bench.run()
        #expect(bench.answers.keys.sorted() == [1, 2, 3, 4, 5])
        #expect(bench.answers.values.allSatisfy { $0.first?.outcome.isDone == true })
        #expect(bench.book.entries.count == 5 && balance(bench) == 500)
    }

    @Test("a load that fails beside a commit is tried again after it, and costs the commit nothing")
    func loadFails() {
        var bench = committing((1, fund("a")))
        bench.submit((2, fund("b")), (3, fund("c")))
        #expect(bench.fail(.unavailable("down"), "load") == [])
        #expect(bench.poster.isLeader)
        #expect(bench.perform("commit") == ["answer 1", "load"])
        bench.run()
        #expect(bench.answers.keys.sorted() == [1, 2, 3])
    }

    @Test("a row that the database refuses is found behind a batch that was decided on top")
    func isolates() {
        var bench = committing((1, fund("bad")), (2, fund("b")))
        bench.submit((3, fund("c")), (4, fund("d")))
        bench.perform("load")
        while let effect = bench.asked {
            let isBad = bench.poster.committingItems.contains { $0.submission.commands[0].key == "bad" }
            if case .commit = effect, isBad { bench.fail(.rejected("constraint")) } else { bench.perform() }
        }
        #expect(bench.failures.mapValues(\.code) == [1: "internal_error"])
        #expect(bench.answers.keys.sorted() == [2, 3, 4])
    }

    @Test("a refusal on top of a commit is answered behind it, never before")
    func refusalsWait() {
        var bench = committing((1, fund("a")))
        let spend = Commands.settle("s", payer: bob, to: [(ada, 1)])
        bench.submit((2, spend), (3, fund("b")))
        #expect(bench.perform("load") == [])
        #expect(bench.answers.isEmpty)
        bench.run()
        #expect(bench.answers[2]?.first?.outcome.code == "insufficient_funds")
    }

    @Test("told to end, what was decided is committed first, and the rest refused")
    func stops() {
        var bench = committing((1, fund("a")))
        bench.submit((2, fund("b")), (3, fund("c")))
        bench.perform("load")
        bench.submit((4, fund("d")))
        #expect(bench.tell(.stop) == [])
        #expect(bench.perform("commit") == ["answer 1", "commit"])
        #expect(bench.perform("commit") == ["answer 2", "answer 3", "fail 4 database_unavailable", "release"])
    }
}
