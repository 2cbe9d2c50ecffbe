public import Cryptography
public import Kernel
public import Settlement

/// Pays out tokens from the node's treasury on Solana, and finds what payers sent.
///
/// A payout is one transaction: its bytes are made and signed in `prepare`, stored by the node, and sent by `carryOut`.
/// They land once or never, however often they are sent. Bytes whose time is over without a landing lapse: a new
/// attempt signs new ones. Several payouts of one token go in one transaction, each with its place among the transfers.
public struct SolanaRail: Rail {
    let client: SolanaClient
    let sender: SolanaSender
    let treasury: Ed25519PrivateKey
    let settings: SolanaRailSettings
    let timing: SolanaTiming
    let idle = SolanaIdle()
    let completeness = SolanaCompleteness()
    /// The treasury's address: owner of its token accounts, and payer of fees.
    public let address: SolanaAddress

    /// The currency of fees.
    public static let feeCurrency = "SOL"

    /// A rail.
    /// - Parameter treasury: the key of the node's money on the chain; it signs only what this rail compiled.
    public init(
        client: SolanaClient, treasury: Ed25519PrivateKey, settings: SolanaRailSettings, timing: SolanaTiming
    ) {
        self.client = client
        self.treasury = treasury
        self.settings = settings
        self.timing = timing
        sender = SolanaSender(client: client, timing: timing)
        address = SolanaAddress(treasury.publicKey)
    }

    /// The node's wallets: the treasury, and what it was before.
    var wallets: [SolanaAddress] { [address] + settings.formerTreasuries }

    /// The tokens that it deals in, by currency code.
    public var tokens: [String: SolanaToken] { settings.tokens }

    /// Where tries to make payees' accounts are kept; nil: nowhere.
    var openings: (any RailOpeningStore)? { settings.openings?.store }

    /// `solana`.
    public var name: RailName { .solana }

    /// Pays out, takes payments in, and has payers pay payees themselves. What was confirmed may be on a fork that is
    /// dropped.
    public var capabilities: RailCapabilities { [.payOut, .collect, .payThrough, .list, .lapses] }

    /// Sends the prepared bytes and watches them, or goes on doing so.
    public func carryOut(_ instruction: RailInstruction, prepared: [UInt8], nowMs: Int64) async -> RailOutcome {
        switch instruction {
        case .collect(let collect): await open(collect, prepared: prepared)
        case .payOut(let payOut): await carryOut([(payOut, prepared)], nowMs: nowMs)[0]
        case .refund, .recall: .refused(Self.unsupported)
        }
    }

    /// Sends the transaction of payouts that were prepared together, once for all of them.
    public func carryOut(
        _ payOuts: [(instruction: PayOutInstruction, prepared: [UInt8])], nowMs: Int64
    ) async -> [RailOutcome] {
        let stored = payOuts.map { SolanaPrepared(bytes: $0.prepared) }
        var verdicts: [SolanaSignature: SolanaSending.Verdict] = [:]
        var outcomes: [RailOutcome] = []
        for (payOut, stored) in zip(payOuts, stored) {
            guard let stored else {
                outcomes.append(.unknown("what was stored is no transaction of this rail"))
                continue
            }
            if verdicts[stored.transaction.id] == nil {
                verdicts[stored.transaction.id] = await sender.run(stored.transaction, sending(stored, sends: true))
            }
            guard let verdict = verdicts[stored.transaction.id] else { continue }
            outcomes.append(await outcome(payOut.instruction, stored, verdict))
        }
        return outcomes
    }

