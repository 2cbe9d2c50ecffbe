import Kernel
import LedgerDouble
import Settlement
import Testing

@Suite struct PosterTests {
    let ada = People.ada, bob = People.bob

    private func fund(_ key: String) -> Command { Commands.fund(key, ada, 100) }

    /// A leader with nothing to do.
    private func leader(_ limits: Poster.Limits = Poster.Limits()) -> Bench {
        var bench = Bench(limits)
        bench.tell(.tick)
        bench.perform()
        #expect(bench.poster.isLeader && bench.poster.isIdle)
        return bench
    }

    @Test("the first work takes the lease, then loads, then commits, then is answered")
    func wayOfACommand() {
        var bench = Bench()
        #expect(bench.submit((1, fund("a"))) == ["acquire"])
        #expect(bench.perform() == ["load"])
        #expect(bench.perform() == ["commit"])
        #expect(bench.answers.isEmpty)
        #expect(bench.perform() == ["answer 1"])
        #expect(bench.answers[1]?.first?.outcome.isDone == true)
        #expect(bench.book.entries.count == 1)
    }

    @Test("what comes while a batch is out waits, and is the next batch together")
    func groupCommit() {
        var bench = leader()
        #expect(bench.submit((1, fund("a"))) == ["load"])
        #expect(bench.submit((2, fund("b"))) == [])
        #expect(bench.perform() == ["commit"])
        #expect(bench.submit((3, fund("c")), (4, fund("d"))) == [])
        #expect(bench.poster.queuedCount == 3)
        #expect(bench.perform() == ["answer 1", "load"])
        #expect(bench.perform() == ["commit"])
        #expect(bench.perform() == ["answer 2", "answer 3", "answer 4"])
        #expect(bench.commits == 2)
    }

    @Test("a batch is bounded by commands and by postings, and one submission always fits")
    func limits() {
        var bench = leader(Poster.Limits(commandsMax: 2, postingsMax: 100))
        bench.submit((1, fund("a")))
        bench.submit((2, fund("b")), (3, fund("c")), (4, fund("d")))
        bench.run()
        #expect(bench.commits == 3)
        let large = Commands.settle("s", payer: ada, to: (0..<200).map { (People.did("p\($0)"), 1) })
        bench.submit((5, fund("e")))
        bench.submit((6, large), (7, fund("f")))
        bench.run()
        #expect(bench.commits == 6)
        #expect(bench.answers.count == 7)
    }

    @Test("after an unknown commit the lease is taken anew and the same command is found done, not done again")
    func unknownButDone() {
        var bench = leader()
        bench.submit((1, fund("a")))
        bench.perform()
        #expect(bench.performThenFail(.outcomeUnknown("lost")) == ["acquire"])
        #expect(!bench.poster.isLeader)
        #expect(bench.perform() == ["load"])
        #expect(bench.perform() == ["answer 1"])
        #expect(bench.book.entries.count == 1)
        // It is our own first answer, not somebody's retry.
        guard case .decided(let outcome)? = bench.answers[1]?.first else {
            Issue.record("called a replay")
            return
        }
        #expect(outcome.isDone)
    }

    @Test("after an unknown commit that did not happen the command is done once")
    func unknownAndNotDone() {
        var bench = leader()
        bench.submit((1, fund("a")))
        bench.perform()
        #expect(bench.fail(.outcomeUnknown("lost")) == ["acquire"])
        bench.run()
        #expect(bench.answers[1]?.first?.outcome.isDone == true)
        #expect(bench.book.entries.count == 1)
    }

    @Test("a commit from before the lease was taken anew comes too late")
    func lateCommit() throws {
        var bench = leader()
        bench.submit((1, fund("a")))
        bench.perform()
        guard case .commit(let late)? = bench.asked else {
            Issue.record("no commit")
            return
        }
        bench.fail(.outcomeUnknown("timeout"))
        bench.perform()
        #expect(throws: StoreFailure.fenced) { try bench.book.commit(late, nowMs: bench.nowMs, leaseMs: 5000) }
        bench.run()
        #expect(bench.book.entries.count == 1)
    }

    @Test("a database that does not answer is asked so many times, then those who wait are told", arguments: [1, 2, 5])
    func attempts(_ most: Int) {
        var bench = leader(Poster.Limits(attemptsMax: most))
        bench.submit((1, fund("a")))
        var tries = 0
        while bench.failures.isEmpty {
            tries += 1
            if case .load? = bench.asked { bench.fail(.unavailable("down")) } else { bench.perform() }
            #expect(tries < 50)
        }
        #expect(bench.failures[1]?.code == "database_unavailable")
        #expect(bench.poster.queuedCount == 0)
    }

