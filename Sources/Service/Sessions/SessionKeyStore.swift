public import Cryptography
import Synchronization

/// A key that a DID was given to sign requests cheaply.
public struct SessionKey: Sendable {
    /// The public name, `sk_` and 32 hexadecimal digits.
    public let keyID: String
    /// Whose requests it signs, and which key asked for it.
    public let signer: SessionSigner
    /// Whose requests it signs.
    public var did: DID { signer.did }
    /// The HMAC key, 32 bytes. It is never logged.
    public let secret: [UInt8]
    /// When it ends, Unix milliseconds.
    public let expiresAt: Int64

    /// A key as it was stored.
    public init(keyID: String, signer: SessionSigner, secret: [UInt8], expiresAt: Int64) {
        self.keyID = keyID
        self.signer = signer
        self.secret = secret
        self.expiresAt = expiresAt
    }
}

/// Where session keys are kept beyond this process. Each closure may throw a `Problem`.
public struct SessionKeyPersistence: Sendable {
    /// Stores a key. The caller's DID and nonce may be kept unique until the key ends, so that a request which was
    /// answered by one process is refused by another; then it throws `signature_replayed`.
    public var save: @Sendable (SessionKey, Caller) async throws -> Void
    /// The key of this name, unless it was revoked.
    public var load: @Sendable (String) async throws -> SessionKey?
    /// Revokes every key of a DID but those that certain keys of it asked for.
    public var revoke: @Sendable (_ did: DID, _ kept: [Ed25519PublicKey]) async throws -> Void

    /// Groups the closures.
    public init(
        save: @escaping @Sendable (SessionKey, Caller) async throws -> Void,
        load: @escaping @Sendable (String) async throws -> SessionKey?,
        revoke: @escaping @Sendable (_ did: DID, _ kept: [Ed25519PublicKey]) async throws -> Void
    ) {
        self.save = save
        self.load = load
        self.revoke = revoke
    }
}

/// The session keys that this process knows. Safe from any thread.
public final class SessionKeyStore: Sendable {
    /// Keys in memory; past it the ones next to end are dropped, which persistence brings back, or without it,
    /// 503 `overloaded` refuses new ones.
    public static let keysMax = 100_000
    /// Look-ups of unknown keys per second in the persistence; past it 503 `overloaded`. Anyone can name a key that
    /// is not there.
    static let lookUpsPerSecond = 200.0

    struct Entry: Sendable {
        let signer: SessionSigner
        let key: HMACSHA256.Key
        let expiresAt: Int64
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let keysMax: Int
    private let lifetimeMilliseconds: Int64
    private let persistence: SessionKeyPersistence?
    private let lookUps: RateLimiter

    /// An empty store.
    public init(
        keysMax: Int = SessionKeyStore.keysMax, lifetimeSeconds: Int64 = 3600,
        persistence: SessionKeyPersistence? = nil
    ) {
        self.keysMax = keysMax
        self.lifetimeMilliseconds = lifetimeSeconds * 1000
        self.persistence = persistence
        lookUps = RateLimiter(perSecond: Self.lookUpsPerSecond, burst: Self.lookUpsPerSecond, keysMax: 1)
    }

    /// Gives the caller a new key.
    ///
    /// - Throws: `caller_not_allowed` for a caller who signed with a session key; `overloaded` when the store
    ///   is full; what `save` throws.
    public func issue(for caller: Caller, nowMilliseconds: Int64) async throws -> SessionKey {
        guard case .ed25519(let signer) = caller.via else {
            throw Problem(.callerNotAllowed, "a session key is given for the caller's own key only")
        }
        let key = SessionKey(
            keyID: "sk_" + Hex.encode(RandomBytes.generate(16)), signer: SessionSigner(did: caller.did, key: signer),
            secret: RandomBytes.generate(32),
            expiresAt: nowMilliseconds + lifetimeMilliseconds)
        try makeRoom(nowMilliseconds)
        try await persistence?.save(key, caller)
        remember(key)
        return key
    }

    /// Ends every key of a DID, here and where they are kept, but those that the `kept` keys asked for; for when a key
    /// of the DID is retired, or all of them.
    public func revoke(_ did: DID, keeping kept: [Ed25519PublicKey] = []) async throws {
        evict(did, keeping: kept)
        try await persistence?.revoke(did, kept)
        // A look-up that was under way while the keys were being revoked may have brought one back.
        evict(did, keeping: kept)
    }

    /// Forgets the keys of a DID in this process; for when another process revoked them.
    public func evict(_ did: DID, keeping kept: [Ed25519PublicKey] = []) {
        entries.withLock { entries in
            for (keyID, entry) in entries where entry.signer.did == did && !kept.contains(entry.signer.key) {
                entries[keyID] = nil
            }
        }
    }

    /// The key of this name, if it is in memory.
    func cached(_ keyID: String) -> Entry? { entries.withLock { $0[keyID] } }

    /// The key of this name, from where keys are kept.
    func find(_ keyID: String, nowMilliseconds: Int64) async throws -> Entry? {
        guard let persistence, keyID.utf8.count == 35, keyID.hasPrefix("sk_") else { return nil }
        do { try lookUps.take("", nowMilliseconds: nowMilliseconds) } catch { throw Problem(.overloaded) }
        guard let key = try await persistence.load(keyID), key.keyID == keyID else { return nil }
        do { try makeRoom(nowMilliseconds) } catch { return Self.entry(key) }
        return remember(key)
    }

    private static func entry(_ key: SessionKey) -> Entry {
        Entry(signer: key.signer, key: HMACSHA256.Key(key.secret), expiresAt: key.expiresAt)
    }

    @discardableResult
    private func remember(_ key: SessionKey) -> Entry {
        let entry = Self.entry(key)
        entries.withLock { $0[key.keyID] = entry }
        return entry
    }

    private func makeRoom(_ now: Int64) throws(Problem) {
        let isFull = entries.withLock { entries in
            guard entries.count >= keysMax else { return false }
            entries = entries.filter { $0.value.expiresAt > now }
            guard entries.count >= keysMax else { return false }
            guard persistence != nil else { return true }
            // A tenth at a time, so that the sort is rare.
            let ending = entries.sorted { $0.value.expiresAt < $1.value.expiresAt }.prefix(max(1, keysMax / 10))
            for (keyID, _) in ending { entries[keyID] = nil }
            return false
        }
        if isFull { throw Problem(.overloaded, "no more session keys can be given out now") }
    }
}
