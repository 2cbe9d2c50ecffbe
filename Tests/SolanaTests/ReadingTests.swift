import Cryptography
import Kernel
import LedgerDouble
import Settlement
import Solana
import Synchronization
import Testing

@Suite("Reading on in the treasury's list, whatever stands in it")
struct ReadingTests {
    /// The treasury of a model chain, and whoever sends to it.
    private final class Place {
        let run: DetectionRun
        var node: ModelNode { run.node }
        private var count = 0

        init(former: [SolanaAddress] = []) { run = DetectionRun(seed: 1, former: former) }

        @discardableResult
        func send(
            _ amountMinor: Int64, from key: Ed25519PrivateKey = ModelWallets.payer, to wallet: SolanaAddress? = nil,
            fails: Bool = false
        ) throws -> SolanaSignature {
            count += 1
            let (payer, token) = (SolanaAddress(key.publicKey), DetectionRun.token)
            let treasury = wallet ?? SolanaAddress(ModelWallets.treasury.publicKey)
            let hash = try #require(SolanaBlockhash(bytes: SHA256.hash(Array("reading \(count)".utf8))))
            let message = try SolanaMessage(
                feePayer: payer,
                instructions: [
                    .transferChecked(
                        source: token.account(of: payer), mint: token.mint, destination: token.account(of: treasury),
                        owner: payer, amount: UInt64(amountMinor), decimals: 6)
                ], blockhash: hash)
            return node.land(
                try SolanaTransaction(signing: message, with: [key]), token: token, from: payer,
                [(treasury, amountMinor)], fails: fails)
        }

        func become(_ oddity: ModelNode.Oddity?, _ signature: SolanaSignature) {
            node.state.withLock { $0.oddities[signature] = oddity }
        }

        func pass(after slots: Int64 = 40) async throws -> SolanaWatcher.Outcome {
            node.state.withLock { $0.slot += slots }
            return try await run.watchers[0].pass()
        }

        func expectStop(_ code: String) async throws {
            #expect(try await pass().stopped?.hasPrefix(code) == true)
        }

        var booked: Int64 {
            run.ledger.book.accounts.values.first { $0.key == .clearing(.solana, "MJN") }
                .map { $0.counters.balance(.asset) } ?? 0
        }
    }

    @Test("a token that somebody mints beside it, in any amount, hides nothing")
    func junk() async throws {
        let place = Place()
        place.become(.junkToken, try place.send(5))
        try place.send(7)
        let outcome = try await place.pass()
        #expect(outcome.stopped == nil && outcome.unread.isEmpty && outcome.applied == 2)
        #expect(place.booked == 12)
    }

    @Test(
        "what cannot be read keeps nothing else waiting, is told after minutes, and is booked once it can be",
        arguments: [ModelNode.Oddity.missing, .garbled])
    func unread(_ oddity: ModelNode.Oddity) async throws {
        let place = Place()
        let odd = try place.send(5)
        place.become(oddity, odd)
        try place.send(7)
        let first = try await place.pass()
        #expect(first.stopped == nil && first.applied == 1 && first.unread.isEmpty, "seconds ago it was not there")
        #expect(place.booked == 7)
        let late = try await place.pass(after: 600)
        #expect(late.unread.count == 1 && late.unread[0].hasPrefix("\(odd): "), "\(late.unread)")
        try place.send(9)
        #expect(try await place.pass().applied == 1)
        place.become(nil, odd)
        let healed = try await place.pass()
        #expect(healed.unread.isEmpty && healed.applied == 1)
        #expect(place.booked == 21)
        #expect(try await place.pass().applied == 0, "once")
    }

    @Test("where very much cannot be read it stops, loses nothing, and goes on")
    func manyUnread() async throws {
        let place = Place()
        let signatures = try (0..<130).map { try place.send(Int64($0 + 1)) }
        for signature in signatures { place.become(.garbled, signature) }
        #expect(try await place.pass().stopped?.contains("100 transactions cannot be read") == true)
        for signature in signatures { place.become(nil, signature) }
        for _ in 0..<3 { _ = try await place.pass() }
        #expect(try await place.pass().stopped == nil)
        #expect(place.booked == (1...130).reduce(0, +))
    }

    @Test("failed transactions cost no details, and a pass that breaks off keeps what it has read")
    func spam() async throws {
        let place = Place()
        for number in 0..<400 { try place.send(1, fails: number % 40 != 0) }
        place.node.state.withLock { $0.badness = 300 }
        var passes = 0
        while place.booked < 10, passes < 200 {
            _ = try await place.pass()
            passes += 1
        }
        #expect(place.booked == 10)
    }

