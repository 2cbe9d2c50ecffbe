import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

/// SOL as money is wrapped SOL in the book and at the treasury; payers have it as their wallets have it.
@Suite("SOL, on a chain with the real programs")
struct SOLTests {
    private static let token = SolanaToken(mint: SolanaToken.nativeMint, decimals: 9)
    private let bench = SplitBench()

    private func world() async throws -> PayerWorld {
        let world = try await PayerWorld(bench, others: ["SOL": Self.token], budgetLamports: 100_000_000)
        // What the node makes for payees it pays for itself.
        try await world.chain.airdrop(world.treasuryAddress.description, lamports: 1_000_000_000)
        return world
    }

    private func held(_ world: PayerWorld, _ wallet: SolanaAddress) async throws -> Int64 {
        let account = try await bench.client(world.chain).accounts([Self.token.account(of: wallet)], .processed)[0]
        return account.flatMap { SolanaTokenAccount($0) }.map { Int64($0.amountMinor) } ?? 0
    }

    private func lamports(_ world: PayerWorld) async throws -> Int64 {
        Int64(
            clamping: try await bench.client(world.chain).accounts([bench.payerAddress], .processed)[0]?.lamports ?? 0)
    }

    private func refusal(_ preparation: RailPreparation) -> String? {
        if case .refused(let refusal) = preparation { refusal.code } else { nil }
    }

    @Test("a wallet with plain SOL pays several at once: what is needed is wrapped in the same transaction")
    func directly() async throws {
        let world = try await world()
        let parts: [Int64] = [600_000_000, 250_000_000, 99_000_000]
        let payment = try await world.open("pay_1", parts: parts, nodeMinor: 1_000_000, currency: "SOL")
        #expect(payment.status == .pending)
        guard case .ready(let bytes) = await world.made(payment) else {
            Issue.record("no transaction")
            return
        }
        #expect(try await Judge.ids([bytes]).allSatisfy { $0 != nil }, "the other library reads it")
        let before = try await lamports(world)
        try await world.pay(payment)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        for (index, part) in parts.enumerated() {
            #expect(world.balance(.external(PayerWorld.dids[index].string, .solana, "SOL")) == part)
            #expect(try await held(world, SolanaAddress(PayerWorld.payees[index].publicKey)) == part)
        }
        #expect(world.balance(.clearing(.solana, "SOL")) == 1_000_000)
        let spent = before - (try await lamports(world))
        #expect(spent > 950_000_000 && spent < 950_010_000, "the payment and the fee: the account's rent came back")
        let account = try await bench.client(world.chain).accounts([Self.token.account(of: bench.payerAddress)])[0]
        #expect(account == nil, "it was there for this payment alone")
        try await world.expectAgreement()
    }

    @Test("what is wrapped already is used first, and only the rest is wrapped")
    func partlyWrapped() async throws {
        let world = try await world()
        try await world.chain.fund(
            bench.payerAddress.description, mint: Self.token.mint.description, amountMinor: 700)
        let payment = try await world.open("pay_1", amountMinor: 1_000, currency: "SOL")
        guard case .ready(let bytes) = await world.made(payment) else {
            Issue.record("no transaction")
            return
        }
        let message = try SolanaTransaction(parsing: bytes).message
        let wraps = message.calls.filter { message.accounts[Int($0.program)] == SolanaProgram.system }
        #expect(wraps.map { $0.data } == [[2, 0, 0, 0, 44, 1, 0, 0, 0, 0, 0, 0]], "300")
        // The bytes are the node's own, also when more is wrapped by the time that they are shown to it.
        let again = await world.rail.transaction(
            for: world.collect(payment), prepared: payment.attempt?.prepared ?? [],
            account: bench.payerAddress.description, given: bytes, nowMs: world.nowMs)
        #expect(again == .ready(bytes))
        try await world.send(message)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        #expect(try await held(world, bench.payerAddress) == 0)
        try await world.expectAgreement()
    }

    @Test("a top-up in SOL has a link to its transaction, becomes balance, and is paid out to who has no account yet")
    func topUp() async throws {
        let world = try await world()
        let payment = try await world.open("pay_1", amountMinor: 2_000_000_000, currency: "SOL")
        #expect(payment.url == "solana:https://pay.example/api/solana/pay/pay_1")
        try await world.pay(payment)
        try await world.look()
        #expect(world.balance(.cash(People.ada.string, "SOL")) == 2_000_000_000)
        let wallet = SolanaAddress(SplitBench.key("a plain wallet").publicKey)
        let payout = Payout(
            id: "po_1", payee: People.ada.string, rail: .solana, destination: wallet.description,
            amountMinor: 1_500_000_000, currency: "SOL", cause: .withdrawal, creator: People.ada.string,
            nowMs: world.nowMs)
        #expect(try await world.worker.open(payout, key: "po_1").isDone)
        for _ in 0..<20 {
            _ = try await world.worker.pass()
            try await world.time.timing.sleep(60_000)
            try await world.look()
        }
        #expect(world.ledger.book.lifecycles["po_1"]?.lifecycle.facts.status == "paid")
        #expect(try await held(world, wallet) == 1_500_000_000)
        #expect(world.balance(.cash(People.ada.string, "SOL")) == 500_000_000)
        try await world.expectAgreement()
    }

