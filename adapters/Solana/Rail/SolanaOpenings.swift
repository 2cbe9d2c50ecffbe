import Kernel
public import Settlement

/// Token accounts that payees lack: the node makes each once, within a daily budget, before it pays.
public struct SolanaOpenings: Sendable {
    let budgetLamports: Int64
    /// Whether payees bear what their accounts cost, or the node does.
    let chargesPayees: Bool
    let store: any RailOpeningStore

    /// The span of the budget.
    static let spanMs: Int64 = 86_400_000
    /// Accounts that one transaction makes at most.
    static let togetherMax = 7

    /// Openings.
    /// - Parameters:
    ///   - budgetLamports: in any 24 hours; an account takes some 2,050,000. With 0 none are made, and those that were
    ///     begun are followed to their end.
    ///   - chargesPayees: whether payees bear what their accounts cost: from their SOL in the book, else they owe it.
    public init(budgetLamports: Int64, chargesPayees: Bool = false, store: any RailOpeningStore) {
        self.budgetLamports = budgetLamports
        self.chargesPayees = chargesPayees
        self.store = store
    }
}

extension SolanaRail {
    /// Makes payees' accounts of a token, in transactions that move nothing.
    /// - Parameters:
    ///   - isAllOrNone: whether nothing more is made as soon as there is no room for some in the day's budget; seven go
    ///     together.
    ///   - purpose: what is made once for each owner; nil: an account of the token.
    /// - Returns: which are not there yet, and why.
    func open(
        _ token: SolanaToken, for owners: [SolanaOwner], _ openings: SolanaOpenings, isAllOrNone: Bool = false,
        purpose: String? = nil
    ) async -> [SolanaAddress: RailPreparation] {
        let wallets = owners.map(\.wallet)
        let purpose = purpose ?? token.mint.description
        do {
            let tries = try await openings.store.openings(
                at: name, owners: wallets.map(\.description), token: purpose)
            var obstacles: [SolanaAddress: RailPreparation] = [:]
            var fresh: [SolanaOwner] = []
            var steps: [String: Step] = [:]
            for owner in owners {
                let wallet = owner.wallet
                let own = tries.filter { $0.owner == wallet.description }
                if let made = own.first(where: { $0.standing == .made }) {
                    obstacles[wallet] = await closed(wallet, token, made)
                } else if let running = own.first(where: { $0.standing == nil }) {
                    if steps[running.reference] == nil { steps[running.reference] = await carryOn(running) }
                    if case .waits(let reason)? = steps[running.reference] { obstacles[wallet] = .unavailable(reason) }
                } else {
                    fresh.append(owner)
                }
            }
            for start in stride(from: 0, to: fresh.count, by: SolanaOpenings.togetherMax) {
                let some = Array(fresh[start..<min(start + SolanaOpenings.togetherMax, fresh.count)])
                let left = try await openTogether(some, token, openings, isAllOrNone: isAllOrNone, purpose)
                obstacles.merge(left) { $1 }
                if isAllOrNone, !left.isEmpty { break }
            }
            return obstacles
        } catch {
            let obstacle = RailPreparation.unavailable("an account could not be made: \(error)")
            return Dictionary(wallets.map { ($0, obstacle) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// What to say of an account that was made and is not there: final only where a node says so that has come past its
    /// making.
    private func closed(
        _ wallet: SolanaAddress, _ token: SolanaToken, _ made: RailOpening
    ) async -> RailPreparation {
        let signedAtSlot = SolanaPrepared(bytes: made.prepared)?.signedAtSlot ?? 0
        let account: SolanaAccount?
        do throws(SolanaRPCError) {
            account = try await client.accounts(
                [token.account(of: wallet)], .finalized, leastSlot: signedAtSlot + 2 * SolanaClient.blockhashLife)[0]
        } catch {
            return .unavailable("the account of \(wallet) was made, and is not seen: \(error)")
        }
        guard account == nil || account?.owner == SolanaProgram.system else {
            return .unavailable("the account of \(wallet) was made, and the node that was asked has not come so far")
        }
        let reason = "\(wallet) had an account of the token and closed it: it opens one in its own wallet"
        return .refused(RailRefusal(code: SolanaRecipient.Refusal.accountMissing.code, reason: reason))
    }

    /// One transaction for some accounts, claimed and stored before it is sent; for as many of them, in their order, as
    /// the day's budget has room for.
    /// - Returns: which are not there yet, and why.
    private func openTogether(
        _ owners: [SolanaOwner], _ token: SolanaToken, _ openings: SolanaOpenings, isAllOrNone: Bool,
        _ purpose: String
    ) async throws -> [SolanaAddress: RailPreparation] {
        var obstacles: [SolanaAddress: RailPreparation] = [:]
        var some = owners
        while !some.isEmpty {
            let obstacle: RailPreparation
            switch try await make(some, token, openings, purpose) {
            case .done: return obstacles
            case .waits(let reason): obstacle = .unavailable(reason)
            case .overBudget:
                obstacle = .unavailable("\(Self.budgetCode): no more accounts are made for payees today")
                if !isAllOrNone, let left = some.popLast() {
                    obstacles[left.wallet] = obstacle
                    continue
                }
            }
            for owner in some { obstacles[owner.wallet] = obstacle }
            break
        }
        return obstacles
    }

    private func make(
        _ owners: [SolanaOwner], _ token: SolanaToken, _ openings: SolanaOpenings, _ purpose: String
    ) async throws -> Step {
        let fee = SolanaFee(
            computeLimit: Self.openingUnits * UInt32(owners.count),
            computePriceMicroLamports: settings.computePriceMicroLamports)
        let rent = try await client.rentMinimum(
            byteCount: token.program == SolanaProgram.token ? Self.accountBytes : Self.accountBytes2022)
        // Each bears its part of the fee, rounded up.
        let count = Int64(owners.count)
        let each = rent + ((fee.lamports(signatures: 1) ?? .max / 2) + count - 1) / count
        let creations = owners.map {
            SolanaInstruction.createAssociatedToken(
                payer: address, owner: $0.wallet, mint: token.mint, tokenProgram: token.program)
        }
        return try await begin(
            creations, fee, for: owners.map(\.wallet.description),
            bearers: owners.map { openings.chargesPayees ? $0.did : "" }, purpose, lamportsEach: each, openings)
    }

    /// What came of a transaction that the node pays for and that moves nobody's tokens.
    enum Step {
        /// It was carried out, and is confirmed at least.
        case done(SolanaTransaction)
        case waits(String)
        case overBudget
    }

    /// Signs a transaction, claims and stores it for some owners, and sends it.
    /// - Parameters:
    ///   - purpose: what is made, once for each owner: an account of a token, a lookup table.
    ///   - undo: what has to be undone of it later; nil: nothing.
    func begin(
        _ instructions: [SolanaInstruction], _ fee: SolanaFee, for owners: [String], bearers: [String],
        _ purpose: String, lamportsEach: Int64, undo: String? = nil, rounds: Int = openingRounds,
        _ openings: SolanaOpenings
    ) async throws -> Step {
        let floor = try await client.rentMinimum(byteCount: 0)
        guard let held = try await client.accounts([address])[0]?.lamports,
            Int128(held) >= Int128(lamportsEach) * Int128(owners.count) + Int128(floor)
        else { return .waits("fee_payer_low: the treasury has too little SOL for what has to be made before") }
        let blockhash = try await client.signingBlockhash()
        let message = try SolanaMessage(
            feePayer: address,
            instructions: [
                .computeLimit(fee.computeLimit), .computePrice(microLamports: fee.computePriceMicroLamports),
            ] + instructions, blockhash: blockhash.hash, tables: nil)
        let opening = SolanaPrepared(
            transaction: try SolanaTransaction(signing: message, with: [treasury]),
            lastValidBlockHeight: blockhash.lastValidBlockHeight, signedAtSlot: blockhash.slot)
        let nowMs = timing.nowMs()
        let claim = RailOpeningClaim(
            owners: owners, bearers: bearers, token: purpose, reference: opening.transaction.id.description,
            prepared: opening.bytes, cost: lamportsEach, undo: undo)
        switch try await openings.store.claim(
            claim, at: name, budget: openings.budgetLamports, sinceMs: nowMs - SolanaOpenings.spanMs, nowMs: nowMs)
        {
        case .granted: return await send(opening, rounds: rounds)
        case .triedBefore: return .waits("another process makes it")
        case .overBudget: return .overBudget
        }
    }

    /// Goes on with a transaction that was stored before.
    func carryOn(_ opening: RailOpening, rounds: Int = openingRounds) async -> Step {
        guard let prepared = SolanaPrepared(bytes: opening.prepared) else {
            return .waits("what was stored of \(opening.reference) is no transaction of this rail")
        }
        return await send(prepared, rounds: rounds)
    }

    private func send(_ opening: SolanaPrepared, rounds: Int) async -> Step {
        let verdict = await sender.run(
            opening.transaction,
            SolanaSending(
                lastValidBlockHeight: opening.lastValidBlockHeight, signedAtSlot: opening.signedAtSlot, sends: true,
                target: .confirmed, rounds: rounds))
        switch verdict {
        case .done, .confirmed: return .done(opening.transaction)
        case .failed(let failure, _): return .waits("what has to be made before could not be: \(failure)")
        case .expired, .forgotten, .unspent, .unwanted, .open: return .waits("what has to be made before is being made")
        }
    }

    /// The code of what the budget has no room for.
    static let budgetCode = "account_budget"
    /// What the associated token program takes at most, with room.
    private static let openingUnits: UInt32 = 60_000
    /// Rounds of two seconds: some thirteen until it is confirmed, at worst.
    static let openingRounds = 15
    private static let accountBytes = 165
    /// With what the second token program adds to each: that its owner cannot be changed.
    private static let accountBytes2022 = 170
}

/// Whose account of a token is to be made.
struct SolanaOwner: Hashable {
    let wallet: SolanaAddress
    /// A DID's text.
    let did: String
}

/// How a try to make accounts ended, and what it took from the treasury.
struct SolanaOpeningEnd {
    var standing: RailOpening.Standing
    /// All that it took; negative where rent came back.
    var lamports: Int64 = 0
    /// The fee in it.
    var feeLamports: Int64 = 0
    /// What each account was given, by owner.
    var rents: [String: Int64] = [:]

    /// Whether that can be: accounts of payees take no more than was claimed for them; of a table the first step claims
    /// the rent of all, and the last brings it back.
    func isWithin(_ claims: [Int64]) -> Bool {
        let claimed = Int64(clamping: claims.reduce(Int128(0)) { $0 + Int128($1) })
        let most = rents.isEmpty ? SolanaClient.rentMax : claimed
        return (-SolanaClient.rentMax...most).contains(lamports) && feeLamports <= most
            && rents.values.allSatisfy { (0...most).contains($0) }
    }

    /// What those bear who do: their accounts, and their equal parts of the fee. What made nothing is the node's to
    /// bear.
    /// - Parameter tries: all of the transaction, in their order.
    func shares(_ tries: [RailOpening]) -> [RailCost.Share] {
        guard standing == .made else { return [] }
        let count = Int64(max(tries.count, 1))
        return zip(tries, Int64(0)...).compactMap { opening, index in
            let part = feeLamports / count + (index < feeLamports % count ? 1 : 0)
            let amount = part + (rents[opening.owner] ?? 0)
            return opening.bearer.isEmpty || amount <= 0
                ? nil : RailCost.Share(did: opening.bearer, amountMinor: amount)
        }
    }
}

extension SolanaRail {
    /// How the transaction of some tries ended.
    /// - Returns: nil: that is not final yet, or no node says.
    /// - Throws: where what a node says of it cannot be.
    func end(of tries: [RailOpening]) async throws(SolanaRPCError) -> SolanaOpeningEnd? {
        guard let prepared = tries.first.flatMap({ SolanaPrepared(bytes: $0.prepared) }) else { return nil }
        let verdict = await sender.run(
            prepared.transaction,
            SolanaSending(
                lastValidBlockHeight: prepared.lastValidBlockHeight, signedAtSlot: prepared.signedAtSlot, sends: false,
                target: .finalized, rounds: 1))
        switch verdict {
        case .open, .unspent, .unwanted, .forgotten, .confirmed: return nil
        case .expired: return SolanaOpeningEnd(standing: .lapsed)
        case .done, .failed: break
        }
        guard let record = try await client.transaction(prepared.transaction.id), let payer = record.accounts.first,
            let grown = record.lamportChange(of: payer)
        else { return nil }
        var end = SolanaOpeningEnd(
            standing: record.failure == nil ? .made : .failed, lamports: -grown, feeLamports: record.feeLamports)
        for opening in tries {
            guard let wallet = SolanaAddress(opening.owner), let mint = SolanaAddress(opening.token),
                let token = settings.tokens.values.first(where: { $0.mint == mint })
            else { continue }
            end.rents[opening.owner] = record.lamportChange(of: token.account(of: wallet)) ?? 0
        }
        guard end.isWithin(tries.map(\.cost)) else {
            throw SolanaRPCError(
                .answerMalformed, "\(prepared.transaction.id) took \(-grown) lamports, and more than may be: look at it"
            )
        }
        return end
    }
}
