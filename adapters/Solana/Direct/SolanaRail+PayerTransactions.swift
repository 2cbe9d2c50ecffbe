import Kernel
public import Settlement

extension SolanaRail: PayerTransactions {
    /// The transaction by which a wallet pays a payment, for it alone to sign: transfers to all who are to be paid, the
    /// settlement's id as memo, and the references. SOL that the wallet has is wrapped in it as far as it is needed; it
    /// makes no other accounts, and the node signs nothing.
    ///
    /// - Returns: refused with `payment_expired`, `payer_…` for what is wrong with the wallet, `recipient_…`, `mint_…`,
    ///   `split_…`; with `given`, `transaction_malformed` and `transaction_foreign`.
    public func transaction(
        for instruction: CollectInstruction, prepared: [UInt8], account: String, given: [UInt8]?, nowMs: Int64
    ) async -> RailPreparation {
        guard let opened = SolanaOpened(bytes: prepared) else {
            return .unavailable("what was stored is no reference of this rail")
        }
        do {
            var request = try request(instruction, opened)
            guard nowMs < instruction.expiresAtMs else {
                throw SolanaRequest.Refusal(
                    code: "payment_expired", reason: "the payment's time is over: check out again")
            }
            let payer = try wallet(account)
            let standing = try await request.standing(client, payer: payer)
            request.heed(standing)
            let tables = try await tables(request, instruction.paymentID)
            let own = try given.map { try check($0, request, payer, tables) }
            try request.checkRecipients(standing)
            let wrapping = try await checkPayer(request, standing, payer)
            if let own { return .ready(own.bytes) }
            let split = try request.split(
                payer: payer, wrapping: wrapping, computePriceMicroLamports: settings.computePriceMicroLamports)
            let blockhash = try await client.latestBlockhash()
            guard tables?.allSatisfy({ $0.lastExtendedSlot < UInt64(clamping: blockhash.slot) }) ?? true else {
                return .unavailable("the payment's lookup table is a slot too young: ask again")
            }
            let message = try split.message(blockhash: blockhash.hash, tables: tables)
            return .ready(try SolanaTransaction(unsigned: message).bytes)
        } catch let error as SolanaSplitError {
            return .refused(SolanaRequest.refusal(error).rail)
        } catch let refusal as SolanaRequest.Refusal {
            return refusal.isOurs ? .unavailable(refusal.reason) : .refused(refusal.rail)
        } catch {
            return .unavailable("\(error)")
        }
    }

    /// The lookup table of a payment with many payees; nil: it needs none.
    private func tables(_ request: SolanaRequest, _ paymentID: String) async throws -> [SolanaLookupTable]? {
        guard try request.needsTable(computePriceMicroLamports: settings.computePriceMicroLamports) else { return nil }
        guard let table = try await table(request, of: paymentID) else {
            throw SolanaRequest.Refusal(
                code: "table_missing", reason: "the payment's lookup table is not there yet: ask again", isOurs: true)
        }
        return [table]
    }

    /// - Returns: what the payer wraps first.
    private func checkPayer(
        _ request: SolanaRequest, _ standing: SolanaRequest.Standing, _ payer: SolanaAddress
    ) async throws -> SolanaSplit.Wrapping? {
        // The most that it costs, whoever wraps or not.
        let fee = try request.split(
            payer: payer, wrapping: request.token.isNative ? .init(lamports: 1, isTemporary: true) : nil,
            computePriceMicroLamports: settings.computePriceMicroLamports
        ).fee
        let floor = try await client.rentMinimum(byteCount: 0)
        let (needed, overflow) = (fee.lamports(signatures: 1) ?? .max).addingReportingOverflow(floor)
        return try request.checkPayer(
            standing, payer, feeLamports: overflow ? .max : needed,
            accountLamports: try await client.rentMinimum(byteCount: SolanaTokenAccount.byteCount))
    }

    private func wallet(_ account: String) throws(SolanaRequest.Refusal) -> SolanaAddress {
        let wallet: SolanaAddress
        do throws(SolanaRecipient.Refusal) {
            wallet = try SolanaRecipient.address(account)
        } catch {
            throw SolanaRequest.payerRefusal(error)
        }
        guard wallet != address else {
            throw SolanaRequest.Refusal(code: "payer_is_treasury", reason: "the node does not pay itself")
        }
        return wallet
    }

    /// Whether a transaction is one that this rail makes for payment and payer, to the last byte of its message.
    /// How much the payer wraps is the payer's own affair.
    /// - Throws: `transaction_malformed`, `transaction_foreign`.
    private func check(
        _ given: [UInt8], _ request: SolanaRequest, _ payer: SolanaAddress, _ tables: [SolanaLookupTable]?
    ) throws(SolanaRequest.Refusal) -> SolanaTransaction {
        guard let transaction = try? SolanaTransaction(parsing: given) else {
            throw SolanaRequest.Refusal(
                code: "transaction_malformed", reason: "these bytes are no transaction: send it in base64")
        }
        let split = try request.split(
            payer: payer, wrapping: request.token.isNative ? transaction.wrapping : nil,
            computePriceMicroLamports: settings.computePriceMicroLamports)
        guard let own = try? split.message(blockhash: transaction.message.blockhash, tables: tables),
            own == transaction.message
        else {
            throw SolanaRequest.Refusal(
                code: "transaction_foreign",
                reason:
                    "the node did not make this transaction and has no part in it: ask for one without `transaction`")
        }
        return transaction
    }
}

extension SolanaTransaction {
    /// What it wraps, going by its first transfer of SOL and by its last call; nil: nothing.
    fileprivate var wrapping: SolanaSplit.Wrapping? {
        for call in message.calls
        where message.accounts[Int(call.program)] == SolanaProgram.system
            && call.data.number(at: 0, as: UInt32.self) == 2
        {
            return call.data.number(at: 4, as: UInt64.self).map { lamports in
                SolanaSplit.Wrapping(lamports: lamports, isTemporary: message.calls.last?.data == [9])
            }
        }
        return nil
    }
}
