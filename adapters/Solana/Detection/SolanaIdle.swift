import Synchronization

/// Transactions that name a payment and did nothing more for it, remembered so that nobody makes the node read them
/// again and again: up to a mark all of them, and behind it single ones. Safe from any thread.
final class SolanaIdle: Sendable {
    /// About 10 MB each; past it everything is forgotten, and read once more.
    static let countMax = 50_000

    private struct Key: Hashable {
        let signature: SolanaSignature
        let reference: SolanaAddress
    }

    private struct State {
        var known: Set<Key> = []
        var marks: [SolanaAddress: SolanaSignature] = [:]
    }

    private let state = Mutex(State())

    /// Up to here, and with it, nothing that names the payment did anything more for it; nil: that is not known.
    func mark(of reference: SolanaAddress) -> SolanaSignature? { state.withLock { $0.marks[reference] } }

    func contains(_ signature: SolanaSignature, for reference: SolanaAddress) -> Bool {
        state.withLock { $0.known.contains(Key(signature: signature, reference: reference)) }
    }

    func insert(_ signature: SolanaSignature, for reference: SolanaAddress) {
        state.withLock { state in
            if state.known.count >= Self.countMax { state.known.removeAll() }
            state.known.insert(Key(signature: signature, reference: reference))
        }
    }

    /// Moves the mark over what failed or is known, from the oldest on.
    /// - Parameter mentions: all since the mark, the latest first.
    func settle(_ mentions: SolanaClient.Mentions, of reference: SolanaAddress) {
        guard mentions.isWhole, !mentions.isCutOff else { return }
        state.withLock { state in
            for mention in mentions.list.reversed() {
                let key = Key(signature: mention.signature, reference: reference)
                guard mention.failure != nil || state.known.contains(key) else { return }
                state.known.remove(key)
                if state.marks.count >= Self.countMax { state.marks.removeAll() }
                state.marks[reference] = mention.signature
            }
        }
    }
}
