import Cryptography
import Service
import Synchronization

/// Session keys kept in memory, for several stores.
final class KeptKeys: Sendable {
    private let keys = Mutex<[String: SessionKey]>([:])

    var persistence: SessionKeyPersistence {
        SessionKeyPersistence(
            save: { key, _ in self.keys.withLock { $0[key.keyID] = key } },
            load: { keyID in self.keys.withLock { $0[keyID] } },
            revoke: { did, kept in
                self.keys.withLock { keys in
                    keys = keys.filter { $0.value.did != did || kept.contains($0.value.signer.key) }
                }
            })
    }
}
