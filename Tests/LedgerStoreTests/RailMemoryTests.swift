import Kernel
import LedgerDouble
import LedgerStore
import Settlement
import Testing

@Suite("What the book remembers for rails")
struct RailMemoryTests {
    @Test("a try to make accounts is claimed once, counts until it lapses, and is followed to its end")
    func openings() async throws {
        try await OpenBook.with { store, _ async throws in
            func claim(
                _ owners: [String], _ reference: String, token: String = "T", cost: Int64 = 40, nowMs: Int64 = 100
            ) async throws -> OpeningClaim {
                try await store.claim(
                    RailOpeningClaim(
                        owners: owners, bearers: owners.map { "did:\($0)" }, token: token, reference: reference,
                        prepared: Array(reference.utf8), cost: cost), at: .solana, budget: 100, sinceMs: nowMs - 50,
                    nowMs: nowMs)
            }
            #expect(try await claim(["a", "b"], "1") == .granted)
            #expect(try await claim(["a"], "2") == .triedBefore, "the first is not over")
            #expect(try await claim(["c", "a"], "3", cost: 1) == .triedBefore, "all of them or none")
            #expect(try await claim(["c"], "4") == .overBudget)
            #expect(try await claim(["c"], "5", cost: 20) == .granted, "to the last unit")
            #expect(try await claim(["a"], "6", token: "U", nowMs: 200) == .granted, "another token, a day later")
            #expect(
                try await store.unfinishedOpenings(at: .solana, after: "", limit: 9).map(\.reference) == [
                    "1", "1", "5", "6",
                ])
            let later = try await store.unfinishedOpenings(at: .solana, after: "1", limit: 1)
            #expect(later.map(\.reference) == ["5"] && later[0].cost == 20 && later[0].claimedAtMs == 100)
            try await store.finishOpening(at: .solana, reference: "1", .lapsed)
            #expect(try await claim(["a", "b"], "7", cost: 20) == .granted, "what lapsed cost nothing")
            try await store.finishOpening(at: .solana, reference: "7", .made)
            try await store.finishOpening(at: .solana, reference: "7", .lapsed)
            #expect(try await claim(["b"], "8", nowMs: 1_000) == .triedBefore, "it was made, and that stays")
            try await store.finishOpening(at: .solana, reference: "5", .failed)
            #expect(try await claim(["c"], "9", cost: 1) == .overBudget, "what failed was paid for")
            #expect(try await claim(["c"], "9", nowMs: 1_000) == .granted)
            let tries = try await store.openings(at: .solana, owners: ["a"], token: "T")
            #expect(tries.map(\.bearer) == ["did:a", "did:a"])
            #expect(tries.map(\.standing) == [.lapsed, .made] && tries[1].prepared == Array("7".utf8))
        }
    }

    @Test("what has to be undone is claimed with what does it, once for an owner, and again where it is done anew")
    func undo() async throws {
        try await OpenBook.with { store, _ async throws in
            func claim(_ reference: String, budget: Int64 = 9) async throws -> OpeningClaim {
                try await store.claim(
                    RailOpeningClaim(
                        owners: ["pay_1"], bearers: [""], token: "make", reference: reference, prepared: [1], cost: 3,
                        undo: "unmake"), at: .solana, budget: budget, sinceMs: 0, nowMs: 7)
            }
            func open() async throws -> [String] {
                try await store.unfinishedOpenings(at: .solana, after: "", limit: 9).map(\.reference)
            }
            #expect(try await claim("a", budget: 2) == .overBudget)
            #expect(try await open().isEmpty, "what was not claimed leaves nothing to undo")
            #expect(try await claim("b") == .granted)
            #expect(try await open() == ["b", "unmake of pay_1"])
            try await store.finishOpening(at: .solana, reference: "b", .lapsed)
            try await store.finishOpening(at: .solana, reference: "unmake of pay_1", .made)
            #expect(try await claim("c") == .granted)
            #expect(try await open() == ["c", "unmake of pay_1"])
        }
    }

    @Test("many claims at once stay within the budget, and each owner is claimed once")
    func race() async throws {
        try await OpenBook.with { store, _ async throws in
            let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let claim = RailOpeningClaim(
                            owners: ["o\(number / 2)"], bearers: [""], token: "T", reference: "\(number)", prepared: [],
                            cost: 10)
                        return try await store.claim(claim, at: .solana, budget: 105, sinceMs: 0, nowMs: 1) == .granted
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(granted == 10)
            let owners = try await store.unfinishedOpenings(at: .solana, after: "", limit: 99).map(\.owner)
            #expect(Set(owners).count == 10)
        }
    }

    @Test("what may be sent in a day counts promises and payouts once each, wherever they stand")
    func promises() async throws {
        try await OpenBook.with { store, _ async throws in
            let nowMs = People.noonMs
            func promise(
                _ payout: String, _ amountMinor: Int64, _ currency: String = Commands.usd, atMs: Int64 = nowMs
            ) async throws -> PayoutPromise {
                try await store.promise(
                    payout: payout, amountMinor, currency, by: RailCommands.rail, maxMinor: 100,
                    sinceMs: atMs - 86_400_000, nowMs: atMs)
            }
            #expect(try await promise("po_a", 60) == .given)
            #expect(try await promise("po_a", 60) == .given, "the same one")
            #expect(try await promise("po_b", 41) == .refused(sentMinor: 60))
            #expect(try await promise("po_b", 40) == .given)
            #expect(try await promise("po_c", 1, "CAD") == .given, "another currency")
            let laterMs = nowMs + PostgresLedgerStore.promiseMs
            #expect(try await promise("po_b", 100, atMs: laterMs) == .given, "nothing came of the first")
            // A payout that the rail has counts through every state, and its own promise does not count beside it.
            _ = try await store.submit([Commands.fund("f", People.ada, 1_000)], atomically: false)
            let payout = RailCommands.payout("x", to: People.ada, 70, nowMs: laterMs)
            _ = try await store.submit(
                [RailCommands.open(.openPayout(payout), payout.id, of: People.ada)], atomically: false)
            let muchLaterMs = laterMs + 2 * PostgresLedgerStore.promiseMs
            #expect(try await promise("po_x", 70, atMs: muchLaterMs) == .given)
            for event in [
                TransferEvent.began(prepared: []), .observed(RailCommands.facts(.pending, "r", 70)),
                .observed(RailCommands.facts(.done, "r", 70)),
            ] {
                let row = try #require(try await store.lifecycle("po_x")?.row)
                let decision = try await store.submit(
                    [LifecycleCommands.step(.payout(event), of: row)], atomically: false)
                #expect(decision[0].outcome.isDone)
                #expect(try await promise("po_y", 31, atMs: muchLaterMs) == .refused(sentMinor: 70), "after \(event)")
            }
        }
    }

    @Test("many promises at once stay within the limit")
    func promiseRace() async throws {
        try await OpenBook.with { store, _ async throws in
            let given = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        try await store.promise(
                            payout: "po_\(number)", 10, "MJN", by: .solana, maxMinor: 205, sinceMs: 0, nowMs: 1)
                            == .given
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(given == 20)
        }
    }

    @Test("the treasury is fixed by the first, and another takes its place only by a decision")
    func treasuries() async throws {
        try await OpenBook.with { store, _ async throws in
            #expect(try await store.treasuries(of: .solana).current == nil)
            try await store.pin(treasury: "a", of: .solana, nowMs: 1)
            try await store.pin(treasury: "b", of: .solana, nowMs: 2)
            #expect(try await store.treasuries(of: .solana).current == "a")
            try await store.rotate(treasury: "b", of: .solana, nowMs: 3)
            try await store.rotate(treasury: "c", of: .solana, nowMs: 4)
            let now = try await store.treasuries(of: .solana)
            #expect(now.current == "c" && now.former == ["b", "a"])
            try await store.rotate(treasury: "a", of: .solana, nowMs: 5)
            #expect(try await store.treasuries(of: .solana).former == ["c", "b"])
            try await store.rotate(treasury: "d", of: .solana, former: ["z", "b"], nowMs: 6)
            let last = try await store.treasuries(of: .solana)
            #expect(last.current == "d" && Set(last.former) == ["a", "b", "c", "z"])
        }
    }

    @Test("a nonce signs for one payout's transaction at a time, until its value is another")
    func nonces() async throws {
        try await OpenBook.with { store, _ async throws in
            let nowMs = People.noonMs
            func claim(
                _ value: String, _ payout: String, insteadOf former: String? = nil, atMs: Int64 = nowMs
            ) async throws -> Bool {
                try await store.claimNonce(
                    at: .solana, account: "N", value: value, for: payout, insteadOf: former, nowMs: atMs)
            }
            #expect(try await claim("1", "po_a"))
            #expect(try await claim("1", "po_a"), "the same one again")
            #expect(try await !claim("1", "po_b"))
            #expect(try await claim("1", "po_b", insteadOf: "po_a"))
            #expect(try await !claim("1", "po_a"))
            #expect(try await claim("2", "po_c"), "it was used up")
            let laterMs = nowMs + RailTiming.callMs
            #expect(try await claim("2", "po_x", atMs: laterMs), "the one before was never begun")
            _ = try await store.submit([Commands.fund("f", People.ada, 1_000)], atomically: false)
            let payout = RailCommands.payout("x", to: People.ada, 70, nowMs: laterMs)
            _ = try await store.submit(
                [RailCommands.open(.openPayout(payout), payout.id, of: People.ada)], atomically: false)
            let row = try #require(try await store.lifecycle("po_x")?.row)
            _ = try await store.submit(
                [LifecycleCommands.step(.payout(.began(prepared: [])), of: row)], atomically: false)
            #expect(try await !claim("2", "po_y", atMs: laterMs + 100 * RailTiming.callMs), "it is under way")
        }
    }

    @Test("a token is fixed by the first that is dealt in under its code")
    func tokens() async throws {
        try await OpenBook.with { store, _ async throws in
            let first = RailToken(token: "mint", program: "program", decimals: 6)
            try await store.pin(first, as: "MJN", of: .solana)
            try await store.pin(RailToken(token: "other", program: "program", decimals: 9), as: "MJN", of: .solana)
            #expect(try await store.tokens(of: .solana) == ["MJN": first])
            #expect(try await store.tokens(of: .stripe) == [:])
        }
    }
}
