import Cryptography
import Kernel
import Settlement
import Synchronization

/// The keys in the DIDs themselves, until a test retires one.
final class RetirableKeys: KeyDirectory {
    private let retired = Mutex<Set<DID>>([])

    func retire(_ did: DID) { retired.withLock { _ = $0.insert(did) } }

    func keys(for did: DID) -> KeyLookup {
        retired.withLock { $0.contains(did) } ? .retired : DIDKeyResolver().keys(for: did)
    }
}
