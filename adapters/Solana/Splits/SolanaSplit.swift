/// A payment of several in one transaction: everybody is paid or nobody is.
///
/// The transaction holds limit and price of computing, a memo, and one checked transfer for each share; the last
/// transfer names the references, by which the payment is found. Accounts that take transfers only right behind a memo
/// get one. It creates no accounts, but where SOL is wrapped the payer's own.
public struct SolanaSplit: Hashable, Sendable {
    /// What one token account gets.
    public struct Share: Hashable, Sendable {
        /// The token account, not the wallet.
        public let account: SolanaAddress
        /// Base units of the mint.
        public let amountMinor: Int64
        /// What stands in a memo right before the transfer; nil: the account does not ask for one.
        public let memo: String?

        /// A share.
        public init(account: SolanaAddress, amountMinor: Int64, memo: String? = nil) {
            self.memo = memo
            self.account = account
            self.amountMinor = amountMinor
        }
    }

    /// SOL that the payer wraps first, of a payment in SOL.
    public struct Wrapping: Hashable, Sendable {
        /// How much.
        public let lamports: UInt64
        /// Whether the payer's account is there for this payment alone, and is closed at its end: its rent comes back.
        public let isTemporary: Bool

        /// A wrapping.
        public init(lamports: UInt64, isTemporary: Bool) {
            self.lamports = lamports
            self.isTemporary = isTemporary
        }
    }

    /// The token, as it stands on the chain.
    public let token: SolanaToken
    /// Whose money it is; signs.
    public let payer: SolanaAddress
    /// The payer's token account.
    public let source: SolanaAddress
    /// Who pays the fee; signs too where it is somebody else.
    public let feePayer: SolanaAddress
    /// The payer's nonce whose value stands in the place of the blockhash; nil: none does.
    public let nonce: SolanaAddress?
    /// What the payer wraps first; nil: nothing.
    public let wrapping: Wrapping?
    /// Who gets what.
    public let shares: [Share]
    /// The settlement's id; none where empty.
    public let memo: String
    /// What the payment is found by.
    public let references: [SolanaAddress]
    /// Limit and price of computing.
    public let fee: SolanaFee

    /// Bytes of a memo at most: an id. A longer one takes the place of recipients.
    public static let memoBytesMax = 64
    /// References at most: a random one and the manifest's digest.
    public static let referencesMax = 2

    /// A split.
    ///
    /// - Parameter feePayer: nil: the payer.
    /// - Throws: `split_empty`, `split_amount_invalid`, `split_memo_too_long`, `split_references_too_many`.
    public init(
        token: SolanaToken, payer: SolanaAddress, source: SolanaAddress, feePayer: SolanaAddress? = nil,
        nonce: SolanaAddress? = nil, wrapping: Wrapping? = nil, shares: [Share], memo: String = "",
        references: [SolanaAddress] = [], fee: SolanaFee
    ) throws(SolanaSplitError) {
        guard !shares.isEmpty else { throw .empty }
        var sum: Int64 = 0
        for share in shares {
            guard share.amountMinor > 0 else { throw .amountInvalid }
            let (next, overflow) = sum.addingReportingOverflow(share.amountMinor)
            guard !overflow else { throw .amountInvalid }
            sum = next
        }
        guard ([memo] + shares.compactMap(\.memo)).allSatisfy({ $0.utf8.count <= Self.memoBytesMax }) else {
            throw .memoTooLong
        }
        guard references.count <= Self.referencesMax else { throw .referencesTooMany }
        self.token = token
        self.payer = payer
        self.source = source
        self.feePayer = feePayer ?? payer
        self.nonce = nonce
        self.wrapping = wrapping
        self.shares = shares
        self.memo = memo
        self.references = references
        self.fee = fee
    }

    /// What is done, in order.
    public var instructions: [SolanaInstruction] {
        var list: [SolanaInstruction] = [
            .computeLimit(fee.computeLimit), .computePrice(microLamports: fee.computePriceMicroLamports),
        ]
        if let nonce { list.insert(.advanceNonce(account: nonce, authority: payer), at: 0) }
        if let wrapping {
            list += [
                .createAssociatedToken(payer: payer, owner: payer, mint: token.mint, tokenProgram: token.program),
                .transferSOL(from: payer, to: source, lamports: wrapping.lamports), .syncNative(source),
            ]
        }
        if !memo.isEmpty { list.append(.memo(memo)) }
        for (index, share) in shares.enumerated() {
            // The first transfer stands behind the split's own memo.
            if let memo = share.memo, index > 0 || self.memo.isEmpty { list.append(.memo(memo)) }
            list.append(
                .transferChecked(
                    source: source, mint: token.mint, destination: share.account, owner: payer,
                    amount: UInt64(share.amountMinor), decimals: token.decimals,
                    references: index == shares.count - 1 ? references : [], program: token.program))
        }
        if wrapping?.isTemporary == true { list.append(.closeToken(source, to: payer, owner: payer)) }
        return list
    }

    /// The message to sign.
    ///
    /// - Parameter tables: nil: a legacy message. Otherwise version 0, with whatever stands in the tables.
    /// - Throws: `split_too_large_for_rail` where it would be past what one transaction may be.
    public func message(
        blockhash: SolanaBlockhash, tables: [SolanaLookupTable]? = nil
    ) throws(SolanaSplitError) -> SolanaMessage {
        let message: SolanaMessage
        do throws(SolanaWireError) {
            message = try SolanaMessage(
                feePayer: feePayer, instructions: instructions, blockhash: blockhash, tables: tables)
        } catch {
            throw .tooLargeForRail
        }
        let count = SolanaTransaction.byteCount(
            signatures: message.header.requiredSignatures, messageBytes: message.bytes.count)
        guard count <= SolanaWireLimits.transactionBytesMax else { throw .tooLargeForRail }
        return message
    }
}
