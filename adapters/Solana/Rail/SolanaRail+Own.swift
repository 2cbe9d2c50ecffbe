import Kernel
import Settlement
import Synchronization

/// Whether there is nothing left that the treasury lacks on the chain: it is not asked for any more then.
final class SolanaCompleteness: Sendable {
    private let flag = Atomic(false)
    var isWhole: Bool {
        get { flag.load(ordering: .relaxed) }
        set { flag.store(newValue, ordering: .relaxed) }
    }
}

/// What the treasury itself needs on the chain. The process that leads the book makes it, a thing at a time, within the
/// daily budget.
extension SolanaRail {
    /// Makes something that is not there: the treasury's accounts of its tokens, then its durable nonces.
    /// - Returns: why something is not made; nil: nothing is wrong.
    func makeOwn() async throws -> String? {
        guard let openings = settings.openings, makesAccounts, !completeness.isWhole else { return nil }
        let tokens = settings.tokens.sorted { $0.key < $1.key }.map(\.value)
        let found = try await client.accounts([address] + tokens.map { $0.account(of: address) }, .finalized)
        // With less it waits for SOL; that it has too little is told elsewhere.
        guard let lamports = found[0]?.lamports, lamports >= SolanaTreasury.lamportsLow else { return nil }
        let lacking = zip(tokens, found.dropFirst()).first { $1 == nil || $1?.owner == SolanaProgram.system }
        guard let token = lacking?.0 else { return try await makeNonce(openings) }
        let purpose = try await purpose(token.mint.description, of: address, at: token.account(of: address), openings)
        guard let purpose else { return nil }
        let obstacles = await open(token, for: [SolanaOwner(wallet: address, did: "")], openings, purpose: purpose)
        guard let obstacle = obstacles[address] else { return nil }
        return switch obstacle {
        case .ready: nil
        case .refused(let refusal): "the treasury's account of \(token.mint): \(refusal.reason)"
        case .unavailable(let reason): "the treasury's account of \(token.mint): \(reason)"
        }
    }

    /// What is made next of the treasury's own: what was made before and is gone, because somebody who has its key
    /// closed it, is made anew.
    /// - Returns: nil while no node says for certain that it is gone.
    private func purpose(
        _ purpose: String, of owner: SolanaAddress, at account: SolanaAddress, _ openings: SolanaOpenings
    ) async throws -> String? {
        var next = purpose
        for number in 2...Self.makingsMax {
            let tries = try await openings.store.openings(at: name, owners: [owner.description], token: next)
            guard let made = tries.first(where: { $0.standing == .made }) else { return next }
            let signedAtSlot = SolanaPrepared(bytes: made.prepared)?.signedAtSlot ?? 0
            let there = try await client.accounts(
                [account], .finalized, leastSlot: signedAtSlot + 2 * SolanaClient.blockhashLife)[0]
            guard there == nil || there?.owner == SolanaProgram.system else { return nil }
            next = "\(purpose) \(number)"
        }
        return nil
    }

    /// How often one thing is made.
    private static let makingsMax = 100

    /// Makes one of the nonces that are not there, without waiting for it.
    /// - Returns: why none is made although some are wanted; nil: nothing is wrong.
    private func makeNonce(_ openings: SolanaOpenings) async throws -> String? {
        let seeds = settings.nonces.map(seeds) ?? []
        let found = try await client.accounts(seeds.map(nonceAccount), .finalized)
        let missing = zip(seeds, found).filter { SolanaNonce(nonceAccount($0), $1, authority: address) == nil }
        guard let (seed, there) = missing.first else {
            completeness.isWhole = true
            return nil
        }
        let account = nonceAccount(seed)
        let rest = "\(missing.count) of \(seeds.count) durable nonces are missing"
        guard there.map({ $0.owner == SolanaProgram.system && $0.data.isEmpty }) ?? true else {
            return "\(rest): \(account) is another's"
        }
        let purpose = try await purpose(Self.noncePurpose, of: account, at: account, openings)
        guard let purpose else { return nil }
        let tries = try await openings.store.openings(at: name, owners: [account.description], token: purpose)
        // One that is under way is followed with everything else that the node makes.
        if tries.contains(where: { $0.standing == nil }) { return nil }
        let rent = try await client.rentMinimum(byteCount: SolanaNonce.byteCount)
        // Whoever sends it something beforehand makes it cheaper, and does not keep it from being made.
        let lacks = max(rent - Int64(clamping: there?.lamports ?? 0), 0)
        let step = try await begin(
            [
                .transferSOL(from: address, to: account, lamports: UInt64(lacks)),
                .allocateWithSeed(
                    seed, of: address, space: UInt64(SolanaNonce.byteCount), owner: SolanaProgram.system),
                .initializeNonce(account: account, authority: address),
            ], nonceFee, for: [account.description], bearers: [""], purpose,
            lamportsEach: lacks + (nonceFee.lamports(signatures: 1) ?? .max / 2), rounds: 1, openings)
        return switch step {
        case .done: nil
        case .waits: tries.contains { $0.standing == .failed } ? "\(rest): making \(account) has failed" : nil
        case .overBudget: "\(rest): \(Self.budgetCode): no more is made today"
        }
    }
}