    @Test(
        "SOL that lay in the treasury's account is nobody's payment; SOL that is sent there and wrapped is its sender's"
    )
    func leftThere() async throws {
        let world = try await world()
        let first = try await world.open("pay_0", amountMinor: 1_000_000_000, currency: "SOL")
        try await world.pay(first)
        try await world.look()
        let account = Self.token.account(of: world.treasuryAddress)
        // Somebody's mistake: plain SOL, which the token program does not count until it is told to.
        let mistake = SolanaInstruction.transferSOL(from: bench.payerAddress, to: account, lamports: 700_000_000)
        _ = try await world.send(try await world.message([mistake]))
        func wrap(for id: String, sending lamports: UInt64) async throws {
            let sent = SolanaInstruction.transferSOL(from: bench.payerAddress, to: account, lamports: lamports)
            let named = SolanaInstruction(
                program: sent.program,
                accounts: sent.accounts + [.init(try #require(SolanaAddress(world.payment(id).reference)))],
                data: sent.data)
            _ = try await world.send(try await world.message([named, .syncNative(account)]))
            try await world.look()
        }
        _ = try await world.open("pay_1", amountMinor: 700_000_000, currency: "SOL")
        try await wrap(for: "pay_1", sending: 0)
        #expect(try world.payment("pay_1").status == .pending)
        #expect(world.balance(.suspense(.solana, "SOL")) == 700_000_000)
        _ = try await world.open("pay_2", amountMinor: 300_000_000, currency: "SOL")
        try await wrap(for: "pay_2", sending: 300_000_000)
        #expect(try world.payment("pay_2").status == .settled)
        #expect(world.balance(.cash(People.ada.string, "SOL")) == 1_300_000_000)
        try await world.expectAgreement()
    }

    @Test("the treasury's account of SOL that was closed, to have plain SOL, is made once more")
    func closedByOwner() async throws {
        let world = try await world()
        let account = Self.token.account(of: world.treasuryAddress)
        let client = bench.client(world.chain)
        for _ in 0..<2 {
            let close = SolanaInstruction.closeToken(
                account, to: world.treasuryAddress, owner: world.treasuryAddress)
            let message = try SolanaMessage(
                feePayer: world.treasuryAddress, instructions: [close],
                blockhash: try await client.latestBlockhash().hash)
            _ = try await world.send(message, by: PayerWorld.treasury)
            try await world.chain.tick(40)
            #expect(try await client.accounts([account])[0] == nil)
            _ = try await world.rail.treasury()
            for _ in 0..<12 {
                // Longer than any node may lag behind what was made before.
                try await world.chain.tick(40)
                try await world.look()
            }
            let made = try await client.accounts([account])[0].flatMap { SolanaTokenAccount($0) }
            #expect(made?.owner == world.treasuryAddress)
        }
        let payment = try await world.open("pay_1", amountMinor: 2_000_000, currency: "SOL")
        try await world.pay(payment)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
    }

    @Test("too little SOL for the payment, and too little for its fee, are told apart; nobody is paid")
    func tooLittle() async throws {
        let world = try await world()
        // The payer has 10 SOL.
        let all = try await world.open("pay_1", amountMinor: 10_000_000_000, currency: "SOL")
        #expect(refusal(await world.made(all)) == "payer_balance_too_low")
        let poor = SplitBench.key("poor")
        try await world.chain.airdrop(SolanaAddress(poor.publicKey).description, lamports: 2_000_000)
        let some = try await world.open("pay_2", amountMinor: 1, currency: "SOL")
        let made = await world.made(some, by: SolanaAddress(poor.publicKey).description)
        #expect(refusal(made) == "payer_fee_too_low", "an account's rent and the fee")
        try await world.look()
        #expect(world.balance(.clearing(.solana, "SOL")) == 0)
    }

    @Test("as many payees as fit when the payer wraps are paid without a lookup table, more with one")
    func limits() async throws {
        let world = try await world()
        var largest = 0
        for count in 10...16 {
            let parts = (0..<count).map { Int64(1_000_000 + $0) }
            let payment = try await world.open("pay_\(count)", parts: parts, nodeMinor: 1, currency: "SOL")
            guard payment.status == .pending, case .ready(let bytes) = await world.made(payment) else { continue }
            let message = try SolanaTransaction(parsing: bytes).message
            if message.lookups.isEmpty { largest = count }
            try await world.send(message)
            try await world.look()
            #expect(try world.payment("pay_\(count)").status == .settled, "\(count)")
        }
        #expect(largest == 14, "one less than of another token")
        try await world.expectAgreement()
    }
}
