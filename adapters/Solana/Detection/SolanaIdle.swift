import Synchronization

/// Transactions that name a payment and did nothing for it, remembered so that nobody makes the node read them again
/// and again. Safe from any thread.
final class SolanaIdle: Sendable {
    /// About 10 MB; past it everything is forgotten, and read once more.
    static let countMax = 50_000

    private struct Key: Hashable {
        let signature: SolanaSignature
        let reference: SolanaAddress
    }

    private let known = Mutex<Set<Key>>([])

    func contains(_ signature: SolanaSignature, for reference: SolanaAddress) -> Bool {
        known.withLock { $0.contains(Key(signature: signature, reference: reference)) }
    }

    func insert(_ signature: SolanaSignature, for reference: SolanaAddress) {
        known.withLock { known in
            if known.count >= Self.countMax { known.removeAll() }
            known.insert(Key(signature: signature, reference: reference))
        }
    }
}
