import Solana
import Testing

@Suite("The way of a transaction, step by step")
struct SendingTests {
    private func sending(sends: Bool = true, rounds: Int = 5) -> SolanaSending {
        SolanaSending(lastValidBlockHeight: 1_000, sends: sends, target: .confirmed, rounds: rounds)
    }
    private func after(_ events: [SolanaSending.Event], sends: Bool = true, rounds: Int = 5) -> SolanaSending {
        var sending = sending(sends: sends, rounds: rounds)
        for event in events { sending.apply(event) }
        return sending
    }
    private let unknown = SolanaSending.Event.status(nil, slot: 2_000)
    private let early = SolanaSending.Event.finalized(slot: 1_900, blockHeight: 1_000)
    private let late = SolanaSending.Event.finalized(slot: 1_900, blockHeight: 1_001)
    private let frozen = SolanaTransactionFailure.custom(index: 1, code: 17)

    private func landed(_ commitment: SolanaCommitment, _ failure: SolanaTransactionFailure? = nil) -> SolanaStatus {
        SolanaStatus(slot: 1_950, failure: failure, commitment: commitment)
    }

    @Test("it looks before it sends, sends with preflight first, and without once a node took it")
    func order() {
        #expect(sending().next == .look)
        #expect(after([unknown]).next == .measure)
        #expect(after([unknown, early]).next == .send(skipsPreflight: false))
        let accepted = after([unknown, early, .sent(.accepted)])
        #expect(accepted.next == .rest)
        #expect(after([unknown, early, .sent(.accepted), .rested, unknown, early]).next == .send(skipsPreflight: true))
        #expect(after([unknown, early], sends: false).next == .rest, "who only watches sends nothing")
    }

    @Test("a landing that is confirmed ends the watch, a processed one does not, a failure only when it is final")
    func landings() {
        #expect(after([.status(landed(.processed), slot: 2_000)]).next == .rest)
        #expect(after([.status(landed(.confirmed), slot: 2_000)]).next == .end(.confirmed(landed(.confirmed))))
        #expect(after([.status(landed(.finalized), slot: 2_000)]).next == .end(.done(landed(.finalized))))
        #expect(after([.status(landed(.confirmed, frozen), slot: 2_000)]).next == .rest)
        let failed = landed(.finalized, frozen)
        #expect(after([.status(failed, slot: 2_000)]).next == .end(.failed(frozen, failed)))
    }

    @Test("what uses up a nonce is sent until the nonce has another value, and is over when nothing is found then")
    func durable() {
        let free = SolanaSending.Event.nonce(isSpent: false, slot: 1_900)
        let spent = SolanaSending.Event.nonce(isSpent: true, slot: 1_900)
        #expect(after([unknown, free]).next == .send(skipsPreflight: false))
        #expect(after([unknown, free], sends: false).next == .rest)
        #expect(after([unknown, spent]).next == .search)
        #expect(after([unknown, spent, .status(nil, slot: 1_899)]).next == .rest, "a node that lags proves nothing")
        #expect(after([unknown, spent, .status(nil, slot: 1_900)]).next == .end(.expired(nil)))
        let refused = SolanaSending.Event.sent(.simulationFailed(frozen))
        #expect(after([unknown, free, refused], rounds: 1).next == .end(.unwanted(frozen)))
        #expect(after([unknown, early, refused], rounds: 1).next == .end(.open), "a blockhash gets too old by itself")
        let old = SolanaSending.Event.sent(.simulationFailed(.whole("BlockhashNotFound")))
        #expect(after([unknown, free, old], rounds: 1).next == .end(.unspent))
        #expect(after([unknown, free], sends: false, rounds: 1).next == .end(.unspent))
        #expect(after([unknown, .unanswered], sends: false, rounds: 1).next == .end(.open), "nobody said it")
        let processed = SolanaSending.Event.status(landed(.processed), slot: 1_901)
        #expect(after([unknown, free, .rested, processed], sends: false, rounds: 2).next == .end(.open))
    }

    @Test("it is expired only past its height and with an empty search by nodes that have come as far")
    func expiry() {
        #expect(after([unknown, late]).next == .search)
        #expect(after([unknown, late, .status(nil, slot: 1_900)]).next == .end(.expired(nil)))
        #expect(after([unknown, late, .status(nil, slot: 1_899)]).next == .rest, "a node that lags proves nothing")
        #expect(after([unknown, late, .unanswered]).next == .rest)
        #expect(
            after([unknown, late, .status(landed(.finalized), slot: 2_000)]).next == .end(.done(landed(.finalized))))
    }

    @Test("what a node will not pass on is not sent again, and not given up before its time is over")
    func simulation() {
        let refused: [SolanaSending.Event] = [unknown, early, .sent(.simulationFailed(frozen)), .rested, unknown]
        #expect(after(refused + [early]).next == .rest)
        #expect(after(refused + [late, .status(nil, slot: 1_900)]).next == .end(.expired(frozen)))
        let stale: [SolanaSending.Event] = [
            unknown, early, .sent(.simulationFailed(.whole("BlockhashNotFound"))), .rested,
        ]
        #expect(after(stale + [unknown, early]).next == .send(skipsPreflight: false), "a node that lags: try again")
        let known: [SolanaSending.Event] = [
            unknown, early, .sent(.simulationFailed(.whole("AlreadyProcessed"))), .rested,
        ]
        #expect(after(known + [unknown, early]).next == .send(skipsPreflight: true))
    }

    @Test("errors say nothing, and rounds are counted")
    func rounds() {
        let error = SolanaRPCError(.rateLimited, "429")
        for event in [SolanaSending.Event.sent(.unknown(error)), .sent(.rejected(error)), .unanswered] {
            #expect(after([unknown, early, event]).next == .rest)
        }
        #expect(after([.unanswered], rounds: 1).next == .end(.open))
        #expect(after([.unanswered, .rested, .unanswered], rounds: 2).next == .end(.open))
        #expect(after([late]).next == .look, "what was not asked for changes nothing")
    }
}
