import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import Synchronization
import Testing

/// One run: payments that are open, payers who pay them in every wrong way, nodes that answer badly, and a worker that
/// is interrupted. The seed decides everything.
final class DetectionRun {
    static let token = SolanaToken(mint: SolanaAddress(SplitBench.key("mint").publicKey), decimals: 6)
    static let manifest = SHA256.hash(Array("manifest".utf8))
    static let dids = ModelWallets.payees.map { DID(publicKey: $0.publicKey) }

    let node: ModelNode
    let ledger: LedgerDouble
    let rail: SolanaRail
    let worker: RailWorker
    let watchers: [SolanaWatcher]
    let places = MemoryPositions()
    let clock: Clock
    var random: TestRandom
    var payments: [Payment] = []
    var transfersCount = 0
    /// What landed for good, by signature: to the treasury, and to payees under a direct payment's name.
    var landed: [SolanaSignature: (treasuryMinor: Int64, passed: [Int: Int64])] = [:]

    final class Clock: Sendable {
        let node: ModelNode
        init(_ node: ModelNode) { self.node = node }
        var nowMs: Int64 { ModelNode.time(node.state.withLock { $0.slot }) * 1_000 }
    }

    init(seed: UInt64, former: [SolanaAddress] = []) {
        random = TestRandom(seed: seed)
        let node = ModelNode(seed: seed ^ 0xABCD)
        let clock = Clock(node)
        node.state.withLock { $0.mints[Self.token.mint] = 6 }
        let timing = SolanaTiming(
            nowMs: { clock.nowMs }, sleep: { _ async throws(CancellationError) in }, jitter: { 0 })
        let endpoint = SolanaEndpoint(url: "http://127.0.0.1:1", requestsPerSecond: 1_000_000, burst: 1_000_000)
        rail = SolanaRail(
            client: SolanaClient(SolanaRPC(endpoint, http: node, timing: timing)), treasury: ModelWallets.treasury,
            settings: SolanaRailSettings(
                tokens: ["MJN": Self.token], payLink: "https://pay.example", formerTreasuries: former), timing: timing)
        ledger = LedgerDouble(clock: { clock.nowMs })
        let counter = Atomic<Int>(0)
        worker = RailWorker(
            ledger: ledger, rails: [rail], settling: FrozenSettling(ledger: ledger), clock: { clock.nowMs },
            makeID: { "\($0)\(counter.wrappingAdd(1, ordering: .relaxed).newValue)" })
        (self.node, self.clock) = (node, clock)
        let (rail, ledger, worker, places) = (rail, ledger, worker, places)
        watchers = (0..<2).map { _ in
            SolanaWatcher(rail: rail, ledger: ledger, worker: worker, positions: places, clock: { clock.nowMs })
        }
    }

    // MARK: What happens

    func open() async throws {
        let id = "pay_r\(payments.count)"
        let isDirect = random.chance(perMille: 600)
        let nodeMinor = isDirect && random.chance(perMille: 300) ? 0 : 1 + random.within(0...50)
        let parts = isDirect ? (0..<(1 + random.below(4))).map { _ in random.within(1...1_000) } : []
        var payment = Payment(
            id: id, rail: .solana, creator: People.shop.string, payer: People.did(id).string,
            amountMinor: parts.reduce(nodeMinor, +), surchargeMinor: 0, currency: "MJN",
            purpose: isDirect ? .settle(manifestCID: "bafytest") : .topUp, feeBearer: .node, isDirect: false,
            service: "shop", type: "order", metadataJSON: [], successURL: "", cancelURL: "",
            expiresAtMs: clock.nowMs + random.within(60_000...600_000))
        if isDirect {
            payment.direct = DirectSplit(
                settlementID: "stl_\(id)", manifestDigest: Self.manifest,
                parts: parts.enumerated().map { index, part in
                    DirectSplit.Part(
                        did: Self.dids[index].string,
                        address: Base58.encode(ModelWallets.payees[index].publicKey.rawBytes),
                        amountMinor: part)
                }, nodeMinor: nodeMinor)
        }
        let command = LifecycleCommands.open(
            .openPayment(payment), id: id, owners: [], caller: People.shop.string, key: id,
            requestHash: LifecycleCommands.hash(id))
        for _ in 0..<10 where ledger.book.lifecycles[id] == nil {
            _ = try? await ledger.submit([command], atomically: false)
        }
        for _ in 0..<50 where try self.payment(id).reference.isEmpty {
            try? await worker.drive(id)
            node.state.withLock { $0.slot += 200 }
        }
        payments.append(try self.payment(id))
    }

