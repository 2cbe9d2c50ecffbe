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

/// The rail over the local chain.
private struct SolanaBench: RailBench {
    let bench = SplitBench()
    let chain: SolanaChain
    let time: ChainTime
    let http: LossyHTTP
    let rail: any Rail

    /// Slots that a long time is cut to: more change nothing.
    private static let slotsMax: Int64 = 2_000

    init() async throws {
        chain = try SolanaChain()
        try await bench.found(chain)
        time = ChainTime(chain)
        http = LossyHTTP(chain.http)
        rail = SolanaRail(
            client: SolanaClient(SolanaRPC(SplitBench.endpoint(chain), http: http, timing: time.timing)),
            treasury: bench.payer, settings: SolanaRailSettings(tokens: ["MJN": bench.token], roundsPerCall: 5),
            timing: time.timing)
    }

    var currency: String { "MJN" }
    var destination: String { bench.owners[0].description }
    var unknownDestination: String { SolanaAddress(SplitBench.key("nobody").publicKey).description }

    func nowMs() -> Int64 { time.timing.nowMs() }
    func pass(_ milliseconds: Int64) async throws { try await chain.tick(Int(min(milliseconds / 400, Self.slotsMax))) }
    func pay(reference: String) async throws { throw NoAddress(text: "nobody pays in here") }
    func fund(_ amountMinor: Int64) async throws {
        try await chain.fund(
            bench.payerAddress.description, mint: bench.token.mint.description, amountMinor: amountMinor)
    }
    func lose(_ loss: RailLoss) async { http.lose(loss) }
    func loseNothing() async { http.lose(nil) }

    /// Transactions that moved tokens of the treasury with our reference as their memo.
    func count(_ instruction: RailInstruction) async -> Int {
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
        if promise.description.hasPrefix("a lost request") {
            // Bytes that were signed for a while are of no use after it: they are refused, and nothing moves.
            #expect(failures.count == 2 && failures[0].contains(SolanaRail.expiredCode), "\(failures)")
            #expect(failures.last?.contains("is there 0 times") == true)
        } else {
            #expect(failures.isEmpty, "\(failures)")
        }
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
