import Cryptography
import Kernel
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

@Suite("Token accounts that payees lack, on a chain with the real programs")
struct OpeningTests {
    let bench = SplitBench()
    let stranger = SolanaAddress(SplitBench.key("a payee without an account").publicKey)

    /// What a ledger remembers of them, in memory.
    private final class Openings: SolanaOpeningStore {
        private struct Row {
            var lamports: Int64
            var payout: String?
        }
        private let rows = Mutex<[String: Row]>([:])

        func claim(
            wallet: String, mint: String, lamports: Int64, budgetLamports: Int64, sinceMs: Int64, nowMs: Int64
        ) async throws(RailListFailure) -> SolanaOpeningClaim {
            rows.withLock { rows in
                if rows[wallet + mint]?.payout != nil { return .madeBefore }
                let sum = rows.filter { $0.key != wallet + mint }.values.reduce(0) { $0 + $1.lamports }
                guard sum + lamports <= budgetLamports else { return .overBudget }
                rows[wallet + mint] = Row(lamports: lamports, payout: nil)
                return .granted
            }
        }

        func take(wallet: String, mint: String, payout: String) async throws(RailListFailure) -> Int64 {
            rows.withLock { rows in
                guard let row = rows[wallet + mint], row.payout == nil || row.payout == payout else { return 0 }
                rows[wallet + mint]?.payout = payout
                return row.lamports
            }
        }
    }

    private func rail(_ chain: SolanaChain, budgetLamports: Int64 = 10_000_000) -> SolanaRail {
        SolanaRail(
            client: bench.client(chain), treasury: bench.payer,
            settings: SolanaRailSettings(
                tokens: ["MJN": bench.token],
                openings: SolanaOpenings(budgetLamports: budgetLamports, store: Openings())),
            timing: ChainTime(chain).timing)
    }

    private func payOut(_ number: Int, to wallet: SolanaAddress, amountMinor: Int64 = 5) -> RailInstruction {
        .payOut(
            PayOutInstruction(
                reference: "po_\(number)-1", payoutID: "po_\(number)", amountMinor: amountMinor, currency: "MJN",
                destination: wallet.description, payee: "did:imajin:x", drawnOn: nil, beganAtMs: 0))
    }

    private func started() async throws -> SolanaChain {
        let chain = try SolanaChain()
        try await bench.found(chain)
        return chain
    }

    private func lamports(_ chain: SolanaChain) async throws -> Int64 {
        let found = try await bench.client(chain).accounts([bench.payerAddress], .processed)
        return Int64(clamping: found[0]?.lamports ?? 0)
    }

    /// Pays, and returns what it cost.
    private func pay(_ rail: SolanaRail, _ instruction: RailInstruction, _ chain: SolanaChain) async throws -> Int64 {
        guard case .ready(let prepared) = await rail.prepare(instruction, nowMs: 0) else {
            throw NoAddress(text: "not prepared")
        }
        guard case .pending(let facts) = await rail.carryOut(instruction, prepared: prepared, nowMs: 0) else {
            throw NoAddress(text: "not sent")
        }
        try await chain.tick(40)
        let answer = await rail.fetch(instruction, prepared: prepared, reference: facts.reference, nowMs: 0)
        guard case .found(let final) = answer, final.standing == .done else { throw NoAddress(text: "\(answer)") }
        return final.feeMinor ?? -1
    }

    @Test("an account is made before the payout, and the payout bears to the lamport what the treasury spent")
    func made() async throws {
        let chain = try await started()
        let rail = rail(chain)
        let before = try await lamports(chain)
        let cost = try await pay(rail, payOut(1, to: stranger), chain)
        let second = try await lamports(chain)
        #expect(cost > 2_000_000 && second == before - cost)
        let cheap = try await pay(rail, payOut(2, to: stranger), chain)
        let third = try await lamports(chain)
        #expect(cheap < 10_000 && third == second - cheap)
        let account = try await bench.client(chain).accounts([bench.token.account(of: stranger)], .processed)[0]
        #expect(account.flatMap { SolanaTokenAccount($0) }?.amountMinor == 10)
    }

    @Test("a preview makes nothing, and takes a lacking account for no objection")
    func preview() async throws {
        let chain = try await started()
        let sends = try await chain.sends()
        #expect(await rail(chain).preview(payOut(1, to: stranger), nowMs: 0) == .ready([]))
        let tooMuch = await rail(chain).preview(payOut(2, to: stranger, amountMinor: .max / 2), nowMs: 0)
        guard case .unavailable = tooMuch else {
            Issue.record("\(tooMuch)")
            return
        }
        #expect(try await chain.sends() == sends)
    }

    @Test("who closes the account keeps what stood in it, and gets no second one")
    func closed() async throws {
        let chain = try await started()
        let rail = rail(chain)
        _ = try await pay(rail, payOut(1, to: stranger), chain)
        try await chain.setAccount(
            bench.token.account(of: stranger).description, data: [], owner: SolanaProgram.system.description)
        try await chain.tick(40)
        let sends = try await chain.sends()
        guard case .refused(let refusal) = await rail.prepare(payOut(2, to: stranger), nowMs: 0) else {
            Issue.record("it is made again")
            return
        }
        #expect(refusal.code == "recipient_account_missing")
        #expect(try await chain.sends() == sends, "nothing is spent on it")
    }

    @Test("the budget ends before it is passed, and nothing is sent where the payout cannot be made anyway")
    func budget() async throws {
        let chain = try await started()
        let others = (0..<3).map { SolanaAddress(SplitBench.key("another payee \($0)").publicKey) }
        let rail = rail(chain, budgetLamports: 5_000_000)
        for (number, wallet) in others.prefix(2).enumerated() {
            _ = try await pay(rail, payOut(number, to: wallet), chain)
        }
        let sends = try await chain.sends()
        let over = await rail.prepare(payOut(3, to: others[2]), nowMs: 0)
        guard case .unavailable(let reason) = over else {
            Issue.record("\(over)")
            return
        }
        #expect(reason.hasPrefix("account_budget: "))
        let dear = self.rail(chain)
        guard case .unavailable = await dear.prepare(payOut(4, to: others[2], amountMinor: .max / 2), nowMs: 0) else {
            Issue.record("the treasury has not so much")
            return
        }
        #expect(try await chain.sends() == sends)
    }

    @Test("what is dropped is sent again, and what nobody heard of is found and borne by the payout")
    func faults() async throws {
        let chain = try await started()
        try await chain.fault("drop", count: 2)
        try await chain.fault("loseReply", count: 2)
        let before = try await lamports(chain)
        let rail = rail(chain)
        var cost: Int64?
        for _ in 0..<5 where cost == nil { cost = try? await pay(rail, payOut(1, to: stranger), chain) }
        let (after, spent) = (try await lamports(chain), try #require(cost))
        #expect(after == before - spent)
    }
}
