import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Testing

@Suite("What cannot be paid has its own code, pays nobody, and moves nothing in the book")
struct BadPaymentTests {
    private static let strange = SolanaToken(mint: SolanaAddress(SplitBench.key("strange").publicKey), decimals: 6)
    private static let dear = SolanaToken(mint: SolanaAddress(SplitBench.key("dear").publicKey), decimals: 9)

    /// What is wrong, where it shows, and what it is called.
    struct Case: Sendable, CustomTestStringConvertible {
        let code: String
        var currency = "MJN"
        /// The address of the first payee; nil: its own.
        var address: @Sendable (PayerWorld) -> String? = { _ in nil }
        var partsCount = 2
        /// Done after the checkout, before the wallet asks; nil: the checkout is refused already.
        var afterwards: (@Sendable (PayerWorld) async throws -> Void)?
        /// Who pays; nil: the payer.
        var account: @Sendable (PayerWorld) -> String? = { _ in nil }
        var testDescription: String { code }
    }

    static let cases: [Case] = [
        Case(code: "currency_unsupported", currency: "CAD"),
        Case(code: "mint_invalid", currency: "STRANGE"), Case(code: "mint_decimals_mismatch", currency: "DEAR"),
        Case(code: "recipient_malformed", address: { _ in "not an address" }),
        Case(code: "recipient_off_curve", address: { $0.bench.accounts[0].description }),
        Case(code: "recipient_weak_key", address: { _ in SolanaProgram.system.description }),
        Case(code: "recipient_is_mint", address: { $0.bench.token.mint.description }),
        Case(code: "recipient_is_treasury", address: { $0.treasuryAddress.description }),
        Case(
            code: "recipient_account_missing",
            address: { _ in SolanaAddress(SplitBench.key("nobody").publicKey).description }),
        Case(code: "split_too_large_for_rail", partsCount: 17),
        Case(
            code: "recipient_frozen", afterwards: { try await $0.chain.freeze($0.bench.accounts[1].description) }),
        Case(
            code: "payer_frozen",
            afterwards: { try await $0.chain.freeze($0.bench.token.account(of: $0.bench.payerAddress).description) }),
        Case(
            code: "payer_balance_too_low",
            afterwards: {
                try await $0.chain.fund(
                    $0.bench.payerAddress.description, mint: $0.bench.token.mint.description, amountMinor: 299)
            }),
        Case(
            code: "payer_fee_too_low",
            afterwards: {
                try await $0.chain.setAccount(
                    $0.bench.payerAddress.description, data: [], owner: SolanaProgram.system.description)
            }),
        Case(
            code: "payer_account_missing", afterwards: { _ in },
            account: { _ in SolanaAddress(SplitBench.key("nobody").publicKey).description }),
        Case(code: "payer_malformed", afterwards: { _ in }, account: { _ in "x" }),
        Case(code: "payer_off_curve", afterwards: { _ in }, account: { $0.bench.accounts[0].description }),
        Case(code: "payer_weak_key", afterwards: { _ in }, account: { _ in SolanaProgram.system.description }),
        Case(code: "payer_is_treasury", afterwards: { _ in }, account: { $0.treasuryAddress.description }),
        Case(code: "payment_expired", afterwards: { try await $0.time.timing.sleep(3_600_001) }),
    ]

