import LedgerDouble
import Solana

/// A chain reduced to what decides whether money moves: slots, heights, blocks that may be forked away, nodes that lag,
/// lose their history, or do not answer. Transactions are numbers.
struct ModelChain {
    /// A transaction as it stands in a block.
    struct Landed {
        let slot: Int64
        let failure: SolanaTransactionFailure?
        /// When its block is forked away; nil: it stays.
        let gone: Int64?
    }

    /// A transaction on its way.
    struct Queued {
        let id: Int
        let lastValidBlockHeight: Int64
        let slot: Int64
    }

    var random: TestRandom
    var slot: Int64 = 1_000
    var heights: [Int64] = (0...1_000).map { $0 * 9 / 10 }
    var landed: [Int: Landed] = [:]
    var queue: [Queued] = []
    /// Successful landings that stayed, of every transaction ever.
    var paid: [Int] = []
    /// Every transaction lands as a failure: the recipient is frozen.
    let isFrozen: Bool

    static let window: Int64 = 150
    static let frozen = SolanaTransactionFailure.custom(index: 3, code: 17)

    init(seed: UInt64) {
        random = TestRandom(seed: seed)
        isFrozen = random.chance(perMille: 80)
    }

    func height(at slot: Int64) -> Int64 { heights[Int(max(0, slot))] }

    mutating func tick(_ slots: Int64) {
        for _ in 0..<slots {
            slot += 1
            heights.append((heights.last ?? 0) + (slot.isMultiple(of: 10) ? 0 : 1))
            for (id, entry) in landed where entry.gone == slot {
                landed[id] = nil
                paid.removeAll { $0 == id }
            }
            let due = queue.filter { $0.slot <= slot }
            queue.removeAll { $0.slot <= slot }
            for transaction in due { land(transaction) }
        }
    }

    private mutating func land(_ transaction: Queued) {
        guard height(at: slot) <= transaction.lastValidBlockHeight, landed[transaction.id] == nil else { return }
        let isForked = random.chance(perMille: 150)
        landed[transaction.id] = Landed(
            slot: slot, failure: isFrozen ? Self.frozen : nil, gone: isForked ? slot + 1 + Int64(random.below(4)) : nil)
        if !isFrozen { paid.append(transaction.id) }
        // What was in a block of another fork is still with the nodes, and lands again while it may.
        if isForked, random.chance(perMille: 600) {
            queue.append(
                Queued(
                    id: transaction.id, lastValidBlockHeight: transaction.lastValidBlockHeight,
                    slot: slot + 5 + Int64(random.below(140))))
        }
    }

    /// How far a node is behind, now.
    private mutating func lag() -> Int64 {
        random.chance(perMille: 150) ? Int64(random.below(60)) : Int64(random.below(3))
    }

    mutating func status(_ id: Int) -> (SolanaStatus?, slot: Int64) {
        let at = slot - lag()
        // One node of a few has no history: it does not know what is older than a minute.
        let forgets = random.chance(perMille: 250)
        guard let entry = landed[id], entry.slot <= at, !(forgets && at - entry.slot > 150) else { return (nil, at) }
        let depth = at - entry.slot
        let commitment: SolanaCommitment = depth >= 32 ? .finalized : depth >= 5 ? .confirmed : .processed
        return (SolanaStatus(slot: entry.slot, failure: entry.failure, commitment: commitment), at)
    }

    /// Two nodes, of which one has its history; or, now and then, none: nil.
    mutating func search(_ id: Int) -> (SolanaStatus?, slot: Int64)? {
        if random.chance(perMille: 150) { return nil }
        let first = status(id)
        if first.0 != nil { return first }
        let at = slot - lag()
        guard let entry = landed[id], entry.slot <= at else { return (nil, min(first.slot, at)) }
        let depth = at - entry.slot
        let commitment: SolanaCommitment = depth >= 32 ? .finalized : depth >= 5 ? .confirmed : .processed
        return (SolanaStatus(slot: entry.slot, failure: entry.failure, commitment: commitment), at)
    }

    mutating func send(_ id: Int, lastValidBlockHeight: Int64, skipsPreflight: Bool) -> SolanaClient.Sent? {
        if random.chance(perMille: 100) { return .unknown(SolanaRPCError(.rateLimited, "429")) }
        if !skipsPreflight {
            if random.chance(perMille: 80) { return .simulationFailed(.whole("BlockhashNotFound")) }
            if landed[id] != nil { return .simulationFailed(.whole("AlreadyProcessed")) }
            // A node sees that the recipient is frozen, or it was frozen only afterwards.
            if isFrozen, random.chance(perMille: 700) { return .simulationFailed(Self.frozen) }
        }
        // Dropped without a word; at once; at the very end of its time; or some time.
        if !random.chance(perMille: 300) {
            let delay: Int64 =
                random.chance(perMille: 200) ? 149 : 1 + Int64(random.below(random.chance(perMille: 500) ? 3 : 160))
            queue.append(Queued(id: id, lastValidBlockHeight: lastValidBlockHeight, slot: slot + delay))
        }
        // The reply is lost as often as not: it was taken all the same.
        return random.chance(perMille: 200) ? nil : .accepted
    }
}
