public import Settlement

/// How the treasury stands, and what keeps it from working.
public struct SolanaTreasury: Hashable, Sendable {
    /// What it has of one token.
    public struct Holding: Hashable, Sendable {
        /// Currency code.
        public let currency: String
        /// The token.
        public let mint: SolanaAddress
        /// The treasury's account of it.
        public let account: SolanaAddress
        /// Base units.
        public let amountMinor: Int64
        /// What is still at former treasuries, base units.
        public let formerMinor: Int64
        /// Whether the account is the treasury's own, of that token; true where there is none.
        let isOwn: Bool
        let isFrozen: Bool
        /// Why nothing of it can be paid; nil: nothing speaks against it.
        public let trouble: String?
    }

    /// The wallet.
    public let address: SolanaAddress
    /// What it has for fees.
    public let lamports: Int64
    /// One for each token, by currency code.
    public let holdings: [Holding]

    /// Below this an operator should send SOL: some 1,700 transactions of a transfer each are left.
    public static let lamportsLow: Int64 = 10_000_000

    /// What an operator should mend, for people.
    public var troubles: [String] {
        let fees =
            lamports < Self.lamportsLow
            ? ["fee_payer_low: \(address) has \(lamports) lamports for fees; send it SOL"] : []
        return fees + holdings.compactMap { holding in holding.trouble.map { "\(holding.currency): \($0)" } }
    }
}

extension SolanaRail {
    /// Looks at the treasury's accounts and at the mints, as they stood in one slot.
    /// - Throws: where no node answers.
    public func treasury(
        _ commitment: SolanaCommitment = .confirmed
    ) async throws(RailListFailure) -> SolanaTreasury {
        let tokens = settings.tokens.sorted { $0.key < $1.key }
        let found: [SolanaAccount?]
        do throws(SolanaRPCError) {
            found = try await client.accounts(
                [address]
                    + tokens.flatMap { [$0.value.mint] + wallets.map($0.value.account(of:)) }, commitment)
        } catch {
            throw RailListFailure(reason: error.description)
        }
        let count = 1 + wallets.count
        let holdings = zip(tokens, 0...).map { entry, index in
            let own = Array(found[(1 + index * count)..<(1 + (index + 1) * count)])
            // It is made, once more if need be.
            if own[1] == nil || own[1]?.owner == SolanaProgram.system { completeness.isWhole = false }
            return holding(entry.key, entry.value, mint: own[0], account: own[1], former: Array(own[2...]))
        }
        return SolanaTreasury(
            address: address, lamports: Int64(clamping: found[0]?.lamports ?? 0), holdings: holdings)
    }

    private func holding(
        _ currency: String, _ token: SolanaToken, mint: SolanaAccount?, account: SolanaAccount?,
        former: [SolanaAccount?]
    ) -> SolanaTreasury.Holding {
        let formerMinor = zip(settings.formerTreasuries, former).reduce(UInt64(0)) { sum, entry in
            guard let held = entry.1.flatMap({ SolanaTokenAccount($0) }), held.mint == token.mint,
                held.owner == entry.0
            else { return sum }
            let (next, overflow) = sum.addingReportingOverflow(held.amountMinor)
            return overflow ? .max : next
        }
        var trouble: String?
        let held = account.flatMap { SolanaTokenAccount($0) }
        let isOwn = held.map { $0.mint == token.mint && $0.owner == address } ?? true
        do throws(SolanaMint.Refusal) {
            try SolanaMint.check(token, mint)
            if account == nil {
                trouble =
                    "the treasury has no account of it: the node makes it when it has SOL, or the first who sends some "
                    + "to \(address)"
            } else if held == nil || !isOwn {
                trouble = "the treasury's account of it is another's"
            } else if held?.isFrozen == true {
                trouble = "the treasury's account of it is frozen"
            } else if formerMinor > 0 {
                trouble = "former treasuries still have \(formerMinor) of it: send it to \(address)"
            }
        } catch {
            trouble = "\(error.code): \(token.mint) is not what the node was set up for"
        }
        return SolanaTreasury.Holding(
            currency: currency, mint: token.mint, account: token.account(of: address),
            amountMinor: Int64(clamping: held?.amountMinor ?? 0), formerMinor: Int64(clamping: formerMinor),
            isOwn: isOwn, isFrozen: held?.isFrozen == true, trouble: trouble)
    }
}

extension SolanaToken {
    /// Why a token cannot be dealt in.
    public enum ReadFailure: Error, Hashable, Sendable {
        /// The mint is not what is needed, for good.
        case refused(SolanaMint.Refusal)
        /// No node says now.
        case unavailable(String)
    }

    /// Reads which program keeps a token, and checks its mint.
    public static func read(
        _ mint: SolanaAddress, decimals: UInt8, by client: SolanaClient
    ) async throws(ReadFailure) -> SolanaToken {
        let account: SolanaAccount?
        do throws(SolanaRPCError) {
            account = try await client.accounts([mint], .finalized).first ?? nil
        } catch {
            throw .unavailable(error.description)
        }
        let token = SolanaToken(mint: mint, program: account?.owner ?? SolanaProgram.token, decimals: decimals)
        do throws(SolanaMint.Refusal) { try SolanaMint.check(token, account) } catch { throw .refused(error) }
        return token
    }
}
