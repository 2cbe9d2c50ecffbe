import Cryptography
import Foundation
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("Payouts in bad weather, on a chain with the real programs")
struct RailSimulationTests {
    private let bench = SplitBench()
    private static let amountMinor: Int64 = 1_000
    /// `MJN_SEEDS` sets how many payouts there are.
    private static let seedCount = ProcessInfo.processInfo.environment["MJN_SEEDS"].flatMap { UInt64($0) } ?? 200

    /// What the node does for one payout, in an order that the seed decides, while everything goes wrong that can: it
    /// stores, calls, is interrupted, asks, calls again, and signs anew only when the rail refused for certain.
    private func payOut(
        _ seed: UInt64, _ chain: SolanaChain, _ rails: [SolanaRail], _ owner: SolanaAddress
    ) async throws -> (attempts: Int, calls: Int) {
        var random = TestRandom(seed: seed)
        let account = bench.token.account(of: owner).description
        var calls = 0
        for attempt in 1...30 {
            let instruction = RailInstruction.payOut(
                PayOutInstruction(
                    reference: "po_\(seed)-\(attempt)", payoutID: "po_\(seed)", amountMinor: Self.amountMinor,
                    currency: "MJN", destination: owner.description, payee: "did:imajin:x", drawnOn: nil, beganAtMs: 0))
            guard case .ready(let prepared) = await rails[0].prepare(instruction, nowMs: 0) else {
                throw NoAddress(text: "seed \(seed): not prepared")
            }
            attempt: while true {
                calls += 1
                guard calls < 600 else { throw NoAddress(text: "seed \(seed): forgotten") }
                if random.chance(perMille: 500) { try await weather(&random, chain, account) }
                let rail = rails[random.below(rails.count)]
                var isFinal = false
                if random.chance(perMille: 600) {
                    switch await rail.carryOut(instruction, prepared: prepared, nowMs: 0) {
                    case .done: isFinal = true
                    case .refused, .failed, .lapsed: break attempt
                    case .pending, .unknown: break
                    }
                } else if case .found(let facts) = await rail.fetch(
                    instruction, prepared: prepared, reference: "", nowMs: 0)
                {
                    switch facts.standing {
                    case .done: isFinal = true
                    case .failed: break attempt
                    case .pending, .cancelled: break
                    }
                }
                if isFinal {
                    try await chain.clearFaults()
                    try await chain.freeze(account, false)
                    return (attempt, calls)
                }
                try await chain.tick(random.below(random.chance(perMille: 200) ? 120 : 10))
            }
            try await chain.clearFaults()
            try await chain.freeze(account, false)
        }
        throw NoAddress(text: "seed \(seed): too many attempts")
    }

    private func weather(_ random: inout TestRandom, _ chain: SolanaChain, _ account: String) async throws {
        try await chain.clearFaults()
        try await chain.freeze(account, random.chance(perMille: 100))
        let kinds = [
            "drop", "delay", "loseReply", "ghost", "http429", "http503", "behind", "blockhashNotFound", "stale",
        ]
        for kind in kinds where random.chance(perMille: 200) {
            let slots = kind == "delay" ? 1 + random.below(149) : random.below(60)
            try await chain.fault(kind, count: 1 + random.below(4), slots: slots)
        }
    }

    @Test("payouts, each interrupted anywhere: everybody is paid once, and the treasury is short of just that")
    func once() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let timing = ChainTime(chain).timing
        let client = SolanaClient(SolanaRPC(SplitBench.endpoint(chain), http: chain.http, timing: timing))
        let rails = [1, 2, 5].map { rounds in
            SolanaRail(
                client: client, treasury: bench.payer,
                settings: SolanaRailSettings(tokens: ["MJN": bench.token], roundsPerCall: rounds), timing: timing)
        }
        var totals = (attempts: 0, calls: 0)
        var paid = [Int64](repeating: 0, count: bench.owners.count)
        for seed in UInt64(1)...Self.seedCount {
            let index = Int(seed) % bench.owners.count
            let run = try await payOut(seed, chain, rails, bench.owners[index])
            paid[index] += Self.amountMinor
            let held = try await client.accounts([bench.accounts[index]], .processed)[0]
                .flatMap { SolanaTokenAccount($0) }
            try #require(held?.amountMinor == UInt64(paid[index]), "seed \(seed), \(run)")
            totals.attempts += run.attempts
            totals.calls += run.calls
        }
        try await chain.tick(400)
        let accounts = try await client.accounts(bench.accounts, .finalized)
        let held = accounts.map { $0.flatMap { SolanaTokenAccount($0) }.map { Int64($0.amountMinor) } ?? -1 }
        #expect(held == paid)
        let balance = try await rails[0].balances()[0]
        #expect(balance.totalMinor == 1_000_000_000 - Int64(Self.seedCount) * Self.amountMinor)
        #expect(totals.attempts > Int(Self.seedCount) && totals.calls > 3 * Int(Self.seedCount), "\(totals)")
    }
}
