/// The way of one signed transaction: sent, sent again, watched, and judged. Pure: it is told what was learned and says
/// what to do next.
///
/// The same bytes are sent until they land or can land no more. They can land no more only when the height of the
/// finalized chain has passed their last valid one and a search through the history is still empty, at a node that has
/// come as far and has kept everything since they were signed. A lost answer says nothing; an error of a node says
/// nothing; the clock says nothing. What uses up a durable nonce can land no more when the nonce finally has another
/// value. Whoever was stopped anywhere begins again at the beginning: it looks before it sends.
public struct SolanaSending: Hashable, Sendable {
    /// What to do next.
    public enum Step: Hashable, Sendable {
        /// Ask how the transaction stands, history included.
        case look
        /// Ask for slot and height of the finalized chain; where it uses up a nonce, for the nonce.
        case measure
        /// Ask for the transaction at two nodes, in their history.
        case search
        /// Send the bytes.
        case send(skipsPreflight: Bool)
        /// Wait a little.
        case rest
        /// Nothing: it is decided, as far as it goes.
        case end(Verdict)
    }

    /// What was learned.
    public enum Event: Hashable, Sendable {
        /// How it stands, and at which slot the node was.
        case status(SolanaStatus?, slot: Int64)
        /// Where the finalized chain is.
        case finalized(slot: Int64, blockHeight: Int64)
        /// Whether the nonce that it uses up has another value by now, finally, and at which slot the node was.
        case nonce(isSpent: Bool, slot: Int64)
        /// What sending came to.
        case sent(SolanaClient.Sent)
        /// It was waited.
        case rested
        /// The nodes know nothing of it, and their histories begin after it was signed.
        case forgotten
        /// A question had no answer.
        case unanswered
    }

    /// What is known in the end.
    public enum Verdict: Hashable, Sendable {
        /// It was carried out, and stays.
        case done(SolanaStatus)
        /// It was carried out; two thirds of the stake say that it stays.
        case confirmed(SolanaStatus)
        /// It landed and did nothing but cost its fee; that stays.
        case failed(SolanaTransactionFailure, SolanaStatus)
        /// It did not land and never will. What a node said that tried it, if one did.
        case expired(SolanaTransactionFailure?)
        /// It may have landed: no node that was asked has the history to say.
        case forgotten
        /// It has not landed, and may at any time: its nonce is not used up.
        case unspent
        /// The same, and a node that tried it says that it would fail.
        case unwanted(SolanaTransactionFailure)
        /// Nothing is certain.
        case open
    }

    private enum Stage: Hashable, Sendable {
        case look, measure, send, rest, over(Verdict)
        /// At a node that has come to this slot at least.
        case search(slot: Int64)
    }

    /// The last height at which it may land.
    public let lastValidBlockHeight: Int64
    /// In no slot before it it can have landed.
    public let signedAtSlot: Int64
    /// Whether it may be sent, or only watched.
    public let sends: Bool
    /// What ends the watch.
    public let target: SolanaCommitment
    /// Rounds left before it is given up as open.
    public private(set) var roundsLeft: Int
    /// Why a node would not pass it on, if one would not.
    public private(set) var simulated: SolanaTransactionFailure?
    private var isAccepted = false
    /// Whether the last that is known is that nothing has landed and the nonce is not used up.
    private var isUnspent = false
    private var stage = Stage.look

    /// Begins.
    ///
    /// - Parameters:
    ///   - signedAtSlot: 0: it may be in any.
    ///   - sends: false: watches only.
    ///   - target: `confirmed` or `finalized`; a landing that is less sure is waited for, a failure always to the end.
    ///   - rounds: how often it looks at most, at least once.
    public init(
        lastValidBlockHeight: Int64, signedAtSlot: Int64 = 0, sends: Bool, target: SolanaCommitment, rounds: Int
    ) {
        self.signedAtSlot = signedAtSlot
        self.lastValidBlockHeight = lastValidBlockHeight
        self.sends = sends
        self.target = max(target, .confirmed)
        roundsLeft = max(rounds, 1) - 1
    }

    /// What to do next.
    public var next: Step {
        switch stage {
        case .look: .look
        case .measure: .measure
        case .search: .search
        case .send: .send(skipsPreflight: isAccepted)
        case .rest: .rest
        case .over(let verdict): .end(verdict)
        }
    }

    /// Takes in what was learned. What does not belong to the step that was asked for changes nothing.
    public mutating func apply(_ event: Event) {
        switch (stage, event) {
        case (.look, .status(let status?, _)), (.search, .status(let status?, _)): stage = judged(status)
        case (.look, .status(nil, _)):
            isUnspent = false
            stage = .measure
        case (.measure, .finalized(let slot, let blockHeight)):
            if blockHeight > lastValidBlockHeight {
                stage = .search(slot: slot)
            } else {
                stage = sends && mayLand ? .send : .rest
            }
        case (.measure, .nonce(let isSpent, let slot)):
            isUnspent = !isSpent
            stage = isSpent ? .search(slot: slot) : sends && mayLand ? .send : .rest
        case (.search(let needed), .status(nil, let slot)):
            stage = slot >= needed ? .over(.expired(simulated)) : .rest
        case (.search, .forgotten): stage = .over(.forgotten)
        case (.send, .sent(let sent)):
            take(sent)
            stage = .rest
        case (.rest, .rested):
            stage = roundsLeft > 0 ? .look : .over(undecided)
            roundsLeft -= 1
        case (.look, .unanswered), (.measure, .unanswered), (.search, .unanswered), (.send, .unanswered): stage = .rest
        default: return
        }
        // Nothing is waited for that no round would come to see.
        if stage == .rest, roundsLeft <= 0 { stage = .over(undecided) }
    }

    private var undecided: Verdict {
        guard isUnspent else { return .open }
        return simulated.flatMap { $0.isAboutAge ? nil : .unwanted($0) } ?? .unspent
    }

    /// Whether a node that tries it might still pass it on: what it does was not refused.
    private var mayLand: Bool { simulated.map(\.isAboutAge) ?? true }

    private mutating func judged(_ status: SolanaStatus) -> Stage {
        isUnspent = false
        if let failure = status.failure {
            return status.commitment == .finalized ? .over(.failed(failure, status)) : .rest
        }
        if status.commitment == .finalized { return .over(.done(status)) }
        return status.commitment >= target ? .over(.confirmed(status)) : .rest
    }

    private mutating func take(_ sent: SolanaClient.Sent) {
        switch sent {
        case .accepted, .simulationFailed(.whole("AlreadyProcessed")):
            isAccepted = true
            simulated = nil
        case .simulationFailed(let failure): simulated = failure
        case .rejected, .unknown: break
        }
    }
}
