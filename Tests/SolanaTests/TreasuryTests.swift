import Cryptography
import Kernel
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("What an operator sees of the treasury")
struct TreasuryTests {
    let bench = SplitBench()

    private func rail(
        _ chain: SolanaChain, tokens: [String: SolanaToken]? = nil, treasury: Ed25519PrivateKey? = nil
    ) -> SolanaRail {
        SolanaRail(
            client: bench.client(chain), treasury: treasury ?? bench.payer,
            settings: SolanaRailSettings(tokens: tokens ?? ["MJN": bench.token]), timing: ChainTime(chain).timing)
    }

    @Test("what it has, and nothing to mend")
    func well() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let treasury = try await rail(chain).treasury(.processed)
        #expect(treasury.lamports == 10_000_000_000 && treasury.troubles.isEmpty)
        #expect(treasury.holdings.map(\.amountMinor) == [1_000_000_000])
        #expect(treasury.holdings[0].account == bench.token.account(of: bench.payerAddress))
    }

    @Test("too little for fees, no account, a frozen account and another mint are each said")
    func troubles() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let fresh = SplitBench.key("fresh treasury")
        let poor = try await rail(chain, treasury: fresh).treasury(.processed)
        #expect(poor.lamports == 0 && poor.troubles.count == 2)
        #expect(poor.troubles[0].hasPrefix("fee_payer_low: "))
        #expect(poor.troubles[1].hasPrefix("MJN: the treasury has no account of it"))
        let account = bench.token.account(of: bench.payerAddress).description
        try await chain.freeze(account)
        #expect(try await rail(chain).treasury(.processed).troubles == ["MJN: the treasury's account of it is frozen"])
        try await chain.freeze(account, false)
        let other = SolanaToken(mint: bench.token.mint, decimals: 9)
        let wrong = try await rail(chain, tokens: ["MJN": other]).treasury(.processed)
        #expect(wrong.troubles.count == 1 && wrong.troubles[0].hasPrefix("MJN: mint_decimals_mismatch"))
    }

    @Test("what former treasuries still have counts as the node's, and somebody is told to send it over")
    func former() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        try await chain.fund(bench.owners[3].description, mint: bench.token.mint.description, amountMinor: 70)
        try await chain.tick(40)
        let rail = SolanaRail(
            client: bench.client(chain), treasury: bench.payer,
            settings: SolanaRailSettings(
                tokens: ["MJN": bench.token], formerTreasuries: [bench.owners[2], bench.owners[3]]),
            timing: ChainTime(chain).timing)
        #expect(
            try await rail.balances() == [
                RailBalance(currency: "MJN", totalMinor: 1_000_000_070, availableMinor: 1_000_000_000)
            ])
        let treasury = try await rail.treasury(.processed)
        #expect(treasury.holdings[0].formerMinor == 70 && treasury.troubles[0].hasPrefix("MJN: former treasuries"))
        // What its former owner has given away with the account is not the node's any more.
        let account = bench.token.account(of: bench.owners[3])
        var data = try #require(try await bench.client(chain).accounts([account])[0]).data
        data.replaceSubrange(32..<64, with: bench.owners[9].bytes)
        try await chain.setAccount(account.description, data: data, owner: bench.token.program.description)
        #expect(try await rail.treasury(.processed).holdings[0].formerMinor == 0)
    }

    @Test("a token is read with its program, and refused where it is not what is needed")
    func tokens() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let newer = SolanaAddress(SplitBench.key("newer mint").publicKey)
        try await chain.createMint(
            newer.description, decimals: 6, authority: bench.payerAddress.description,
            program: SolanaProgram.token2022.description)
        try await chain.tick(40)
        let client = bench.client(chain)
        #expect(try await SolanaToken.read(bench.token.mint, decimals: 6, by: client) == bench.token)
        #expect(try await SolanaToken.read(newer, decimals: 6, by: client).program == SolanaProgram.token2022)
        await #expect(throws: SolanaToken.ReadFailure.refused(.decimalsMismatch)) {
            try await SolanaToken.read(bench.token.mint, decimals: 2, by: client)
        }
        await #expect(throws: SolanaToken.ReadFailure.refused(.notAMint)) {
            try await SolanaToken.read(bench.payerAddress, decimals: 6, by: client)
        }
    }

    @Test("a transaction is shown with what it moved; one that failed moved nothing; one that is nowhere is none")
    func report() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let (rail, client) = (rail(chain), bench.client(chain))
        func send(_ split: SolanaSplit) async throws -> SolanaSignature {
            let message = try split.message(blockhash: try await client.latestBlockhash().hash)
            let signed = try SolanaTransaction(signing: message, with: [bench.payer])
            #expect(await client.send(signed.bytes, skipsPreflight: true) == .accepted)
            try await chain.tick(4)
            return signed.id
        }
        let paid = try await send(try bench.split(2, memo: "stl_1"))
        let shown = try #require(try await rail.report(on: paid))
        #expect(shown.memo == "stl_1" && shown.failure == nil && shown.commitment == .confirmed)
        let changes = Dictionary(uniqueKeysWithValues: shown.changes.map { ($0.owner, $0.changeMinor) })
        #expect(changes == [bench.payerAddress: -3, bench.owners[0]: 1, bench.owners[1]: 2])
        #expect(shown.changes.allSatisfy { $0.currency == "MJN" })
        try await chain.tick(40)
        #expect(try await rail.report(on: paid)?.commitment == .finalized)

        let failed = try await send(try bench.split(amounts: [1, 2_000_000_000]))
        let told = try #require(try await rail.report(on: failed))
        #expect(told.failure != nil && told.changes.isEmpty && told.feeLamports > 0)
        let never = try #require(SolanaSignature(bytes: [UInt8](repeating: 7, count: 64)))
        #expect(try await rail.report(on: never) == nil)
    }
}
