import Cryptography
import Solana
import Testing

@Suite("Who and what may be paid")
struct AccountTests {
    let mint = SolanaAddress(SplitBench.key("a mint").publicKey)
    let wallet = SolanaAddress(SplitBench.key("a wallet").publicKey)
    var token: SolanaToken { SolanaToken(mint: mint, decimals: 6) }

    private func tokenAccount(
        owner: SolanaAddress? = nil, mint: SolanaAddress? = nil, state: UInt8 = 1,
        program: SolanaAddress = SolanaProgram.token
    ) -> SolanaAccount {
        var data = (mint ?? self.mint).bytes + (owner ?? wallet).bytes + [7] + [UInt8](repeating: 0, count: 100)
        data[108] = state
        if program == SolanaProgram.token2022 { data += [2, 7, 0, 0, 0] }
        return SolanaAccount(owner: program, lamports: 2_039_280, data: data)
    }

    private func mintAccount(extensions: [(UInt16, [UInt8])]? = nil, decimals: UInt8 = 6) -> SolanaAccount {
        let tagged = [1, 0, 0, 0] + wallet.bytes
        var data = tagged + [9, 0, 0, 0, 0, 0, 0, 0, decimals, 1] + tagged
        guard let extensions else { return SolanaAccount(owner: SolanaProgram.token, lamports: 1, data: data) }
        data += [UInt8](repeating: 0, count: 83) + [1]
        for (type, content) in extensions {
            data += [UInt8(type & 0xFF), UInt8(type >> 8), UInt8(content.count & 0xFF), UInt8(content.count >> 8)]
            data += content
        }
        return SolanaAccount(owner: SolanaProgram.token2022, lamports: 1, data: data)
    }

