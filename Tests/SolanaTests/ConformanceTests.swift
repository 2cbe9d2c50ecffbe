import Cryptography
import HTTPClient
import Kernel
import RailConformance
import Settlement
import Solana
import SolanaChain
import Synchronization
import Testing

/// A way to the nodes on which things get lost, once something was sent.
private final class LossyHTTP: HTTPExchanging {
    private struct State {
        var loss: RailLoss?
        var hasSent = false
    }
    private let state = Mutex(State())
    private let http: HTTPClient

    init(_ http: HTTPClient) { self.http = http }

    func lose(_ loss: RailLoss?) { state.withLock { $0 = State(loss: loss) } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let isWrite = String(decoding: request.body, as: UTF8.self).contains("\"sendTransaction\"")
        let loss = state.withLock { state in
            if isWrite { state.hasSent = true }
            return state.loss.flatMap { $0 == .requests || state.hasSent ? $0 : nil }
        }
        if loss == .requests { throw HTTPError(.connectFailed, .nothingSent, "lost") }
        let response = try await http.send(request)
        if loss == .answers { throw HTTPError(.connectionLost, .unknown, "lost") }
        return response
    }
}

/// The rail, which notes what its payments are over.
private final class NotedRail: Rail {
    private let amounts = Mutex<[String: Int64]>([:])
    private let base: SolanaRail
    private let chain: SolanaChain

    init(_ base: SolanaRail, _ chain: SolanaChain) { (self.base, self.chain) = (base, chain) }

    func amount(of reference: String) -> Int64? { amounts.withLock { $0[reference] } }

    var name: RailName { base.name }
    var capabilities: RailCapabilities { base.capabilities }
    func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        await base.prepare(instruction, nowMs: nowMs)
    }
    func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        let outcome = await base.carryOut(instruction, prepared: prepared, nowMs: nowMs)
        if case .pending(let facts) = outcome, case .collect(let collect) = instruction {
            amounts.withLock { $0[facts.reference] = collect.amountMinor }
        }
        return outcome
    }
    func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer {
        await base.fetch(instruction, prepared: prepared, reference: reference, nowMs: nowMs)
    }
    func check(_ destination: PayoutPolicy.Destination) async -> RailRefusal? { await base.check(destination) }
    func list(since position: RailPosition?, limit: Int) async throws(RailListFailure) -> RailPage {
        // The list tells of what is final.
        try? await chain.tick(40)
        return try await base.list(since: position, limit: limit)
    }
    func balances() async throws(RailListFailure) -> [RailBalance] { try await base.balances() }
    func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer {
        await base.cancel(instruction, reference: reference)
    }
}

/// The rail over the local chain.
private struct SolanaBench: RailBench {
    let bench = SplitBench()
    let chain: SolanaChain
    let time: ChainTime
    let http: LossyHTTP
    let rail: any Rail
    private let noted: NotedRail
    private let faucet = SplitBench.key("faucet")

    /// Slots that a long time is cut to: more change nothing.
    private static let slotsMax: Int64 = 2_000

    init() async throws {
        chain = try SolanaChain()
        try await bench.found(chain)
        time = ChainTime(chain)
        http = LossyHTTP(chain.http)
        // What the treasury has came to it by transactions, so that the list tells of all of it.
        let faucetAddress = SolanaAddress(faucet.publicKey).description
        try await chain.airdrop(faucetAddress, lamports: 10_000_000_000)
        try await chain.fund(faucetAddress, mint: bench.token.mint.description, amountMinor: 1_000_000_000)
        try await chain.fund(bench.payerAddress.description, mint: bench.token.mint.description, amountMinor: 0)
        noted = NotedRail(
            SolanaRail(
                client: SolanaClient(SolanaRPC(SplitBench.endpoint(chain), http: http, timing: time.timing)),
                treasury: bench.payer, settings: SolanaRailSettings(tokens: ["MJN": bench.token], roundsPerCall: 5),
                timing: time.timing), chain)
        rail = noted
    }

    var currency: String { "MJN" }
    var destination: String { bench.owners[0].description }
    var unknownDestination: String { SolanaAddress(SplitBench.key("nobody").publicKey).description }

    func nowMs() -> Int64 { time.timing.nowMs() }
    func pass(_ milliseconds: Int64) async throws { try await chain.tick(Int(min(milliseconds / 400, Self.slotsMax))) }
    func pay(reference: String) async throws {
        guard let name = SolanaAddress(reference), let amountMinor = noted.amount(of: reference) else {
            throw NoAddress(text: reference)
        }
        try await send(amountMinor, references: [name])
    }
    func fund(_ amountMinor: Int64) async throws { try await send(amountMinor) }

    /// A transfer to the treasury, final.
    private func send(_ amountMinor: Int64, references: [SolanaAddress] = []) async throws {
        let client = bench.client(chain)
        let from = SolanaAddress(faucet.publicKey)
        let split = try SolanaSplit(
            token: bench.token, payer: from, source: bench.token.account(of: from),
            shares: [.init(account: bench.token.account(of: bench.payerAddress), amountMinor: amountMinor)],
            references: references, fee: bench.fee(1))
        let message = try split.message(blockhash: try await client.latestBlockhash().hash)
        guard
            case .accepted = await client.send(
                try SolanaTransaction(signing: message, with: [faucet]).bytes, skipsPreflight: true)
        else { throw NoAddress(text: "the faucet is dry") }
        try await chain.tick(40)
    }
    func lose(_ loss: RailLoss) async { http.lose(loss) }
    func loseNothing() async { http.lose(nil) }

    /// Transactions that moved tokens of the treasury with our reference as their memo.
    func count(_ instruction: RailInstruction) async -> Int {
        // The chain knows nothing of a payment before it is paid: there is nothing to open twice.
        if case .collect = instruction { return 1 }
        let client = bench.client(chain)
        let treasury = bench.token.account(of: bench.payerAddress)
        guard let mentions = try? await client.mentions(of: treasury, commitment: .confirmed) else { return -1 }
        var count = 0
        for mention in mentions.list where mention.failure == nil {
            let record = try? await client.transaction(mention.signature, commitment: .confirmed)
            let calls = record?.transaction.message.calls ?? []
            if calls.contains(where: { $0.data == Array(instruction.reference.utf8) }) { count += 1 }
        }
        return count
    }
}

@Suite("The promises of every rail")
struct ConformanceTests {
    @Test("the rail keeps them", arguments: RailConformance.cases)
    func keeps(_ promise: RailConformance) async throws {
        let failures = try await promise.check(SolanaBench())
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test("a destination is checked when a payee names it")
    func destinations() async throws {
        let bench = try await SolanaBench()
        let payees = bench.bench
        try await bench.chain.freeze(payees.accounts[3].description)
        let cases: [(String, String, String?)] = [
            ("MJN", bench.destination, nil), ("MJN", bench.unknownDestination, nil),
            ("CAD", bench.destination, "currency_unsupported"), ("MJN", "x", "recipient_malformed"),
            ("MJN", payees.accounts[0].description, "recipient_off_curve"),
            ("MJN", payees.token.mint.description, "recipient_is_mint"),
            ("MJN", payees.owners[3].description, "recipient_frozen"),
        ]
        for (currency, address, code) in cases {
            let destination = PayoutPolicy.Destination(rail: .solana, currency: currency, address: address)
            #expect(await bench.rail.check(destination)?.code == code)
        }
        await bench.lose(.requests)
        let destination = PayoutPolicy.Destination(rail: .solana, currency: "MJN", address: bench.destination)
        #expect(await bench.rail.check(destination) == nil)
    }
}
