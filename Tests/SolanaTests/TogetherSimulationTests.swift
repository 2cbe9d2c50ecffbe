import Cryptography
import Foundation
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

@Suite("Payouts together in bad weather, on a chain with the real programs")
struct TogetherSimulationTests {
    private let bench = SplitBench()
    /// `MJN_SEEDS` sets how many payouts the other simulation makes; here a twentieth as many rounds make some each.
    private static let roundCount =
        max((ProcessInfo.processInfo.environment["MJN_SEEDS"].flatMap { Int($0) } ?? 200) / 20, 1)

    private func weather(_ random: inout TestRandom, _ chain: SolanaChain) async throws {
        try await chain.clearFaults()
        for kind in ["drop", "delay", "loseReply", "http429", "http503", "behind", "blockhashNotFound", "stale"]
        where random.chance(perMille: 150) {
            let slots = kind == "delay" ? 1 + random.below(149) : random.below(60)
            try await chain.fault(kind, count: 1 + random.below(4), slots: slots)
        }
        for account in bench.accounts.prefix(8) {
            try await chain.freeze(account.description, random.chance(perMille: 40))
        }
    }

    private func calm(_ chain: SolanaChain) async throws {
        try await chain.clearFaults()
        for account in bench.accounts.prefix(8) { try await chain.freeze(account.description, false) }
    }

    @Test(
        "whatever fails and whoever is interrupted, each payout is made once or not, and book and chain agree",
        arguments: [0, 2])
    func once(_ nonceCount: Int) async throws {
        let node = try await TreasuryNode(
            bench, roundsPerCall: 3, budgetLamports: 1_000_000_000, nonceCount: nonceCount)
        var random = TestRandom(seed: 7 + UInt64(nonceCount))
        var asked: [String: (wallet: SolanaAddress, amountMinor: Int64)] = [:]
        for round in 0..<Self.roundCount {
            for number in 0..<(2 + random.below(19)) {
                let wallet =
                    random.chance(perMille: 150)
                    ? SolanaAddress(SplitBench.key("stranger \(random.below(40))").publicKey)
                    : bench.owners[random.below(12)]
                let id = "po_\(round)_\(number)"
                let amount = random.within(1...5_000)
                try await node.open(id, amount, to: wallet)
                asked[id] = (wallet, amount)
            }
            for _ in 0..<12 {
                if random.chance(perMille: 600) { try await weather(&random, node.chain) }
                let (one, other) = (node.flaky[0], node.flaky[1])
                async let first = try? one.pass()
                async let second = try? other.pass()
                _ = await (first, second)
                if random.chance(perMille: 500) { _ = try? await node.watcher.pass() }
                node.clock.advance(random.within(1_000...400_000))
                try await node.chain.tick(random.below(60))
            }
            try await calm(node.chain)
        }
        try await node.work { $0.status == .paid || $0.status == .stopped }
        var expected: [SolanaAddress: Int64] = [:]
        for payout in node.payouts where payout.status == .paid {
            let (wallet, amount) = try #require(asked[payout.id])
            expected[wallet, default: 0] += amount
        }
        for (wallet, amount) in expected {
            let held = try await node.held(wallet)
            #expect(held == amount, "\(wallet)")
        }
        for _ in 0..<5 {
            try await node.chain.tick(100)
            _ = try await node.watcher.pass()
        }
        try await node.expectAgreement()
        let together = Dictionary(grouping: node.payouts, by: \.reference).values.map(\.count).max() ?? 0
        #expect(together > 1 && node.payouts.count == asked.count)
        #expect(node.memory.state.withLock { $0.nonces.count } == nonceCount)
        #expect(node.memory.openings.allSatisfy { $0.standing != nil })
    }
}