    private func outcome(
        _ payOut: PayOutInstruction, _ stored: SolanaPrepared, _ verdict: SolanaSending.Verdict
    ) async -> RailOutcome {
        switch verdict {
        case .done(let status): return await answer(payOut, stored, status, standing: .done).outcome
        case .confirmed: return .pending(facts(payOut, stored, standing: .pending))
        case .failed(let failure, let status):
            do throws(SolanaRPCError) {
                switch try await fault(stored, failure) {
                case .own:
                    return await answer(payOut, stored, status, standing: .failed(stored.refusal(failure))).outcome
                case .anothers: return .lapsed("another payee's part failed: \(failure)")
                case .nodes: return await lapsed(stored, failure)
                }
            } catch {
                return .unknown("final, and not known whose fault: \(error)")
            }
        case .expired(let simulated):
            let reason = simulated.map { "; a node that tried it said \($0)" } ?? ""
            return .lapsed("the transaction did not land in time, and never will\(reason)")
        case .forgotten: return .unknown(Self.forgotten)
        case .unwanted(let failure):
            let then = await spend(stored.transaction)
            return .unknown("nodes do not pass the transaction on (\(failure)); \(then)")
        case .unspent, .open: return .unknown(Self.mayLand)
        }
    }

    /// Asks how the prepared bytes stand. `.absent` only where they can move nothing any more.
    public func fetch(
        _ instruction: RailInstruction, prepared: [UInt8], reference: String, nowMs: Int64
    ) async -> RailAnswer {
        if case .collect(let collect) = instruction {
            return await find(collect, prepared: prepared, reference: reference)
        }
        guard case .payOut(let payOut) = instruction, let stored = SolanaPrepared(bytes: prepared) else {
            return .unknown("what was stored is no transaction of this rail")
        }
        switch await sender.run(stored.transaction, sending(stored, sends: false)) {
        case .done(let status): return await answer(payOut, stored, status, standing: .done)
        case .confirmed: return .found(facts(payOut, stored, standing: .pending))
        case .failed(let failure, let status):
            do throws(SolanaRPCError) {
                // What is nobody's payment any more lapses when it is taken up again.
                guard try await fault(stored, failure) == .own else { return .absent }
                return await answer(payOut, stored, status, standing: .failed(stored.refusal(failure)))
            } catch {
                return .unknown("final, and not known whose fault: \(error)")
            }
        case .expired: return .absent
        case .forgotten: return .unknown(Self.forgotten)
        // What never gets too old is sent again.
        case .unspent, .unwanted: return .absent
        case .open: return .unknown(Self.mayLand)
        }
    }

    /// What the node's wallets hold of each token, finalized; available is what the treasury has.
    public func balances() async throws(RailListFailure) -> [RailBalance] {
        try await treasury(.finalized).holdings.map { (holding) throws(RailListFailure) in
            let (total, overflow) = holding.amountMinor.addingReportingOverflow(holding.formerMinor)
            guard !overflow, holding.isOwn else {
                throw RailListFailure(
                    reason: "the treasury's account of \(holding.currency) is not what it should be")
            }
            let available = holding.isFrozen ? 0 : holding.amountMinor
            return RailBalance(currency: holding.currency, totalMinor: total, availableMinor: available)
        }
    }

    /// Gives up a payment that nobody has paid.
    public func cancel(_ instruction: RailInstruction, reference: String) async -> RailAnswer {
        guard case .collect(let collect) = instruction else {
            return .unknown("only payments are given up at the Solana rail")
        }
        return await giveUp(collect, reference: reference)
    }

    private func sending(_ stored: SolanaPrepared, sends: Bool) -> SolanaSending {
        SolanaSending(
            lastValidBlockHeight: stored.lastValidBlockHeight, signedAtSlot: stored.signedAtSlot, sends: sends,
            target: .confirmed, rounds: sends ? rounds(stored) : 1)
    }

    /// There is no hurry with what never gets too old.
    private func rounds(_ stored: SolanaPrepared) -> Int {
        stored.transaction.nonce == nil ? settings.roundsPerCall : min(settings.roundsPerCall, Self.durableRounds)
    }

    private static let durableRounds = 5
    private static let mayLand = "the transaction has not landed, and may"
    private static let forgotten =
        "the nodes' histories begin after the transaction was signed, so that nobody knows whether it landed: ask a "
        + "node with more history"

    static let unsupported = RailRefusal(code: "rail_unsupported", reason: "the Solana rail does not do this")
}
