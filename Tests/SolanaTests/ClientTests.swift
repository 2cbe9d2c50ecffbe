import Cryptography
import HTTPClient
import Kernel
import Solana
import SolanaChain
import Testing

@Suite("The client against a chain with the real programs")
struct ClientTests {
    let bench = SplitBench()

    @Test("blockhash, height and point are the commitment's, and a transfer goes through its stages")
    func stages() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let client = bench.client(chain)
        let confirmed = try await client.latestBlockhash()
        let finalized = try await client.latestBlockhash(.finalized)
        #expect(confirmed.lastValidBlockHeight > finalized.lastValidBlockHeight)
        let height = try await client.blockHeight(.confirmed)
        #expect(confirmed.lastValidBlockHeight == height + 150)
        let point = try await client.point(.finalized)
        #expect(point.blockHeight == (try await client.blockHeight(.finalized)) && point.slot > point.blockHeight)
        let transaction = try bench.signed(5, tables: false, separateFeePayer: false, blockhash: confirmed.hash)
        #expect(try await client.status(transaction.id, searchesHistory: true).status == nil)
        #expect(await client.send(transaction.bytes, skipsPreflight: false) == .accepted)
        for (slots, commitment) in [(1, SolanaCommitment.processed), (2, .confirmed), (32, .finalized)] {
            try await chain.tick(slots)
            let status = try #require(try await client.status(transaction.id, searchesHistory: false).status)
            #expect(status.commitment == commitment && status.failure == nil)
        }
        try await chain.tick(300)
        #expect(try await client.status(transaction.id, searchesHistory: false).status == nil)
        #expect(try await client.status(transaction.id, searchesHistory: true).status?.commitment == .finalized)
        #expect(
            await client.send(transaction.bytes, skipsPreflight: false)
                == .simulationFailed(.whole("BlockhashNotFound")), "its age is judged first, though it landed")
    }

    @Test("each refusal of the programs is typed by program and code")
    func failures() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let client = bench.client(chain)
        let hash = try await client.latestBlockhash().hash
        func sent(_ instructions: [SolanaInstruction]) async throws -> (SolanaTransactionFailure?, String?) {
            let message = try SolanaMessage(
                feePayer: bench.payerAddress, instructions: instructions, blockhash: hash)
            let transaction = try SolanaTransaction(signing: message, with: [bench.payer])
            guard case .simulationFailed(let failure) = await client.send(transaction.bytes, skipsPreflight: false)
            else {
                return (nil, nil)
            }
            return (failure, failure.refusal(of: message).code)
        }
        func transfer(
            _ amount: UInt64, decimals: UInt8 = 6, to: SolanaAddress? = nil, mint: SolanaAddress? = nil
        ) -> SolanaInstruction {
            .transferChecked(
                source: bench.token.account(of: bench.payerAddress), mint: mint ?? bench.token.mint,
                destination: to ?? bench.accounts[0], owner: bench.payerAddress, amount: amount, decimals: decimals)
        }
        try await chain.freeze(bench.accounts[1].description)
        let other = SolanaAddress(SplitBench.key("other mint").publicKey)
        try await chain.createMint(
            other.description, decimals: 6, authority: other.description, program: SolanaProgram.token.description)
        let budget = SolanaInstruction.computeLimit(100_000)
        let cases: [([SolanaInstruction], SolanaTransactionFailure, String)] = [
            ([budget, transfer(1, decimals: 9)], .custom(index: 1, code: 18), "mint_decimals_mismatch"),
            (
                [.computeLimit(200), transfer(1)], .instruction(index: 1, "ProgramFailedToComplete"),
                "rail_compute_limit_too_low"
            ),
            ([budget, transfer(.max)], .custom(index: 1, code: 1), "rail_insufficient_funds"),
            ([transfer(1), transfer(1, to: bench.accounts[1])], .custom(index: 1, code: 17), "recipient_frozen"),
            ([transfer(1, mint: other)], .custom(index: 0, code: 3), "mint_mismatch"),
            ([transfer(1, to: other)], .custom(index: 0, code: 3), "mint_mismatch"),
            (
                [transfer(1, to: SolanaAddress(SplitBench.key("nobody").publicKey))],
                .instruction(index: 0, "InvalidAccountData"), "recipient_account_missing"
            ),
        ]
        for (instructions, failure, code) in cases where code != "mint_mismatch" || instructions.count == 1 {
            let (found, foundCode) = try await sent(instructions)
            if instructions[0].accounts.count > 2, instructions[0].accounts[2].address == other { continue }
            #expect(found == failure && foundCode == code, "\(String(describing: found))")
        }
    }

    @Test("a node that is behind, overloaded or broken is no verdict: another one is asked")
    func failover() async throws {
        let (first, second) = (try SolanaChain(), try SolanaChain())
        try await bench.found(second)
        let time = ChainTime(second)
        let rpc = SolanaRPC(
            SplitBench.endpoint(first), others: [SplitBench.endpoint(second)], http: second.http, timing: time.timing
        )
        let client = SolanaClient(rpc)
        for fault in ["http429", "http503"] {
            try await first.fault(fault, count: 1)
            _ = try await client.blockHeight(.confirmed)
        }
        try await first.clearFaults()
        let hash = try await client.latestBlockhash().hash
        let transaction = try bench.signed(3, tables: false, separateFeePayer: false, blockhash: hash)
        try await first.fault("behind", count: 9)
        #expect(await client.send(transaction.bytes, skipsPreflight: false) == .accepted)
        try await second.tick(40)
        let answer = try await client.statusEverywhere(transaction.id, signedAtSlot: 0)
        #expect(answer.status?.commitment == .finalized, "the first node never heard of it, the second has it")
    }

    @Test("a node that has lost its history is passed over where another has kept it")
    func history() async throws {
        let (first, second) = (try SolanaChain(), try SolanaChain())
        let rpc = SolanaRPC(
            SplitBench.endpoint(first), others: [SplitBench.endpoint(second)], http: second.http,
            timing: ChainTime(second).timing)
        let client = SolanaClient(rpc)
        try await first.tick(100)
        try await second.tick(100)
        try await first.forget()
        #expect(try await client.head(.finalized, since: 1_050).firstSlot == 0)
        try await second.forget()
        await #expect(throws: SolanaRPCError.self) { try await client.head(.finalized, since: 1_050) }
        await #expect(throws: SolanaRPCError.self, "neither has come so far") {
            try await client.head(.finalized, since: 1_000_000)
        }
    }

    @Test("where every node fails the answer is that nobody knows, and a lost reply is one of those")
    func unknown() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let client = bench.client(chain)
        let hash = try await client.latestBlockhash().hash
        let transaction = try bench.signed(3, tables: false, separateFeePayer: false, blockhash: hash)
        try await chain.fault("http503", count: 100)
        guard case .unknown(let error) = await client.send(transaction.bytes, skipsPreflight: false) else {
            Issue.record("the outcome is unknown")
            return
        }
        #expect(error.code == .serverError)
        try await chain.clearFaults()
        try await chain.fault("loseReply", count: 1)
        // The reply is lost, and the bytes go out again by themselves: meanwhile they landed, once.
        #expect(
            await client.send(transaction.bytes, skipsPreflight: false)
                == .simulationFailed(.whole("AlreadyProcessed")))
        try await chain.tick(40)
        #expect(try await client.transaction(transaction.id)?.failure == nil)
        #expect(try await client.mentions(of: bench.references[0]).list.count == 1)
    }

    @Test("all signatures of an address are found, page by page, failed ones too")
    func mentions() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let client = bench.client(chain)
        var sent: [SolanaSignature] = []
        for count in 1...7 {
            let hash = try await client.latestBlockhash().hash
            let transaction = try bench.signed(count, tables: false, separateFeePayer: false, blockhash: hash)
            if count == 4 { try await chain.freeze(bench.accounts[0].description) }
            if count == 5 { try await chain.freeze(bench.accounts[0].description, false) }
            #expect(await client.send(transaction.bytes, skipsPreflight: true) == .accepted)
            try await chain.tick(3)
            sent.append(transaction.id)
        }
        try await chain.tick(40)
        for pageSize in [1, 2, 3, 7, 1000] as [Int64] {
            let found = try await client.mentions(of: bench.references[1], pageSize: pageSize)
            #expect(found.isWhole && found.list.map(\.signature) == sent.reversed())
            #expect(found.list.map { $0.failure != nil } == [false, false, false, true, false, false, false])
        }
        let since = try await client.mentions(of: bench.references[1], until: sent[4], pageSize: 1)
        #expect(since.list.map(\.signature) == [sent[6], sent[5]])
    }

    @Test("accounts are read in hundreds, in their order")
    func accounts() async throws {
        let chain = try SolanaChain()
        try await bench.found(chain)
        let client = bench.client(chain)
        let missing = SolanaAddress(SplitBench.key("nobody").publicKey)
        let asked = (0..<250).map { $0.isMultiple(of: 7) ? missing : bench.accounts[$0 % 60] }
        let found = try await client.accounts(asked)
        #expect(found.count == 250)
        for (index, account) in found.enumerated() {
            #expect((account == nil) == index.isMultiple(of: 7))
            if let account { #expect(SolanaTokenAccount(account)?.owner == bench.owners[index % 60]) }
        }
        try SolanaMint.check(bench.token, try await client.accounts([bench.token.mint])[0])
        #expect(try await client.rentMinimum(byteCount: 0) == 890_880)
        #expect(try await client.genesisHash().isEmpty == false)
    }
}
