public import Kernel

extension SolanaRail {
    /// Checks where a payee wants to be paid: the form of the address, and what stands there on the chain.
    ///
    /// A wallet without an account of the token is no reason: it may have one by the time of a payout.
    public func check(_ destination: PayoutPolicy.Destination) async -> RailRefusal? {
        guard let token = settings.tokens[destination.currency] else {
            return RailRefusal(
                code: "currency_unsupported", reason: "the Solana rail has no token \(destination.currency)")
        }
        do throws(SolanaRecipient.Refusal) {
            let wallet = try SolanaRecipient.address(destination.address)
            guard !wallets.contains(wallet) else { throw .treasury }
            // Where nobody can be asked, the payout finds it out.
            guard let found = try? await client.accounts([wallet, token.account(of: wallet)]) else { return nil }
            try SolanaRecipient.check(wallet: found[0])
            _ = try SolanaRecipient.check(tokenAccount: found[1], of: wallet, token: token)
            return nil
        } catch {
            return RailRefusal(code: error.code, reason: "nothing can be sent to this address: \(error.code)")
        }
    }
}
