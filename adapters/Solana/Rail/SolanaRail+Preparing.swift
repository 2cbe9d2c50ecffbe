import Kernel
public import Settlement

extension SolanaRail {
    /// Payouts of one transaction at most: what a message without lookup tables has room for, with a nonce or without.
    public var payOutsPerCall: Int { settings.nonces.map { $0.count > 0 } == true ? 14 : 16 }

    /// Checks a payout against the chain, and signs its transaction.
    ///
    /// - Returns: refused with `currency_unsupported`, `split_…` for amount and reference, and what is wrong with
    ///   the recipient (`recipient_…`); unavailable where the treasury or the nodes cannot do it now.
    public func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        switch instruction {
        case .collect(let collect): await prepare(collect)
        case .payOut(let payOut): await prepare([payOut], nowMs: nowMs)[0]
        case .refund, .recall: .refused(Self.unsupported)
        }
    }

    /// Checks payouts of one currency, and signs one transaction for all of them that nothing speaks against.
    public func prepare(_ payOuts: [PayOutInstruction], nowMs: Int64) async -> [RailPreparation] {
        await prepared(payOuts, isPreview: false)
    }

    /// Whether a payout could be made now, without making anything for it: an account that the payee lacks, and that
    /// the node would make, is no objection.
    public func preview(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        guard case .payOut(let payOut) = instruction else { return await prepare(instruction, nowMs: nowMs) }
        return await prepared([payOut], isPreview: true)[0]
    }

    private func prepared(_ payOuts: [PayOutInstruction], isPreview: Bool) async -> [RailPreparation] {
        var round = Round(payOuts)
        guard let currency = payOuts.first?.currency else { return [] }
        guard let token = settings.tokens[currency], payOuts.allSatisfy({ $0.currency == currency }) else {
            let reason = "the Solana rail has no token \(currency), or was asked for several in one transaction"
            return payOuts.map { _ in .refused(RailRefusal(code: "currency_unsupported", reason: reason)) }
        }
        do {
            for index in payOuts.indices { round.wallets[index] = address(of: payOuts[index], &round.answers[index]) }
            var lacking = try await check(&round, token)
            if isPreview {
                if !makesAccounts { round.refuse(lacking, .accountMissing) }
                return round.answers.map { $0 ?? .ready([]) }
            }
            await promise(&round)
            lacking.removeAll { round.answers[$0] != nil }
            if !lacking.isEmpty {
                try await open(lacking, token, &round)
                // What was made is checked as everything else is, and promises are fresh.
                for index in try await check(&round, token) {
                    round.answers[index] = .unavailable(
                        "the account of \(round.payOuts[index].destination) was made, and is not seen yet")
                }
                await promise(&round)
            }
            if !round.left.isEmpty { try await sign(&round, token) }
        } catch let error as SolanaSplitError {
            let refusal = RailRefusal(code: error.code, reason: "the payout makes no transaction: \(error.code)")
            round.answerRest(.refused(refusal))
        } catch let error as SolanaRPCError {
            round.answerRest(.unavailable(error.description))
        } catch {
            round.answerRest(.unavailable("the transaction could not be made: \(error)"))
        }
        return round.answers.map { $0 ?? .unavailable("the transaction could not be made") }
    }

    /// Payouts of which each has an answer, or goes on.
    private struct Round {
        let payOuts: [PayOutInstruction]
        var wallets: [SolanaAddress?]
        var answers: [RailPreparation?]
        /// Those whose accounts take transfers only right behind a memo.
        var withMemo: Set<Int> = []
        /// The slot of which what was checked is.
        var slot: Int64 = 0

        init(_ payOuts: [PayOutInstruction]) {
            self.payOuts = payOuts
            wallets = payOuts.map { _ in nil }
            answers = payOuts.map { _ in nil }
        }

        /// Those that go on.
        var left: [Int] { answers.indices.filter { answers[$0] == nil } }

        mutating func answerRest(_ answer: RailPreparation) {
            for index in left { answers[index] = answer }
        }

        /// What a node said that tried the transaction of those that are left: whose transfer failed goes on no more,
        /// and is refused where that certainly lies with the payee. Where it may not, the accounts tell the next time.
        mutating func take(_ failure: SolanaTransactionFailure, of stored: SolanaPrepared) {
            let refusal = stored.refusal(failure)
            guard let transfer = stored.transfer(failure) else {
                return answerRest(.unavailable("\(refusal.code): the transaction would fail: \(failure)"))
            }
            answers[left[transfer]] =
                stored.fault(failure) == .nodes || failure.isEithers
                ? .unavailable("\(refusal.code): the transfer would fail: \(failure)") : .refused(refusal)
        }

        mutating func refuse(_ indices: [Int], _ refusal: SolanaRecipient.Refusal) {
            for index in indices {
                let reason = "nothing can be sent to \(payOuts[index].destination): \(refusal.code)"
                answers[index] = .refused(RailRefusal(code: refusal.code, reason: reason))
            }
        }
    }

    /// Whether the node pays for accounts and lookup tables.
    var makesAccounts: Bool { settings.openings.map { $0.budgetLamports > 0 } ?? false }

    private func address(of payOut: PayOutInstruction, _ answer: inout RailPreparation?) -> SolanaAddress? {
        do throws(SolanaRecipient.Refusal) {
            let wallet = try SolanaRecipient.address(payOut.destination)
            guard !wallets.contains(wallet) else { throw .treasury }
            guard payOut.amountMinor > 0 else {
                let code = SolanaSplitError.amountInvalid.code
                answer = .refused(RailRefusal(code: code, reason: "the payout makes no transaction: \(code)"))
                return nil
            }
            return wallet
        } catch {
            let reason = "nothing can be sent to \(payOut.destination): \(error.code)"
            answer = .refused(RailRefusal(code: error.code, reason: reason))
            return nil
        }
    }

    private func promise(_ round: inout Round) async {
        guard let outflow = settings.outflow else { return }
        for index in round.left {
            round.answers[index] = await outflow.promise(round.payOuts[index], nowMs: timing.nowMs())
                .map { .unavailable($0) }
        }
    }

    /// Makes the accounts that some lack.
    private func open(_ lacking: [Int], _ token: SolanaToken, _ round: inout Round) async throws {
        guard let openings = settings.openings, makesAccounts else { return round.refuse(lacking, .accountMissing) }
        var owners: [SolanaOwner] = []
        for index in lacking {
            if let wallet = round.wallets[index], !owners.contains(where: { $0.wallet == wallet }) {
                owners.append(SolanaOwner(wallet: wallet, did: round.payOuts[index].payee))
            }
        }
        let obstacles = await open(token, for: owners, openings)
        for index in lacking {
            if let obstacle = round.wallets[index].flatMap({ obstacles[$0] }) { round.answers[index] = obstacle }
        }
    }

    /// One transaction for all that are left and that have room in it. A node tries it before anybody is told that it
    /// is ready: what cannot be carried out is neither sent nor taken for something that did not land in time.
    private func sign(_ round: inout Round, _ token: SolanaToken) async throws {
        let validity = try await validity(for: round.payOuts[round.left[0]].payoutID)
        while !round.left.isEmpty {
            let left = round.left
            let message: SolanaMessage
            do throws(SolanaSplitError) {
                message = try split(round, token, nonce: validity.nonce).message(blockhash: validity.blockhash)
            } catch {
                guard error == .tooLargeForRail, left.count > 1, let last = left.last else { throw error }
                round.answers[last] = .unavailable("the transaction was full: it goes in the next one")
                continue
            }
            let transaction = try SolanaTransaction(signing: message, with: [treasury])
            let stored = left.indices.map { place in
                SolanaPrepared(
                    transaction: transaction, lastValidBlockHeight: validity.lastValidBlockHeight,
                    signedAtSlot: validity.slot, share: place, shareCount: left.count)
            }
            if let failure = try await client.simulate(transaction.bytes, leastSlot: round.slot), !failure.isAboutAge {
                round.take(failure, of: stored[0])
                continue
            }
            let first = round.payOuts[left[0]].payoutID
            if validity.nonce != nil, first != validity.holder, try await !hold(validity, for: first) {
                return round.answerRest(.unavailable("another transaction has the nonce"))
            }
            for (index, stored) in zip(left, stored) { round.answers[index] = .ready(stored.bytes) }
        }
    }

    private func split(
        _ round: Round, _ token: SolanaToken, nonce: SolanaAddress?
    ) throws(SolanaSplitError) -> SolanaSplit {
        let left = round.left
        let shares = left.compactMap { index in
            round.wallets[index].map { wallet in
                SolanaSplit.Share(
                    account: token.account(of: wallet), amountMinor: round.payOuts[index].amountMinor,
                    memo: round.withMemo.contains(index) ? round.payOuts[index].reference : nil)
            }
        }
        return try SolanaSplit(
            token: token, payer: address, source: token.account(of: address), nonce: nonce,
            shares: shares,
            memo: round.payOuts[left[0]].reference + (left.count > 1 ? "+\(left.count - 1)" : ""),
            fee: SolanaFee(
                transfers: shares.count, memos: shares.count { $0.memo != nil },
                computePriceMicroLamports: settings.computePriceMicroLamports))
    }

    /// Looks at every account that the payouts touch, as they stood in one slot, and answers those that cannot be made.
    /// - Returns: those that lack an account of the token, where nothing else speaks against them.
    private func check(_ round: inout Round, _ token: SolanaToken) async throws(SolanaRPCError) -> [Int] {
        let left = round.left
        guard !left.isEmpty else { return [] }
        let wallets = left.compactMap { round.wallets[$0] }
        let found: [SolanaAccount?]
        (found, round.slot) = try await client.accountsAtSlot(
            [token.account(of: address), address, token.mint] + wallets + wallets.map { token.account(of: $0) },
            .confirmed)
        do throws(SolanaMint.Refusal) {
            try SolanaMint.check(token, found[2])
        } catch {
            round.answerRest(.unavailable("the mint is not what was configured: \(error.code)"))
            return []
        }
        var lacking: [Int] = []
        for (place, index) in left.enumerated() {
            do throws(SolanaRecipient.Refusal) {
                try SolanaRecipient.check(wallet: found[3 + place])
                let isThere = try SolanaRecipient.check(
                    tokenAccount: found[3 + wallets.count + place], of: wallets[place], token: token)
                if !isThere { lacking.append(index) }
                let held = found[3 + wallets.count + place].flatMap { SolanaTokenAccount($0) }
                if held?.needsMemo == true { round.withMemo.insert(index) }
            } catch {
                round.refuse([index], error)
            }
        }
        checkSource(found[0], token, &round)
        try await checkFees(found[1], &round)
        return lacking.filter { round.answers[$0] == nil }
    }

    /// Pays as many, in their order, as the treasury has the tokens for.
    private func checkSource(_ account: SolanaAccount?, _ token: SolanaToken, _ round: inout Round) {
        guard let source = account.flatMap({ SolanaTokenAccount($0) }), source.mint == token.mint,
            source.owner == address, !source.isFrozen
        else { return round.answerRest(.unavailable("the treasury has no usable account of the token")) }
        var rest = Int128(source.amountMinor)
        for index in round.left {
            let amount = Int128(round.payOuts[index].amountMinor)
            guard amount <= rest else {
                round.answers[index] = .unavailable(
                    "treasury_too_low: the treasury has \(source.amountMinor), and no \(amount) beside the rest"
                )
                continue
            }
            rest -= amount
        }
    }

    private func checkFees(_ account: SolanaAccount?, _ round: inout Round) async throws(SolanaRPCError) {
        let floor = try await client.rentMinimum(byteCount: 0)
        let fee = SolanaFee(
            transfers: round.payOuts.count, memos: round.withMemo.count,
            computePriceMicroLamports: settings.computePriceMicroLamports)
        let needed = Int128(fee.lamports(signatures: 1) ?? .max) + Int128(floor)
        guard let lamports = account?.lamports, Int128(lamports) >= needed else {
            return round.answerRest(.unavailable("fee_payer_low: the treasury has too little SOL for the fee"))
        }
    }
}
