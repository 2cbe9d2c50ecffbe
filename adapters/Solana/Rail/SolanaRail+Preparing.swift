public import Settlement
import Kernel

extension SolanaRail {
    /// Checks a payout against the chain, and signs its transaction.
    ///
    /// - Returns: refused with `currency_unsupported`, `split_…` for amount and reference, and what is wrong with
    ///   the recipient (`recipient_…`); unavailable where the treasury or the nodes cannot do it now.
    public func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        if case .collect(let collect) = instruction { return await prepare(collect) }
        guard case .payOut(let payOut) = instruction else { return .refused(Self.unsupported) }
        guard let token = settings.tokens[payOut.currency] else {
            return .refused(
                RailRefusal(code: "currency_unsupported", reason: "the Solana rail has no token \(payOut.currency)"))
        }
        let prepared = await prepare(payOut, token, nowMs: nowMs, isPreview: false)
        guard case .refused(let refusal) = prepared, refusal.code == SolanaRecipient.Refusal.accountMissing.code,
            let openings = settings.openings, let wallet = SolanaAddress(payOut.destination)
        else { return prepared }
        do {
            if let reason = try await open(token, for: wallet, openings, nowMs: nowMs) { return reason }
        } catch {
            return .unavailable("\(error)")
        }
        return await prepare(payOut, token, nowMs: nowMs, isPreview: false)
    }

    /// Whether a payout could be made now, without making anything for it: an account that the payee lacks, and that
    /// the node would make, is no objection.
    public func preview(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        guard case .payOut(let payOut) = instruction, let token = settings.tokens[payOut.currency] else {
            return await prepare(instruction, nowMs: nowMs)
        }
        let preview = await prepare(payOut, token, nowMs: nowMs, isPreview: true)
        guard case .refused(let refusal) = preview, settings.openings != nil,
            refusal.code == SolanaRecipient.Refusal.accountMissing.code
        else { return preview }
        return .ready([])
    }

    private func prepare(
        _ payOut: PayOutInstruction, _ token: SolanaToken, nowMs: Int64, isPreview: Bool
    ) async -> RailPreparation {
        do {
            let wallet = try SolanaRecipient.address(payOut.destination)
            let split = try split(payOut, token, to: wallet)
            if let reason = try await check(wallet, split) { return .unavailable(reason) }
            if isPreview { return .ready([]) }
            let excess = await settings.outflow?.promise(
                payOut.reference, payOut.currency, payOut.amountMinor, nowMs: nowMs)
            if let excess { return .unavailable(excess) }
            let opening = try await settings.openings?.store.take(
                wallet: wallet.description, mint: token.mint.description, payout: payOut.payoutID)
            let blockhash = try await client.latestBlockhash()
            let message = try split.message(blockhash: blockhash.hash)
            let transaction = try SolanaTransaction(signing: message, with: [treasury])
            let prepared = SolanaPrepared(
                transaction: transaction, lastValidBlockHeight: blockhash.lastValidBlockHeight,
                openingLamports: opening ?? 0)
            return .ready(prepared.bytes)
        } catch let refusal as SolanaRecipient.Refusal {
            return .refused(
                RailRefusal(code: refusal.code, reason: "nothing can be sent to \(payOut.destination): \(refusal.code)")
            )
        } catch let error as SolanaSplitError {
            return .refused(RailRefusal(code: error.code, reason: "the payout makes no transaction: \(error.code)"))
        } catch let error as SolanaRPCError {
            return .unavailable(error.description)
        } catch let error as RailListFailure {
            return .unavailable(error.reason)
        } catch {
            return .unavailable("the transaction could not be made: \(error)")
        }
    }

    private func split(
        _ payOut: PayOutInstruction, _ token: SolanaToken, to wallet: SolanaAddress
    ) throws(SolanaSplitError) -> SolanaSplit {
        try SolanaSplit(
            token: token, payer: address, source: token.account(of: address),
            shares: [.init(account: token.account(of: wallet), amountMinor: payOut.amountMinor)],
            memo: payOut.reference,
            fee: SolanaFee(transfers: 1, computePriceMicroLamports: settings.computePriceMicroLamports))
    }

    /// Looks at every account that the payout touches, as they stood in one slot.
    /// - Returns: why it cannot be done now; nil: it can.
    private func check(_ wallet: SolanaAddress, _ split: SolanaSplit) async throws -> String? {
        let token = split.token
        let found = try await client.accounts([wallet, split.shares[0].account, split.source, address, token.mint])
        try SolanaRecipient.check(wallet: found[0])
        let isThere = try SolanaRecipient.check(tokenAccount: found[1], of: wallet, token: token)
        do throws(SolanaMint.Refusal) {
            try SolanaMint.check(token, found[4])
        } catch {
            return "the mint is not what was configured: \(error.code)"
        }
        guard let source = found[2].flatMap({ SolanaTokenAccount($0) }), source.mint == token.mint,
            source.owner == address, !source.isFrozen
        else { return "the treasury has no usable account of the token" }
        guard source.amountMinor >= UInt64(split.shares[0].amountMinor) else {
            return "treasury_too_low: the treasury has \(source.amountMinor) of \(split.shares[0].amountMinor)"
        }
        let rent = try await client.rentMinimum(byteCount: 0)
        let needed = (split.fee.lamports(signatures: 1) ?? .max).addingReportingOverflow(rent)
        guard !needed.overflow, let lamports = found[3]?.lamports, lamports >= UInt64(max(needed.partialValue, 0))
        else {
            return "fee_payer_low: the treasury has too little SOL for the fee"
        }
        // At last: an account is made only where everything else is well.
        guard isThere else { throw SolanaRecipient.Refusal.accountMissing }
        return nil
    }
}