    @Test("an address of 32 bytes on the curve is a recipient; anything else has its own code")
    func addresses() throws {
        #expect(try SolanaRecipient.address(wallet.description) == wallet)
        for text in ["", "abc", "0OIl", Base58.encode([UInt8](repeating: 9, count: 31)), wallet.description + "1"] {
            #expect(throws: SolanaRecipient.Refusal.malformed) { try SolanaRecipient.address(text) }
        }
        #expect(throws: SolanaRecipient.Refusal.offCurve) {
            try SolanaRecipient.address(token.account(of: wallet).description)
        }
        let points = try Vectors().list("onCurve")
        for name in [
            "y=0", "y=1 (identity)", "y=-1 (order 2)", "y=p (=0 noncanonical)", "order8 a", "order8 b", "y=p+3",
        ] {
            let entry = try #require(points.first { $0.text("name") == name })
            #expect(throws: SolanaRecipient.Refusal.weakKey, "\(name)") {
                try SolanaRecipient.address(Base58.encode(entry.hex("hex")))
            }
        }
        #expect(throws: SolanaRecipient.Refusal.weakKey) {
            try SolanaRecipient.address(SolanaProgram.system.description)
        }
    }

    @Test("what stands at a wallet's address must be a wallet, or nothing")
    func wallets() throws {
        try SolanaRecipient.check(wallet: nil)
        try SolanaRecipient.check(wallet: SolanaAccount(owner: SolanaProgram.system, lamports: 5, data: []))
        for program in [SolanaProgram.token, SolanaProgram.token2022] {
            #expect(throws: SolanaRecipient.Refusal.tokenAccount) {
                try SolanaRecipient.check(wallet: tokenAccount(program: program))
            }
        }
        #expect(throws: SolanaRecipient.Refusal.mint) { try SolanaRecipient.check(wallet: mintAccount()) }
        #expect(throws: SolanaRecipient.Refusal.program) {
            try SolanaRecipient.check(
                wallet: SolanaAccount(owner: SolanaProgram.memo, lamports: 1, data: [], isExecutable: true))
        }
        #expect(throws: SolanaRecipient.Refusal.ownedByProgram) {
            try SolanaRecipient.check(wallet: SolanaAccount(owner: SolanaProgram.memo, lamports: 1, data: []))
        }
    }

    @Test("a token account is paid where it is the wallet's own, of the token, and not frozen")
    func tokenAccounts() throws {
        #expect(try SolanaRecipient.check(tokenAccount: tokenAccount(), of: wallet, token: token))
        #expect(try !SolanaRecipient.check(tokenAccount: nil, of: wallet, token: token))
        let prefunded = SolanaAccount(owner: SolanaProgram.system, lamports: 1, data: [])
        #expect(try !SolanaRecipient.check(tokenAccount: prefunded, of: wallet, token: token))
        let cases: [(SolanaAccount, SolanaRecipient.Refusal)] = [
            (tokenAccount(owner: mint), .ownerMismatch), (tokenAccount(mint: wallet), .mintMismatch),
            (tokenAccount(state: 2), .frozen), (tokenAccount(state: 0), .ownedByProgram),
            (tokenAccount(program: SolanaProgram.token2022), .mintMismatch), (mintAccount(), .ownedByProgram),
        ]
        for (account, refusal) in cases {
            #expect(throws: refusal) {
                try SolanaRecipient.check(tokenAccount: account, of: wallet, token: token)
            }
        }
    }

    @Test("a mint is read, with its extensions")
    func mints() throws {
        let plain = try #require(SolanaMint(mintAccount()))
        #expect(plain.decimals == 6 && plain.supplyMinor == 9 && plain.mintAuthority == wallet)
        #expect(plain.freezeAuthority == wallet && plain.extensions.isEmpty && plain.refusal == nil)
        let extended = try #require(SolanaMint(mintAccount(extensions: [(18, [1, 2, 3]), (3, [])])))
        #expect(extended.extensions.map(\.type) == [18, 3] && extended.refusal == nil)
        // A length past the end, a token account's type, and bytes in the padding are no mint.
        var cut = mintAccount(extensions: [(18, [1, 2, 3])]).data
        cut.removeLast()
        #expect(SolanaMint(SolanaAccount(owner: SolanaProgram.token2022, lamports: 1, data: cut)) == nil)
        for offset in [100, 165] {
            var wrong = mintAccount(extensions: []).data
            wrong[offset] = 2
            #expect(SolanaMint(SolanaAccount(owner: SolanaProgram.token2022, lamports: 1, data: wrong)) == nil)
        }
        #expect(SolanaMint(SolanaAccount(owner: SolanaProgram.system, lamports: 1, data: mintAccount().data)) == nil)
    }

    @Test("a mint that takes fees, runs hooks, has a delegate or freezes is refused, each with its code")
    func refusedMints() throws {
        let cases: [(UInt16, [UInt8], SolanaMint.Refusal?, String)] = [
            (1, [UInt8](repeating: 0, count: 108), .transferFee, "mint_transfer_fee"),
            (14, [UInt8](repeating: 0, count: 64), .transferHook, "mint_transfer_hook"),
            (12, wallet.bytes, .permanentDelegate, "mint_permanent_delegate"),
            (6, [2], .defaultFrozen, "mint_default_frozen"), (6, [1], nil, ""),
            (9, [], .notTransferable, "mint_not_transferable"), (26, [], .notTransferable, "mint_not_transferable"),
            (999, [], .extensionUnknown(999), "mint_extension_unknown"),
        ]
        for (type, data, refusal, code) in cases {
            let mint = try #require(SolanaMint(mintAccount(extensions: [(type, data)])))
            #expect(mint.refusal == refusal, "extension \(type)")
            #expect(mint.refusal?.code ?? "" == code)
        }
        try SolanaMint.check(token, mintAccount())
        #expect(throws: SolanaMint.Refusal.notAMint) { try SolanaMint.check(token, nil) }
        #expect(throws: SolanaMint.Refusal.notAMint) { try SolanaMint.check(token, tokenAccount()) }
        #expect(throws: SolanaMint.Refusal.decimalsMismatch) { try SolanaMint.check(token, mintAccount(decimals: 9)) }
        #expect(throws: SolanaMint.Refusal.programMismatch) { try SolanaMint.check(token, mintAccount(extensions: [])) }
    }
}