    @Test("without a lease to be had the wait for it is bounded too")
    func attemptsToAcquire() {
        var bench = Bench(Poster.Limits(attemptsMax: 3))
        bench.submit((1, fund("a")))
        for _ in 0..<2 { #expect(bench.fail(.unavailable("down")) == ["acquire"]) }
        #expect(bench.fail(.unavailable("down")) == ["fail 1 database_unavailable"])
        #expect(bench.poster.isIdle)
    }

    @Test("who is fenced hands its work to the new leader, and leaves intents where they lie")
    func fenced() {
        var bench = leader()
        bench.submit((1, fund("a")))
        bench.submit(intent: "i", fund("b"))
        bench.perform()
        bench.nowMs += 6000
        #expect(bench.book.acquire(holder: "other", nowMs: bench.nowMs, leaseMs: 5000) != nil)
        #expect(bench.perform() == ["acquire"])
        #expect(bench.perform() == ["forward"])
        #expect(bench.forwarded == [1])
        #expect(bench.submit((2, fund("c"))) == ["forward"])
        #expect(bench.book.entries.isEmpty)
    }

    @Test("a follower takes the lease once it is over")
    func takeOver() {
        var bench = Bench()
        #expect(bench.book.acquire(holder: "other", nowMs: bench.nowMs, leaseMs: 5000) != nil)
        bench.tell(.tick)
        bench.perform()
        #expect(!bench.poster.isLeader)
        bench.nowMs += 5001
        #expect(bench.tell(.tick) == ["acquire"])
        bench.perform()
        #expect(bench.poster.isLeader)
        #expect(bench.submit((1, fund("a"))) == ["load"])
    }

    @Test("a row that the database refuses costs its own command and no other")
    func isolates() {
        var bench = leader()
        bench.submit((1, fund("a")))
        bench.submit((2, fund("b")), (3, fund("bad")), (4, fund("d")))
        while let effect = bench.asked {
            let isBad = bench.poster.committingItems.contains { $0.submission.commands.contains { $0.key == "bad" } }
            if case .commit = effect, isBad { bench.fail(.rejected("constraint")) } else { bench.perform() }
        }
        #expect(bench.failures.mapValues(\.code) == [3: "internal_error"])
        #expect(bench.answers.keys.sorted() == [1, 2, 4])
        #expect(bench.book.entries.count == 3)
        // The next batch is whole again.
        let before = bench.commits
        bench.submit((5, fund("e")))
        bench.submit((6, fund("f")), (7, fund("g")))
        bench.run()
        #expect(bench.commits == before + 2)
    }

    @Test("an intent that the database refuses is answered with nothing, in the next commit")
    func refusedIntent() {
        var bench = leader()
        bench.book.leave(Intent(intentID: "i", commands: [fund("bad")], isAtomic: false))
        bench.submit(intent: "i", fund("bad"))
        bench.perform()
        bench.fail(.rejected("constraint"))
        bench.run()
        #expect(bench.book.intents.isEmpty)
        #expect(bench.book.takeAnswer("i") == [])
        #expect(bench.book.entries.isEmpty)
    }

    @Test("an intent is answered in the transaction of its effect")
    func answersIntent() {
        var bench = leader()
        bench.book.leave(Intent(intentID: "i", commands: [fund("a")], isAtomic: false))
        bench.submit(intent: "i", fund("a"))
        bench.perform()
        #expect(bench.perform() == [])
        #expect(bench.book.intents.isEmpty)
        #expect(bench.book.takeAnswer("i")?.first?.outcome.isDone == true)
    }

    @Test("replays are answered without a commit, an unstored refusal only behind one")
    func fences() {
        var bench = leader()
        bench.submit((1, fund("a")))
        bench.run()
        bench.submit((2, fund("a")))
        #expect(bench.perform() == ["answer 2"])
        #expect(bench.answers[2] == bench.answers[1].map { $0.map { .replayed($0.outcome) } })
        bench.submit((3, Commands.fund("a", bob, 5)))
        #expect(bench.perform() == ["answer 3"])
        #expect(bench.answers[3]?.first?.outcome.code == "idempotency_key_reused")
        let consent = Consent.allowance(service: "nobody")
        bench.submit((4, Commands.settle("s", payer: ada, to: [(bob, 1)], consent: consent)))
        #expect(bench.perform() == ["commit"])
        #expect(bench.perform() == ["answer 4"])
    }

    @Test("an idle leader keeps its lease, and notices when it is somebody else's")
    func renews() {
        var bench = leader()
        #expect(bench.tell(.tick) == ["renew"])
        #expect(bench.perform() == [])
        #expect(bench.poster.isLeader)
        bench.nowMs += 6000
        #expect(bench.book.acquire(holder: "other", nowMs: bench.nowMs, leaseMs: 5000) != nil)
        bench.tell(.tick)
        bench.perform()
        #expect(!bench.poster.isLeader)
    }

    @Test("told to end, the batch that is out is finished, what waits is refused, and the lease is free")
    func stops() {
        var bench = leader()
        bench.submit((1, fund("a")))
        bench.submit((2, fund("b")))
        #expect(bench.tell(.stop) == [])
        #expect(bench.perform() == ["commit"])
        #expect(bench.perform() == ["answer 1", "fail 2 database_unavailable", "release"])
        #expect(bench.submit((3, fund("c"))) == ["fail 3 database_unavailable"])
        #expect(bench.tell(.tick) == [])
        #expect(bench.book.acquire(holder: "other", nowMs: bench.nowMs, leaseMs: 5000) != nil)
    }
}
