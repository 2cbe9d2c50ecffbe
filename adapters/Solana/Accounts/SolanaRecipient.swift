import Cryptography

/// Whether money may be sent to an address. What is sent to a wrong one is lost.
public enum SolanaRecipient {
    /// Why not.
    public enum Refusal: Error, Hashable, Sendable {
        /// Not base58 of 32 bytes.
        case malformed
        /// No key can sign for it: it belongs to a program.
        case offCurve
        /// A key for which anybody can sign, or a second spelling of a key.
        case weakKey
        /// A token account was given where its owner's address belongs.
        case tokenAccount
        /// A token's own account.
        case mint
        /// The account is a program.
        case program
        /// The account belongs to a program.
        case ownedByProgram
        /// The token account is of another token.
        case mintMismatch
        /// The token account was made over to somebody else.
        case ownerMismatch
        /// Nothing may go into the token account.
        case frozen
        /// The token account takes no plain transfers.
        case refusesTransfers
        /// It is the node's own.
        case treasury
        /// The wallet has no account of the token yet.
        case accountMissing

        /// Stable code.
        public var code: String {
            switch self {
            case .malformed: "recipient_malformed"
            case .offCurve: "recipient_off_curve"
            case .weakKey: "recipient_weak_key"
            case .tokenAccount: "recipient_is_token_account"
            case .mint: "recipient_is_mint"
            case .program: "recipient_is_program"
            case .ownedByProgram: "recipient_owned_by_program"
            case .mintMismatch: "recipient_mint_mismatch"
            case .ownerMismatch: "recipient_owner_mismatch"
            case .frozen: "recipient_frozen"
            case .refusesTransfers: "recipient_refuses_transfers"
            case .treasury: "recipient_is_treasury"
            case .accountMissing: "recipient_account_missing"
            }
        }
    }

    /// Reads a wallet's address, without asking the chain.
    /// - Throws: `recipient_malformed`, `recipient_off_curve`, `recipient_weak_key`.
    public static func address(_ text: String) throws(Refusal) -> SolanaAddress {
        guard let address = SolanaAddress(text) else { throw .malformed }
        guard address.isOnCurve else { throw .offCurve }
        guard (try? Ed25519PublicKey(rawBytes: address.bytes)) != nil else { throw .weakKey }
        return address
    }

    /// Checks what stands at a wallet's address.
    /// - Parameter account: nil: nothing yet, which is well for a wallet.
    /// - Throws: `recipient_is_token_account`, `recipient_is_mint`, `recipient_is_program`,
    ///   `recipient_owned_by_program`.
    public static func check(wallet account: SolanaAccount?) throws(Refusal) {
        guard let account else { return }
        if SolanaTokenAccount(account) != nil { throw .tokenAccount }
        if SolanaMint(account) != nil { throw .mint }
        guard !account.isExecutable else { throw .program }
        guard account.owner == SolanaProgram.system else { throw .ownedByProgram }
    }

    /// Checks the token account that a wallet is paid to.
    /// - Returns: whether it is there; false: it must be made first.
    /// - Throws: `recipient_mint_mismatch`, `recipient_owner_mismatch`, `recipient_frozen`,
    ///   `recipient_owned_by_program`, `recipient_refuses_transfers`.
    public static func check(
        tokenAccount account: SolanaAccount?, of wallet: SolanaAddress, token: SolanaToken
    ) throws(Refusal) -> Bool {
        // Somebody may have sent SOL there before there was an account.
        guard let account, account.owner != SolanaProgram.system else { return false }
        guard let held = SolanaTokenAccount(account) else { throw .ownedByProgram }
        guard held.mint == token.mint, held.program == token.program else { throw .mintMismatch }
        guard held.owner == wallet else { throw .ownerMismatch }
        guard !held.isFrozen else { throw .frozen }
        guard !held.refusesTransfers else { throw .refusesTransfers }
        return true
    }
}
