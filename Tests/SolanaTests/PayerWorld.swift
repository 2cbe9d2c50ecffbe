import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

/// A node that takes payments in on a chain: its treasury, its book, who works for it, and a payer with 1,000 tokens.
final class PayerWorld: Sendable {
    let bench: SplitBench
    let chain: SolanaChain
    let ledger: LedgerDouble
    let rail: SolanaRail
    let worker: RailWorker
    let watcher: SolanaWatcher
    let time: ChainTime
    let reports = Mutex<[RailReport]>([])
    let places = MemoryPositions()

    static let treasury = SplitBench.key("treasury")
    /// Payees who are keys, so that their DIDs are their wallets.
    static let payees = (0..<60).map { SplitBench.key("payee \($0)") }
    static let dids = payees.map { DID(publicKey: $0.publicKey) }
    var treasuryAddress: SolanaAddress { SolanaAddress(Self.treasury.publicKey) }
    var treasuryAccount: SolanaAddress { bench.token.account(of: treasuryAddress) }

    /// What the book remembers of accounts and tables that the node pays for.
    let memory = RailMemory()

    /// - Parameters:
    ///   - detection: how sure the rail is before it credits.
    ///   - budgetLamports: what the node may pay for accounts and lookup tables.
    init(
        _ bench: SplitBench = SplitBench(), detection: SolanaCommitment = .finalized,
        others: [String: SolanaToken] = [:], budgetLamports: Int64 = 0
    ) async throws {
        self.bench = bench
        let chain = try SolanaChain()
        try await bench.found(chain)
        for token in [bench.token] + others.values {
            // Whoever pays SOL has it unwrapped.
            if token != bench.token, !token.isNative {
                try await chain.createMint(
                    token.mint.description, decimals: Int(token.decimals), authority: bench.payerAddress.description,
                    program: token.program.description)
                try await chain.fund(
                    bench.payerAddress.description, mint: token.mint.description, amountMinor: 1_000_000_000)
            }
            try await chain.fund(
                SolanaAddress(Self.treasury.publicKey).description, mint: token.mint.description, amountMinor: 0)
        }
        let time = ChainTime(chain)
        let timing = time.timing
        let rail = SolanaRail(
            client: SolanaClient(SolanaRPC(SplitBench.endpoint(chain), http: chain.http, timing: timing)),
            treasury: Self.treasury,
            settings: SolanaRailSettings(
                tokens: others.merging(["MJN": bench.token]) { $1 }, roundsPerCall: 5, detection: detection,
                payLink: "https://pay.example/api/solana/pay",
                openings: SolanaOpenings(budgetLamports: budgetLamports, store: memory)), timing: timing)
        let now: @Sendable () -> Int64 = { timing.nowMs() }
        let ledger = LedgerDouble(clock: now)
        let counter = Counter()
        worker = RailWorker(
            ledger: ledger, rails: [rail], settling: FrozenSettling(ledger: ledger), clock: now,
            makeID: { "\($0)w\(counter.next())" })
        watcher = SolanaWatcher(rail: rail, ledger: ledger, worker: worker, positions: places, clock: now)
        (self.chain, self.ledger, self.rail, self.time) = (chain, ledger, rail, time)
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
    }

    var nowMs: Int64 { time.timing.nowMs() }

    /// Opens a payment, and has the rail take it.
    /// - Parameter parts: who is paid directly, minor units; empty: the node is.
    func open(
        _ id: String, parts: [Int64] = [], nodeMinor: Int64 = 0, amountMinor: Int64? = nil, currency: String = "MJN",
        purpose: Payment.Purpose? = nil, lifeMs: Int64 = 3_600_000,
        addresses: [String]? = nil
    ) async throws -> Payment {
        let amount = amountMinor ?? parts.reduce(nodeMinor, +)
        var payment = Payment(
            id: id, rail: .solana, creator: People.shop.string, payer: People.ada.string, amountMinor: amount,
            surchargeMinor: 0, currency: currency,
            purpose: purpose ?? (parts.isEmpty ? .topUp : .settle(manifestCID: "bafytest")), feeBearer: .node,
            isDirect: false, service: "shop", type: "order", metadataJSON: [], successURL: "https://shop.example/a",
            cancelURL: "https://shop.example/b", expiresAtMs: nowMs + lifeMs)
        if !parts.isEmpty {
            payment.direct = DirectSplit(
                settlementID: "stl_\(id)", manifestDigest: SHA256.hash(Array("manifest".utf8)),
                parts: parts.enumerated().map { index, part in
                    DirectSplit.Part(
                        did: Self.dids[index].string,
                        address: addresses?[index] ?? Base58.encode(Self.payees[index].publicKey.rawBytes),
                        amountMinor: part)
                }, nodeMinor: nodeMinor)
        }
        let outcome = try await ledger.submit(
            [
                LifecycleCommands.open(
                    .openPayment(payment), id: id, owners: [], caller: People.shop.string, key: id,
                    requestHash: LifecycleCommands.hash(id))
            ], atomically: false)[0].outcome
        #expect(outcome.isDone)
        try await worker.drive(id)
        return try self.payment(id)
    }

    func payment(_ id: String) throws -> Payment {
        guard case .payment(let payment)? = ledger.book.lifecycles[id]?.lifecycle else {
            throw NoAddress(text: "there is no payment \(id)")
        }
        return payment
    }

    /// Payments that nobody asked for.
    var deposits: [Payment] {
        ledger.book.lifecycles.values.compactMap { row in
            if case .payment(let payment) = row.lifecycle, payment.purpose == .unmatched { payment } else { nil }
        }.sorted { $0.id < $1.id }
    }

    func collect(_ payment: Payment) -> CollectInstruction { CollectInstruction(payment, nowMs: nowMs) }

