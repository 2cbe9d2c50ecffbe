public import Cryptography
import Kernel
import Synchronization

/// Verified manifests by the SHA-256 of their exact JSON bytes, and by CID. Only what was found in order is kept.
///
/// Bounded by number and bytes: of two generations the older is dropped when the younger has taken half of either
/// bound, and what is used of the older moves to the younger. Safe from any thread.
///
/// A manifest stays good for as long as its signers' keys do: when one's key is retired, call ``removeAll(signedBy:)``.
/// What was being verified meanwhile is not kept: see ``version``.
public final class ManifestCache: Sendable {
    private struct Generation: Sendable {
        var byBytes: [Bytes32: KnownManifest] = [:]
        var byCID: [CID: KnownManifest] = [:]
        var sizeBytes = 0

        var count: Int { max(byBytes.count, byCID.count) }

        mutating func remove(signedBy signers: Set<DID>) {
            byBytes = byBytes.filter { signers.isDisjoint(with: $0.value.signers) }
            byCID = byCID.filter { signers.isDisjoint(with: $0.value.signers) }
        }
    }

    private struct State: Sendable {
        var young = Generation()
        var old = Generation()
        var version: UInt64 = 0
    }

    private let state = Mutex(State())
    private let halfCount: Int
    private let halfBytes: Int

    /// An empty cache.
    /// - Parameters:
    ///   - countMax: manifests kept, some 5 KB each; 10,000 are more than a node settles of within a minute.
    ///   - bytesMax: bytes kept, roughly; past either bound the ones not used lately are dropped.
    public init(countMax: Int = 10_000, bytesMax: Int = 256 << 20) {
        precondition(countMax >= 2 && bytesMax >= 2, "a cache that keeps nothing")
        halfCount = countMax / 2
        halfBytes = bytesMax / 2
    }

    /// The manifest of these exact bytes; nil when it is not kept.
    func manifest(bytesHash: Bytes32) -> KnownManifest? {
        state.withLock { state in
            if let known = state.young.byBytes[bytesHash] { return known }
            guard let known = state.old.byBytes[bytesHash] else { return nil }
            keep(known, bytesHash: bytesHash, &state)
            return known
        }
    }

    /// The manifest of this CID; nil when none is kept that the book holds.
    ///
    /// One that the book does not hold is passed over: whether a CID is known must not depend on what a process happens
    /// to remember.
    public func recorded(_ cid: CID) -> KnownManifest? {
        state.withLock { state in
            if let known = state.young.byCID[cid] { return known.isRecorded ? known : nil }
            guard let known = state.old.byCID[cid], known.isRecorded else { return nil }
            keep(known, bytesHash: nil, &state)
            return known
        }
    }

    /// Goes up whenever something is forgotten. Read it before the keys that a manifest is verified under.
    var version: UInt64 { state.withLock { $0.version } }

    /// Keeps a verified manifest, unless something was forgotten since.
    /// - Parameters:
    ///   - bytesHash: SHA-256 of its exact bytes.
    ///   - version: the cache's when its verification began.
    func insert(_ known: KnownManifest, bytesHash: Bytes32, version: UInt64) {
        state.withLock { state in
            guard state.version == version else { return }
            keep(known, bytesHash: bytesHash, &state)
        }
    }

    /// Forgets everything.
    public func removeAll() {
        state.withLock { $0 = State(version: $0.version + 1) }
    }

    /// Forgets every manifest that stands on a signature of one of these DIDs, its own or in its chain, for when their
    /// keys changed. Looks at everything that is kept: some milliseconds.
    public func removeAll(signedBy signers: Set<DID>) {
        guard !signers.isEmpty else { return }
        state.withLock { state in
            state.version += 1
            state.young.remove(signedBy: signers)
            state.old.remove(signedBy: signers)
        }
    }

    /// How many manifests are kept.
    public var count: Int {
        state.withLock { $0.young.count + $0.old.count }
    }

    private func keep(_ known: KnownManifest, bytesHash: Bytes32?, _ state: inout State) {
        if state.young.count >= halfCount || state.young.sizeBytes + known.sizeBytes > halfBytes, state.young.count > 0
        {
            state.old = state.young
            state.young = Generation()
        }
        // One larger than half of all that may be kept is used once and not kept.
        guard known.sizeBytes <= halfBytes else { return }
        if let bytesHash { state.young.byBytes[bytesHash] = known }
        // A recorded one is not replaced by the same content under other signatures that is not.
        if state.young.byCID[known.verified.cid]?.isRecorded != true { state.young.byCID[known.verified.cid] = known }
        state.young.sizeBytes += known.sizeBytes
    }
}