    @Test("of a list that grows without end only the oldest are kept")
    func oldest() async throws {
        let place = Place()
        let signatures = try (0..<25).map { _ in try place.send(1) }
        place.node.state.withLock { $0.slot += 40 }
        let timing = SolanaTiming(
            nowMs: { 0 }, sleep: { _ async throws(CancellationError) in }, jitter: { 0 })
        let endpoint = SolanaEndpoint(url: "http://127.0.0.1:1", requestsPerSecond: 1_000_000, burst: 1_000_000)
        let client = SolanaClient(SolanaRPC(endpoint, http: place.node, timing: timing))
        let account = DetectionRun.token.account(of: SolanaAddress(ModelWallets.treasury.publicKey))
        for (oldest, size) in [(3, 2), (3, 25), (10, 4), (25, 6), (30, 6), (1, 1)] {
            let mentions = try await client.mentions(of: account, pageSize: Int64(size), oldest: oldest)
            #expect(
                mentions.list.map(\.signature) == Array(signatures.prefix(oldest).reversed()), "\(oldest) of \(size)")
            #expect(mentions.isWhole == (oldest >= 25) && !mentions.isCutOff)
        }
    }

    @Test(
        "pages that are shorter than asked for hide nothing, and a node that always gives the same one is not believed")
    func pages() async throws {
        let place = Place()
        for number in 0..<25 { try place.send(Int64(number + 1)) }
        place.node.state.withLock { $0.pageMax = 4 }
        let outcome = try await place.pass()
        #expect(outcome.applied == 25 && outcome.stopped == nil)
        #expect(place.booked == (1...25).reduce(0, +))
        try place.send(100)
        place.node.state.withLock { $0.ignoresBefore = true }
        try await place.expectStop("solana_answer_malformed")
        place.node.state.withLock { $0.ignoresBefore = false }
        #expect(try await place.pass().applied == 1)
    }

    @Test("where a node's history begins after what was read last, nothing is read on past the gap")
    func gap() async throws {
        let place = Place()
        try place.send(1)
        _ = try await place.pass()
        try place.send(2)
        place.node.state.withLock { $0.slot += 1_000 }
        try place.send(4)
        place.node.state.withLock { $0.firstSlot = $0.slot - 500 }
        try await place.expectStop("solana_history_missing")
        #expect(place.booked == 1)
        place.node.state.withLock { $0.firstSlot = 0 }
        #expect(try await place.pass().stopped == nil)
        #expect(place.booked == 7)
    }

    @Test("a treasury to which nothing happens for longer than nodes keep their history is read on")
    func quiet() async throws {
        let place = Place()
        try place.send(1)
        _ = try await place.pass()
        for _ in 0..<5 {
            place.node.state.withLock { state in
                state.slot += 3_000
                state.firstSlot = state.slot - 4_000
            }
            #expect(try await place.pass().stopped == nil)
        }
        try place.send(2)
        #expect(try await place.pass().applied == 1)
        #expect(place.booked == 3)
    }

    @Test("a node that says it has come to no slot at all is not believed, and nothing is kept of it")
    func absurdSlot() async throws {
        let place = Place()
        try place.send(1)
        for slot in [Int64.max, -1] {
            place.node.state.withLock { $0.claimedSlot = slot }
            try await place.expectStop("solana_answer_malformed")
        }
        place.node.state.withLock { $0.claimedSlot = nil }
        #expect(try await place.pass().applied == 1)
    }

    @Test("what payers send to a former treasury is booked, under its reference too")
    func toFormer() async throws {
        let key = ModelWallets.payees[5]
        let place = Place(former: [SolanaAddress(key.publicKey)])
        try place.send(30, to: SolanaAddress(key.publicKey))
        let outcome = try await place.pass()
        #expect(outcome.applied == 1 && outcome.stopped == nil)
        #expect(place.booked == 30, "in suspense")
        try place.send(30, from: key)
        #expect(try await place.pass().applied == 0, "the node's own money goes home")
        #expect(place.booked == 30)
    }

    @Test("what a former treasury sends is the node's own money, and what comes with it is not")
    func former() async throws {
        let key = ModelWallets.payees[5]
        let place = Place(former: [SolanaAddress(key.publicKey)])
        try place.send(1_000, from: key)
        let own = try await place.pass()
        #expect(own.applied == 0 && own.ignored == 2, "it stands in both lists")
        #expect(place.booked == 0)
        try place.send(5)
        #expect(try await place.pass().applied == 1)
        #expect(place.booked == 5)
    }
}
