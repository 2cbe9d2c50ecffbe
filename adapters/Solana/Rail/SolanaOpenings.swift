import Kernel

public import Settlement

/// Remembers which token accounts the node paid for. What it says is durable before it is said.
public protocol SolanaOpeningStore: Sendable {
    /// Claims that an account is made, for what it costs; the same claim again is granted again until it was taken.
    /// - Parameter sinceMs: what was claimed since then counts against the budget.
    func claim(
        wallet: String, mint: String, lamports: Int64, budgetLamports: Int64, sinceMs: Int64, nowMs: Int64
    ) async throws(RailListFailure) -> SolanaOpeningClaim

    /// Takes what an account cost that is there now, lamports: for the first payout that asks, and for it again; 0: the
    /// node did not make it, or another payout bears it.
    func take(wallet: String, mint: String, payout: String) async throws(RailListFailure) -> Int64
}

/// What came of a claim.
public enum SolanaOpeningClaim: Hashable, Sendable {
    /// It may be made.
    case granted
    /// It was made before, and its owner closed it: who closes one keeps what stood in it.
    case madeBefore
    /// The day's budget is used.
    case overBudget
}

/// Token accounts that payees lack: the node makes each once, within a daily budget, before it pays.
public struct SolanaOpenings: Sendable {
    let budgetLamports: Int64
    let store: any SolanaOpeningStore

    /// The span of the budget.
    static let spanMs: Int64 = 86_400_000

    /// Openings.
    /// - Parameter budgetLamports: in any 24 hours; an account takes some 2,050,000.
    public init(budgetLamports: Int64, store: any SolanaOpeningStore) {
        self.budgetLamports = budgetLamports
        self.store = store
    }
}

extension SolanaRail {
    /// Makes a payee's account of a token, in a transaction that moves nothing.
    /// - Returns: why it is not there yet; nil: it is.
    func open(
        _ token: SolanaToken, for wallet: SolanaAddress, _ openings: SolanaOpenings, nowMs: Int64
    ) async throws -> RailPreparation? {
        let fee = SolanaFee(
            computeLimit: Self.openingUnits, computePriceMicroLamports: settings.computePriceMicroLamports)
        let rent = try await client.rentMinimum(
            byteCount: token.program == SolanaProgram.token ? Self.accountBytes : Self.accountBytes2022)
        let floor = try await client.rentMinimum(byteCount: 0)
        let cost = rent + (fee.lamports(signatures: 1) ?? 0)
        guard let lamports = try await client.accounts([address])[0]?.lamports, lamports >= UInt64(cost + floor) else {
            return .unavailable("fee_payer_low: the treasury has too little SOL to make an account for \(wallet)")
        }
        switch try await openings.store.claim(
            wallet: wallet.description, mint: token.mint.description, lamports: cost,
            budgetLamports: openings.budgetLamports, sinceMs: nowMs - SolanaOpenings.spanMs, nowMs: nowMs)
        {
        case .granted: break
        case .madeBefore:
            let reason = "\(wallet) had an account of the token and closed it: it opens one in its own wallet"
            return .refused(RailRefusal(code: SolanaRecipient.Refusal.accountMissing.code, reason: reason))
        case .overBudget:
            return .unavailable("account_budget: no more accounts are made for payees today")
        }
        let blockhash = try await client.latestBlockhash()
        let message = try SolanaMessage(
            feePayer: address,
            instructions: [
                .computeLimit(fee.computeLimit), .computePrice(microLamports: fee.computePriceMicroLamports),
                .createAssociatedToken(payer: address, owner: wallet, mint: token.mint, tokenProgram: token.program),
            ], blockhash: blockhash.hash, tables: nil)
        let transaction = try SolanaTransaction(signing: message, with: [treasury])
        let verdict = await sender.run(
            transaction,
            SolanaSending(
                lastValidBlockHeight: blockhash.lastValidBlockHeight, sends: true, target: .confirmed,
                rounds: Self.openingRounds))
        switch verdict {
        case .done, .confirmed: return nil
        case .failed(let failure, _): return .unavailable("the payee's account could not be made: \(failure)")
        case .expired, .open: return .unavailable("the payee's account of the token is being made")
        }
    }

    /// What the associated token program takes at most, with room.
    private static let openingUnits: UInt32 = 60_000
    /// Rounds of two seconds: some thirteen until it is confirmed, at worst.
    private static let openingRounds = 15
    private static let accountBytes = 165
    /// With what the second token program adds to each: that its owner cannot be changed.
    private static let accountBytes2022 = 170
}
