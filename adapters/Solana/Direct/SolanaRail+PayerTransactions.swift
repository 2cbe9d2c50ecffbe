import Kernel
public import Settlement

extension SolanaRail: PayerTransactions {
    /// The transaction by which a wallet pays a payment, for it alone to sign: transfers to all who are to be paid, the
    /// settlement's id as memo, and the references. It makes no accounts, and the node signs nothing.
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
            let split = try request.split(payer: payer, computePriceMicroLamports: settings.computePriceMicroLamports)
            let tables = try await tables(request, instruction.paymentID)
            let foreign = try given.map { try Self.check($0, split, tables) }
            try request.checkRecipients(standing)
            let rent = try await client.rentMinimum(byteCount: 0)
            let (needed, overflow) = (split.fee.lamports(signatures: 1) ?? .max).addingReportingOverflow(rent)
            try request.checkPayer(standing, payer, feeLamports: overflow ? .max : needed)
            if let foreign { return .ready(foreign.bytes) }
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

    /// Whether a transaction is the one that this rail makes for the split, to the last byte of its message.
    /// - Throws: `transaction_malformed`, `transaction_foreign`.
    private static func check(
        _ given: [UInt8], _ split: SolanaSplit, _ tables: [SolanaLookupTable]?
    ) throws(SolanaRequest.Refusal) -> SolanaTransaction {
        guard let transaction = try? SolanaTransaction(parsing: given) else {
            throw SolanaRequest.Refusal(
                code: "transaction_malformed", reason: "these bytes are no transaction: send it in base64")
        }
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