    /// The transaction that the node makes for the payer.
    func made(_ payment: Payment, by account: String? = nil) async -> RailPreparation {
        await rail.transaction(
            for: collect(payment), prepared: payment.attempt?.prepared ?? [],
            account: account ?? bench.payerAddress.description, given: nil, nowMs: nowMs)
    }

    /// Signs a message as the payer and sends it.
    @discardableResult
    func send(_ message: SolanaMessage, by key: Ed25519PrivateKey? = nil) async throws -> SolanaSignature {
        let transaction = try SolanaTransaction(signing: message, with: [key ?? bench.payer])
        let sent = await bench.client(chain).send(transaction.bytes, skipsPreflight: true)
        #expect(sent == .accepted)
        try await chain.tick(1)
        return transaction.id
    }

    /// The payer pays what the node made.
    @discardableResult
    func pay(_ payment: Payment, by key: Ed25519PrivateKey? = nil) async throws -> SolanaSignature {
        let key = key ?? bench.payer
        guard case .ready(let bytes) = await made(payment, by: SolanaAddress(key.publicKey).description) else {
            throw NoAddress(text: "\(payment.id) makes no transaction")
        }
        return try await send(try SolanaTransaction(parsing: bytes).message, by: key)
    }

    /// Instructions of the payer's own making, in one transaction.
    func message(_ instructions: [SolanaInstruction]) async throws -> SolanaMessage {
        try SolanaMessage(
            feePayer: bench.payerAddress, instructions: instructions,
            blockhash: try await bench.client(chain).latestBlockhash().hash)
    }

    /// A transfer of the payer's.
    func transfer(
        _ amountMinor: UInt64, to wallet: SolanaAddress, references: [SolanaAddress] = [], token: SolanaToken? = nil
    ) -> SolanaInstruction {
        let token = token ?? bench.token
        return .transferChecked(
            source: token.account(of: bench.payerAddress), mint: token.mint, destination: token.account(of: wallet),
            owner: bench.payerAddress, amount: amountMinor, decimals: token.decimals, references: references,
            program: token.program)
    }

    func reference(_ payment: Payment) throws -> SolanaAddress { try #require(SolanaAddress(payment.reference)) }

    /// Everything becomes final, and the node looks.
    func look() async throws {
        try await chain.tick(40)
        let outcome = try await watcher.pass()
        #expect(outcome.stopped == nil)
        _ = try await worker.pass()
    }

    func balance(_ key: AccountKey) -> Int64 {
        ledger.book.accounts.values.first { $0.key == key }.map { $0.counters.balance(key.kind.accountClass) } ?? 0
    }

    func passed(_ index: Int) -> Int64 { balance(.external(Self.dids[index].string, .solana, "MJN")) }

    /// Ledger and chain agree: the clearing account of each token is what the treasury has of it, and every entry's sum
    /// is nothing.
    func expectAgreement(_ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await chain.tick(40)
        for balance in try await rail.balances() {
            let clearing = self.balance(.clearing(.solana, balance.currency))
            #expect(clearing == balance.totalMinor, "\(balance.currency)", sourceLocation: sourceLocation)
        }
        var sums: [String: Int128] = [:]
        for account in ledger.book.accounts.values {
            sums[account.key.currency, default: 0] +=
                Int128(account.counters.postedDebits) - Int128(account.counters.postedCredits)
        }
        #expect(sums.values.allSatisfy { $0 == 0 }, sourceLocation: sourceLocation)
        var unspent: [AccountKey: Int64] = [:]
        for case .payment(let payment) in ledger.book.lifecycles.values.map(\.lifecycle) where payment.unspentMinor > 0
        {
            unspent[payment.home, default: 0] += payment.unspentMinor
        }
        for account in ledger.book.accounts.values where [.payments, .suspense].contains(account.key.kind) {
            #expect(balance(account.key) == unspent[account.key] ?? 0, sourceLocation: sourceLocation)
        }
    }
}

/// Positions in memory.
final class MemoryPositions: RailPositionStore {
    private let places = Mutex<[String: RailPosition]>([:])

    func position(of list: String) async throws(LedgerFailure) -> RailPosition? { places.withLock { $0[list] } }
    func setPosition(_ position: RailPosition, of list: String) async throws(LedgerFailure) {
        places.withLock { $0[list] = position }
    }

    /// Everything is read from the beginning.
    func forget() { places.withLock { $0 = [:] } }
}

/// Settles payments as they were fixed at checkout: parts to payees, the rest is the node's fee.
struct FrozenSettling: PaymentSettling {
    let ledger: LedgerDouble

    func settle(_ payment: Payment) async -> PaymentSettlement {
        guard let payer = try? DID(payment.payer) else { return .later("nobody pays") }
        let parts = (payment.direct?.parts ?? []).compactMap { part in
            (try? DID(part.did)).map { ($0, part.amountMinor) }
        }
        let fee = payment.direct?.nodeMinor ?? 0
        let command = Commands.settle(
            "payment:\(payment.id)", payer: payer, to: parts,
            fees: fee > 0 ? [FeePart(kind: .node, amountMinor: fee)] : [], payment.currency,
            caller: payment.creator, id: payment.direct?.settlementID,
            funding: .payment(id: payment.id, rail: payment.rail))
        guard let outcome = try? await ledger.submit([command], atomically: false)[0].outcome else {
            return .later("the ledger is away")
        }
        guard let code = outcome.code else { return .settled }
        let reason = String(decoding: outcome.body, as: UTF8.self)
        return outcome.status == 422 ? .refused(RailRefusal(code: code, reason: reason)) : .later(reason)
    }

    func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] { [] }
    func takeBack(
        settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
    ) async throws(LedgerFailure) -> Outcome { Outcome(status: 404, code: "settlement_unknown", body: []) }
}
