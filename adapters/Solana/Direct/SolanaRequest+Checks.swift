import Settlement

extension SolanaRequest {
    /// What stands at the addresses that a payment touches, all in one slot.
    struct Standing {
        let mint: SolanaAccount?
        /// By due: its wallet and its token account.
        let dues: [(wallet: SolanaAccount?, account: SolanaAccount?)]
        /// The payer's wallet and token account; nil where none was asked for.
        let payer: (wallet: SolanaAccount?, account: SolanaAccount?)?
    }

    /// Reads it, in one question.
    func standing(_ client: SolanaClient, payer: SolanaAddress? = nil) async throws(SolanaRPCError) -> Standing {
        var addresses = [token.mint]
        for (due, account) in zip(dues, accounts) { addresses += [due.wallet, account] }
        if let payer { addresses += [payer, token.account(of: payer)] }
        let found = try await client.accounts(addresses)
        return Standing(
            mint: found[0], dues: dues.indices.map { (found[1 + 2 * $0], found[2 + 2 * $0]) },
            payer: payer == nil ? nil : (found[found.count - 2], found[found.count - 1]))
    }

    /// Checks those who are paid, and the token.
    /// - Parameter allowsMissing: whether payees may lack an account of the token.
    /// - Returns: those who lack one.
    /// - Throws: `mint_…`, `recipient_…`; an account that is missing is never made here.
    @discardableResult
    func checkRecipients(_ standing: Standing, allowsMissing: Bool = false) throws(Refusal) -> [SolanaOwner] {
        var missing: [SolanaOwner] = []
        do throws(SolanaMint.Refusal) {
            try SolanaMint.check(token, standing.mint)
        } catch {
            throw Refusal(code: error.code, reason: "the token is not what the node was configured for: \(error.code)")
        }
        for (due, found) in zip(dues, standing.dues) {
            do throws(SolanaRecipient.Refusal) {
                try SolanaRecipient.check(wallet: found.wallet)
                guard try SolanaRecipient.check(tokenAccount: found.account, of: due.wallet, token: token) else {
                    guard allowsMissing, !due.did.isEmpty else { throw .accountMissing }
                    if !missing.contains(where: { $0.wallet == due.wallet }) {
                        missing.append(SolanaOwner(wallet: due.wallet, did: due.did))
                    }
                    continue
                }
            } catch {
                throw Self.refusal(error, of: due.did)
            }
        }
        return missing
    }

    /// Checks who pays: has the token, enough of it, and SOL for the fee. SOL that is to be paid may be wrapped or not.
    /// - Parameters:
    ///   - feeLamports: fee and rent floor.
    ///   - accountLamports: what an account of the token must hold to stay.
    /// - Returns: what is to be wrapped first; nil: nothing.
    /// - Throws: `payer_…`.
    func checkPayer(
        _ standing: Standing, _ payer: SolanaAddress, feeLamports: Int64, accountLamports: Int64
    ) throws(Refusal) -> SolanaSplit.Wrapping? {
        guard let found = standing.payer else { return nil }
        let hasAccount: Bool
        do throws(SolanaRecipient.Refusal) {
            try SolanaRecipient.check(wallet: found.wallet)
            hasAccount = try SolanaRecipient.check(tokenAccount: found.account, of: payer, token: token)
        } catch {
            throw Self.payerRefusal(error)
        }
        guard hasAccount || token.isNative else { throw Self.payerRefusal(.accountMissing) }
        let held = found.account.flatMap { SolanaTokenAccount($0) }?.amountMinor ?? 0
        // What a payer pays itself never leaves.
        let own = dues.filter { $0.wallet == payer }.reduce(Int64(0)) { $0 + $1.amountMinor }
        let due = UInt64(totalMinor - own)
        let lacking = due > held ? due - held : 0
        let lamports = found.wallet?.lamports ?? 0
        // Beside what the wallet needs for itself.
        let isWrapping = token.isNative && lacking > 0
        let needed = UInt64(max(feeLamports, 0)) + (isWrapping && !hasAccount ? UInt64(max(accountLamports, 0)) : 0)
        guard lamports >= needed else {
            throw Refusal(
                code: "payer_fee_too_low",
                reason: "the wallet needs \(needed) lamports for the fee and to stay open: add SOL")
        }
        let available = isWrapping ? held.addingReportingOverflow(lamports - needed).partialValue : held
        guard available >= due else {
            throw Refusal(
                code: "payer_balance_too_low",
                reason: "the account has \(available) of \(due): add to it, or pay from another")
        }
        return isWrapping ? SolanaSplit.Wrapping(lamports: lacking, isTemporary: !hasAccount) : nil
    }

    static func payerRefusal(_ refusal: SolanaRecipient.Refusal) -> Refusal {
        let code = refusal.code.replacing("recipient_", with: "payer_")
        return Refusal(code: code, reason: "the account cannot pay: \(code); pay from another wallet")
    }
}