    @Test("each", arguments: cases)
    func refused(_ bad: Case) async throws {
        let world = try await PayerWorld(others: ["DEAR": SolanaToken(mint: Self.dear.mint, decimals: 6)])
        let rail = SolanaRail(
            client: world.bench.client(world.chain), treasury: PayerWorld.treasury,
            settings: SolanaRailSettings(
                tokens: [
                    "MJN": world.bench.token, "STRANGE": Self.strange,
                    "DEAR": SolanaToken(mint: Self.dear.mint, decimals: 9),
                ]), timing: world.time.timing)
        let payment = try await world.open(
            "pay_1", parts: [Int64](repeating: 150, count: 2),
            addresses: nil)
        let parts = (0..<bad.partsCount).map { index in
            DirectSplit.Part(
                did: PayerWorld.dids[0].string,
                address: (index == 0 ? bad.address(world) : nil) ?? world.bench.owners[index].description,
                amountMinor: 150)
        }
        let collect = CollectInstruction(
            reference: "pay_2-1", paymentID: "pay_2", amountMinor: Int64(150 * bad.partsCount), currency: bad.currency,
            description: "x", successURL: "", cancelURL: "", expiresAtMs: payment.expiresAtMs, beganAtMs: 0,
            direct: DirectSplit(
                settlementID: "stl_01kzzzzzzzzzzzzzzzzzzzzzzz", manifestDigest: SHA256.hash([1]), parts: parts,
                nodeMinor: 0))
        let entries = world.ledger.book.entries.count
        let prepared = await rail.prepare(.collect(collect), nowMs: world.nowMs)
        if let afterwards = bad.afterwards {
            guard case .ready(let bytes) = prepared else {
                Issue.record("\(bad.code): \(prepared)")
                return
            }
            try await afterwards(world)
            let answer = await rail.transaction(
                for: collect, prepared: bytes, account: bad.account(world) ?? world.bench.payerAddress.description,
                given: nil, nowMs: world.nowMs)
            Self.expect(answer, bad.code)
        } else {
            Self.expect(prepared, bad.code)
        }
        #expect(try await world.chain.sends() == 0)
        #expect(world.ledger.book.entries.count == entries)
    }

    private static func expect(_ preparation: RailPreparation, _ code: String) {
        guard case .refused(let refusal) = preparation else {
            Issue.record("\(code): \(preparation)")
            return
        }
        #expect(refusal.code == code && !refusal.reason.isEmpty)
    }

    @Test("a checkout that the rail refuses fails, with no posting and nothing to sign")
    func checkoutRefused() async throws {
        let world = try await PayerWorld()
        let payment = try await world.open("pay_1", parts: [10, 5], addresses: ["x", "y"])
        #expect(payment.status == .failed && payment.refusal?.code == "recipient_malformed")
        #expect(world.ledger.book.postings.isEmpty)
    }

    @Test("sixteen payees fit one transaction, with fee payer and payer one, memo and two references")
    func sixteen() async throws {
        let world = try await PayerWorld()
        let payment = try await world.open("pay_1", parts: [Int64](repeating: 7, count: 16))
        try await world.pay(payment)
        try await world.look()
        #expect(try world.payment("pay_1").status == .settled)
        #expect((0..<16).allSatisfy { world.passed($0) == 7 })
        try await world.expectAgreement()
    }

    @Test("a transaction that the node did not make is none of its business, whatever it does")
    func foreign() async throws {
        let world = try await PayerWorld()
        let payment = try await world.open("pay_1", parts: [10, 5], nodeMinor: 1)
        guard case .ready(let bytes) = await world.made(payment) else {
            Issue.record("there is no transaction")
            return
        }
        func answer(_ given: [UInt8]) async -> RailPreparation {
            await world.rail.transaction(
                for: world.collect(payment), prepared: payment.attempt?.prepared ?? [],
                account: world.bench.payerAddress.description, given: given, nowMs: world.nowMs)
        }
        #expect(await answer(bytes) == .ready(bytes))
        let own = try SolanaTransaction(parsing: bytes).message.instructions()
        let drained = SolanaInstruction.memo("x")
        var foreign = [own + [drained], Array(own.dropLast()), Array(own.reversed())]
        foreign.append([world.transfer(16, to: world.bench.owners[9])])
        for instructions in foreign {
            let message = try await world.message(instructions)
            Self.expect(await answer(try SolanaTransaction(unsigned: message).bytes), "transaction_foreign")
        }
        for malformed in [[], [1, 2, 3], Array(bytes.dropLast()), bytes + [0]] as [[UInt8]] {
            Self.expect(await answer(malformed), "transaction_malformed")
        }
        #expect(try await world.chain.sends() == 0)
    }
}
