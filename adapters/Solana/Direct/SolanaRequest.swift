import Cryptography
import Kernel
package import Settlement

/// What a payment asks of its payer on the chain: who gets how much of which token, and by what it is found.
package struct SolanaRequest {
    /// One wallet that is to be paid.
    struct Due {
        /// Whose it is, a DID's text; empty: the node's.
        let did: String
        let wallet: SolanaAddress
        let amountMinor: Int64
    }

    let token: SolanaToken
    /// The node's wallet.
    let treasury: SolanaAddress
    /// The node's accounts of the token: the treasury's, and those of what the treasury was before, which payers may
    /// have been told.
    let nodeAccounts: [SolanaAddress]
    /// Everybody who is to be paid, the node last, if it gets something.
    let dues: [Due]
    /// A random one; of a direct payment also the manifest's digest.
    let references: [SolanaAddress]
    /// What the transaction keeps.
    let memo: String
    /// After this time it is late, milliseconds since 1970.
    let expiresAtMs: Int64
    let isDirect: Bool

    /// What the payer pays in all.
    let totalMinor: Int64
    /// Token accounts that take transfers only right behind a memo, as they stood when they were looked at.
    private(set) var accountsWithMemo: Set<SolanaAddress> = []

    /// Why a payment cannot be made on the chain.
    package struct Refusal: Error {
        let code: String
        let reason: String
        /// Whether the operator has to mend it.
        var isOurs = false
        var rail: RailRefusal { RailRefusal(code: code, reason: reason) }
    }

    /// A request.
    /// - Parameters:
    ///   - reference: the random one.
    ///   - former: what the treasury was before.
    /// - Throws: `currency_unsupported`; `split_…` for amounts and parts that make no transaction; `recipient_…` for
    ///   addresses that money must not go to, by their form; `recipient_is_treasury`.
    package init(
        _ collect: CollectInstruction, reference: SolanaAddress, treasury: SolanaAddress,
        former: [SolanaAddress] = [], tokens: [String: SolanaToken]
    ) throws(Refusal) {
        guard let token = tokens[collect.currency] else {
            throw Refusal(
                code: "currency_unsupported", reason: "the Solana rail has no token \(collect.currency)")
        }
        self.token = token
        self.treasury = treasury
        nodeAccounts = ([treasury] + former).map { token.account(of: $0) }
        expiresAtMs = collect.expiresAtMs
        totalMinor = collect.amountMinor
        isDirect = collect.direct != nil
        guard let direct = collect.direct else {
            dues = [Due(did: "", wallet: treasury, amountMinor: collect.amountMinor)]
            references = [reference]
            memo = collect.paymentID
            guard totalMinor > 0 else { throw Self.refusal(.amountInvalid) }
            return
        }
        guard let manifest = SolanaAddress(bytes: direct.manifestDigest) else {
            throw Refusal(code: "split_manifest_invalid", reason: "the manifest's digest is not of 32 bytes")
        }
        references = [reference, manifest]
        memo = direct.settlementID
        var dues: [Due] = []
        for part in direct.parts {
            let wallet = try Self.wallet(part)
            guard wallet != treasury, !former.contains(wallet) else {
                throw Refusal(
                    code: "recipient_is_treasury", reason: "\(part.did) is to be paid at the node's own wallet")
            }
            dues.append(Due(did: part.did, wallet: wallet, amountMinor: part.amountMinor))
        }
        if direct.nodeMinor > 0 { dues.append(Due(did: "", wallet: treasury, amountMinor: direct.nodeMinor)) }
        let sum = dues.reduce(Int128(0)) { $0 + Int128($1.amountMinor) }
        guard sum == Int128(totalMinor), dues.allSatisfy({ $0.amountMinor > 0 }) else {
            throw Self.refusal(.amountInvalid)
        }
        self.dues = dues
    }

    private static func wallet(_ part: DirectSplit.Part) throws(Refusal) -> SolanaAddress {
        do throws(SolanaRecipient.Refusal) {
            return try SolanaRecipient.address(part.address)
        } catch {
            throw refusal(error, of: part.did)
        }
    }

    /// The token accounts that are paid to, in the order of `dues`.
    var accounts: [SolanaAddress] { dues.map { token.account(of: $0.wallet) } }

    /// The split that a payer signs. What is the payer's own stays where it is: a transfer to oneself needs the whole
    /// amount at hand.
    /// - Parameter wrapping: what the payer wraps first.
    /// - Throws: `split_…`.
    func split(
        payer: SolanaAddress, wrapping: SolanaSplit.Wrapping? = nil, computePriceMicroLamports: UInt64
    ) throws(Refusal) -> SolanaSplit {
        let shares = dues.filter { $0.wallet != payer }.map { due in
            let account = token.account(of: due.wallet)
            return SolanaSplit.Share(
                account: account, amountMinor: due.amountMinor, memo: accountsWithMemo.contains(account) ? "" : nil)
        }
        do throws(SolanaSplitError) {
            return try SolanaSplit(
                token: token, payer: payer, source: token.account(of: payer), wrapping: wrapping,
                shares: shares, memo: memo, references: references,
                fee: SolanaFee(
                    transfers: shares.count, memos: shares.count { $0.memo != nil }, wraps: wrapping != nil,
                    computePriceMicroLamports: computePriceMicroLamports))
        } catch {
            throw Self.refusal(error)
        }
    }

    /// Takes in which accounts want a memo before each transfer.
    mutating func heed(_ standing: Standing) {
        for (account, found) in zip(accounts, standing.dues)
        where found.account.flatMap({ SolanaTokenAccount($0) })?.needsMemo == true {
            accountsWithMemo.insert(account)
        }
    }

    /// What stands in the payment's lookup table, where it needs one.
    var tableAddresses: [SolanaAddress] {
        var addresses: [SolanaAddress] = [token.mint]
        for account in accounts where !addresses.contains(account) { addresses.append(account) }
        return addresses
    }

    /// Whether the split takes more bytes than a message without a lookup table has, whoever pays.
    func needsTable(computePriceMicroLamports: UInt64) throws(Refusal) -> Bool {
        do throws(Refusal) {
            try checkSize(computePriceMicroLamports: computePriceMicroLamports, tables: nil)
            return false
        } catch {
            guard error.code == SolanaSplitError.tooLargeForRail.code else { throw error }
            return true
        }
    }

    /// Whether one transaction holds it, whoever pays.
    /// - Parameter withTable: whether a lookup table may be made for it.
    /// - Throws: `split_too_large_for_rail`.
    func checkSize(computePriceMicroLamports: UInt64, withTable: Bool) throws(Refusal) {
        let table = SolanaLookupTable(address: references[0], addresses: tableAddresses)
        let isLarge = try needsTable(computePriceMicroLamports: computePriceMicroLamports)
        try checkSize(
            computePriceMicroLamports: computePriceMicroLamports, tables: isLarge && withTable ? [table] : nil)
    }

    private func checkSize(computePriceMicroLamports: UInt64, tables: [SolanaLookupTable]?) throws(Refusal) {
        // Any payer and any blockhash take the same bytes; and whoever pays SOL may have to wrap it.
        let blockhash = SolanaBlockhash(bytes: [UInt8](repeating: 0, count: SolanaAddress.byteCount))
        guard let blockhash else { preconditionFailure("a blockhash has 32 bytes") }
        let payer = SolanaAddress(exactly: SHA256.hash(references[0].bytes))
        let split = try split(
            payer: payer,
            wrapping: token.isNative ? .init(lamports: UInt64(max(totalMinor, 0)), isTemporary: true) : nil,
            computePriceMicroLamports: computePriceMicroLamports)
        do throws(SolanaSplitError) {
            _ = try split.message(blockhash: blockhash, tables: tables)
        } catch {
            throw Self.refusal(error)
        }
    }

    static func refusal(_ error: SolanaSplitError) -> Refusal {
        let reason =
            error == .tooLargeForRail
            ? "one transaction does not hold so many payees: pay through the node, without `direct`"
            : "the split makes no transaction: \(error.code)"
        return Refusal(code: error.code, reason: reason)
    }

    static func refusal(_ refusal: SolanaRecipient.Refusal, of did: String) -> Refusal {
        let whose = did.isEmpty ? "the node" : did
        let fix =
            refusal == .accountMissing
            ? "\(whose) has no account of the token yet: it opens one in its own wallet, or is paid through the node"
            : "\(whose) cannot be paid there: it sets another destination"
        return Refusal(code: refusal.code, reason: fix, isOurs: did.isEmpty)
    }
}
