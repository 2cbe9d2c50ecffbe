import Stripe
import Synchronization

/// The store of sellers' accounts in memory.
final class MemoryAccountStore: StripeAccountStore {
    private let entries = Mutex<[String: StripeAccountEntry]>([:])

    func entry(of seller: String) async throws(StripeAccountStoreError) -> StripeAccountEntry? {
        entries.withLock { $0[seller] }
    }

    func put(_ entry: StripeAccountEntry) async throws(StripeAccountStoreError) -> Bool {
        entries.withLock { entries in
            guard (entries[entry.seller]?.version ?? 0) + 1 == entry.version else { return false }
            entries[entry.seller] = entry
            return true
        }
    }
}
