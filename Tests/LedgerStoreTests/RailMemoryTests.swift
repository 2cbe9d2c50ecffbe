import Kernel
import LedgerStore
import Settlement
import Testing

@Suite("What the book remembers for rails")
struct RailMemoryTests {
    @Test("an account is paid for once by owner and token, for one payout, within what a day may cost")
    func openings() async throws {
        try await OpenBook.with { store, _ async throws in
            func claim(_ owner: String, _ token: String = "T", cost: Int64 = 40, nowMs: Int64 = 100) async throws
                -> OpeningClaim
            {
                try await store.claimOpening(
                    at: .solana, owner: owner, token: token, cost: cost, budget: 100, sinceMs: nowMs - 50, nowMs: nowMs)
            }
            #expect(try await claim("a") == .granted)
            #expect(try await claim("a") == .granted, "it was not made yet, and counts once")
            #expect(try await claim("b") == .granted)
            #expect(try await claim("c") == .overBudget)
            #expect(try await claim("c", cost: 20) == .granted)
            #expect(try await claim("d", nowMs: 151) == .granted, "a day later")
            #expect(try await store.takeOpening(at: .solana, owner: "a", token: "T", payout: "po_1") == 40)
            #expect(try await store.takeOpening(at: .solana, owner: "a", token: "T", payout: "po_1") == 40)
            #expect(try await store.takeOpening(at: .solana, owner: "a", token: "T", payout: "po_2") == 0)
            #expect(try await claim("a", nowMs: 1_000) == .madeBefore)
            #expect(try await claim("a", "U", nowMs: 1_000) == .granted, "another token")
            #expect(try await store.takeOpening(at: .solana, owner: "nobody", token: "T", payout: "po_3") == 0)
        }
    }

    @Test("many claims at once stay within the budget")
    func race() async throws {
        try await OpenBook.with { store, _ async throws in
            let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await store.claimOpening(
                            at: .solana, owner: "o\(number)", token: "T", cost: 10, budget: 105, sinceMs: 0, nowMs: 1)
                            == .granted
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(granted == 10)
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