    func payment(_ id: String) throws -> Payment {
        guard case .payment(let payment)? = ledger.book.lifecycles[id]?.lifecycle else { throw NoAddress(text: id) }
        return payment
    }

    /// Transfers of the payer's, under names.
    func transfer(
        _ transfers: [(wallet: SolanaAddress, amountMinor: Int64)], _ names: [SolanaAddress], of direct: [DirectSplit?],
        fails: Bool = false
    ) throws {
        transfersCount += 1
        let payer = SolanaAddress(ModelWallets.payer.publicKey)
        let positive = transfers.filter { $0.amountMinor > 0 }
        guard !positive.isEmpty else { return }
        let instructions = positive.enumerated().map { index, transfer in
            SolanaInstruction.transferChecked(
                source: Self.token.account(of: payer), mint: Self.token.mint,
                destination: Self.token.account(of: transfer.wallet), owner: payer,
                amount: UInt64(transfer.amountMinor), decimals: 6,
                references: index == positive.count - 1 ? names : [], program: Self.token.program)
        }
        let hash = try #require(SolanaBlockhash(bytes: SHA256.hash(Array("\(transfersCount)".utf8))))
        let message = try SolanaMessage(
            feePayer: payer, instructions: [.memo("x")] + instructions, blockhash: hash, tables: nil)
        let transaction = try SolanaTransaction(signing: message, with: [ModelWallets.payer])
        // A branch of the chain has it first, and is dropped; it lands again, or never.
        let isForked = random.chance(perMille: 200)
        if isForked {
            node.land(transaction, token: Self.token, from: payer, positive, fails: fails, isForked: true)
            node.state.withLock { $0.slot += Int64(random.below(60)) }
            if random.chance(perMille: 500) { return }
        }
        node.land(transaction, token: Self.token, from: payer, positive, fails: fails)
        guard !fails else { return }
        var fact: (treasuryMinor: Int64, passed: [Int: Int64]) = (0, [:])
        for transfer in positive {
            if transfer.wallet == SolanaAddress(ModelWallets.treasury.publicKey) {
                fact.treasuryMinor += transfer.amountMinor
            } else if let index = ModelWallets.payees.firstIndex(where: {
                SolanaAddress($0.publicKey) == transfer.wallet
            }), direct.contains(where: { $0?.parts.contains { $0.did == Self.dids[index].string } == true }) {
                fact.passed[index, default: 0] += transfer.amountMinor
            }
        }
        landed[transaction.id] = fact
    }

    /// The transfers that a payment asks for.
    func asked(_ payment: Payment) -> [(wallet: SolanaAddress, amountMinor: Int64)] {
        let treasury = SolanaAddress(ModelWallets.treasury.publicKey)
        guard let direct = payment.direct else { return [(treasury, payment.amountMinor)] }
        let parts = direct.parts.enumerated().map {
            (wallet: SolanaAddress(ModelWallets.payees[$0].publicKey), amountMinor: $1.amountMinor)
        }
        return parts + [(treasury, direct.nodeMinor)]
    }

    func names(_ payment: Payment) throws -> [SolanaAddress] {
        let reference = try #require(SolanaAddress(payment.reference))
        return payment.direct == nil ? [reference] : [reference, try #require(SolanaAddress(bytes: Self.manifest))]
    }

    func step() async throws {
        switch random.below(12) {
        case 0 where payments.count < 4: try await open()
        case 1, 2, 3:
            guard let payment = random.pick(payments) else { return try await open() }
            try transfer(asked(payment), try names(payment), of: [payment.direct])
        case 4:
            // Altered or partial.
            guard let payment = random.pick(payments) else { return }
            var transfers = asked(payment)
            for index in transfers.indices where random.chance(perMille: 500) {
                transfers[index].amountMinor += random.within(-3...3)
                if random.chance(perMille: 300) { transfers[index].amountMinor = 0 }
            }
            try transfer(transfers, try names(payment), of: [payment.direct])
        case 5:
            // Poison: a failure, or dust to nobody of ours.
            guard let payment = random.pick(payments) else { return }
            let fails = random.chance(perMille: 500)
            let wallet = SolanaAddress((fails ? ModelWallets.treasury : ModelWallets.payees[5]).publicKey)
            try transfer([(wallet, 1 + Int64(random.below(9)))], try names(payment), of: [], fails: fails)
        case 6:
            // One that names two.
            guard let first = random.pick(payments), let second = random.pick(payments), first.id != second.id else {
                return
            }
            let all = try names(first) + [try #require(SolanaAddress(second.reference))]
            try transfer(asked(first), all, of: [first.direct])
        case 7: try transfer([(SolanaAddress(ModelWallets.treasury.publicKey), random.within(1...500))], [], of: [])
        case 8: node.state.withLock { $0.slot += Int64(random.below(1_500)) }
        case 9:
            if random.chance(perMille: 200) { places.forget() }
            if random.chance(perMille: 300) { ledger.failNext(.databaseUnavailable("away")) }
            _ = try? await worker.pass()
        default:
            let watchers = watchers
            if random.chance(perMille: 300) {
                async let first = try? watchers[0].pass()
                async let second = try? watchers[1].pass()
                _ = await (first, second)
            } else {
                _ = try? await watchers[0].pass()
            }
        }
    }

    func run() async throws {
        node.state.withLock { state in
            state.badness = random.chance(perMille: 700) ? 150 : 0
            state.lagMax = random.chance(perMille: 500) ? 60 : 0
            state.pageMax = random.chance(perMille: 500) ? 1 + random.below(4) : 1_000
        }
        try await open()
        for _ in 0..<(10 + random.below(30)) { try await step() }
        node.state.withLock { state in
            (state.badness, state.lagMax) = (0, 0)
            state.slot += 100
        }
        for _ in 0..<5 {
            // What the ledger was to fail at is over after a few.
            _ = try? await watchers[0].pass()
            _ = try? await worker.pass()
            node.state.withLock { $0.slot += 2_000 }
        }
    }

    // MARK: What must hold

    func balance(_ key: AccountKey) -> Int64 {
        ledger.book.accounts.values.first { $0.key == key }.map { $0.counters.balance(key.kind.accountClass) } ?? 0
    }

    var findings: [String] {
        var findings: [String] = []
        func equal(_ what: String, _ left: Int64, _ right: Int64) {
            if left != right { findings.append("\(what): the book has \(left), the chain \(right)") }
        }
        let treasury = landed.values.reduce(0) { $0 + $1.treasuryMinor }
        let held = node.state.withLock { state in
            state.balances[Self.token.account(of: SolanaAddress(ModelWallets.treasury.publicKey))] ?? 0
        }
        equal("the model", held, treasury)
        equal("clearing", balance(.clearing(.solana, "MJN")), treasury)
        for index in Self.dids.indices {
            let passed = landed.values.reduce(0) { $0 + ($1.passed[index] ?? 0) }
            equal("payee \(index)", balance(.external(Self.dids[index].string, .solana, "MJN")), passed)
        }
        let book = ledger.book
        var movements: [String: Int] = [:]
        for case .arrival(let arrival) in book.lifecycles.values.map(\.lifecycle) {
            movements[arrival.movement, default: 0] += 1
        }
        if movements.values.contains(where: { $0 != 1 }) { findings.append("a movement was booked twice") }
        let moving = landed.filter { $0.value.treasuryMinor > 0 || !$0.value.passed.isEmpty }
        let missing = Set(moving.keys.map(\.description)).symmetricDifference(movements.keys)
        if !missing.isEmpty { findings.append("booked and landed differ by \(missing)") }
        for payment in payments {
            guard let now = try? self.payment(payment.id) else { continue }
            if now.direct == nil, now.status == .settled {
                equal("the balance of \(now.id)", balance(.cash(now.payer, "MJN")), now.amountMinor)
            }
            if now.status == .received || now.status == .opening { findings.append("\(now.id) is left \(now.status)") }
        }
        var sum = Int128(0)
        for account in book.accounts.values {
            sum += Int128(account.counters.postedDebits) - Int128(account.counters.postedCredits)
        }
        if sum != 0 { findings.append("the book is off by \(sum)") }
        return findings
    }

    /// How payments ended: what the seeds reach.
    var ends: [String] {
        ledger.book.lifecycles.values.compactMap { row in
            guard case .payment(let payment) = row.lifecycle else { return nil }
            return payment.purpose == .unmatched
                ? "deposit \(payment.refusal?.code ?? "")" : "\(payment.status) \(payment.refusal?.code ?? "")"
        }
    }
}
