public import Cryptography
public import Kernel
import Synchronization

/// Who may sign for which DID, answered from memory: this process's view of the node's own copy of identities.
///
/// - A DID that no chain binds is its own key. To know that costs one look-up in a set.
/// - A bound one has the keys of its chain. The chain is read from the copy when it is not in memory: ``load(_:)``.
/// - The copy is fresh for a while after the log was read to its end. When it is not, whoever is known goes on by what
///   the copy says, and of whoever is not, nothing is said (``KeyLookup/unavailable``): a DID is known when it is
///   bound, when it was asked for while the copy was fresh, when the book has an account of it or a manifest that it
///   signed, or when the operator named it. Of one whose chain is broken nothing is said either.
///
/// Safe from any thread.
public final class IdentityDirectory: KeyDirectory {
    /// Limits of the memory.
    public struct Limits: Sendable {
        /// Bound DIDs of which every process keeps the 32-byte key, some 64 bytes each: 64 MB at most. A node with more
        /// of them goes on without the set: then every DID that is not in memory is looked up in the copy first, one
        /// read by primary key, before its first request in this process is answered.
        public var boundMax = 1_000_000
        /// Chains in memory, some 1 KB each; one with many keys counts for as many as it has kilobytes, so that they
        /// take 20 MB whatever the chains are, and one chain's 5 MB beside at most. Others are read when asked for.
        public var authoritiesMax = 20_000
        /// DIDs without a chain that are remembered as known, for when the relay is out, some 64 bytes each.
        public var unboundMax = 200_000
        /// DIDs that were looked for and are not known, some 64 bytes each.
        public var absentMax = 20_000
        /// For how long nobody looks for such a DID again, milliseconds: whoever asks without end for strangers while
        /// the relay is out costs the database nothing, and a stranger who is paid then is known soon after.
        public var absentMs: Int64 = 2_000

        /// The defaults.
        public init() {}
    }

    private struct State {
        /// The keys of all bound DIDs; nil when there are too many, or while they were not read yet.
        var bound: Set<Ed25519PublicKey>?
        var authorities: TwoGenerations<DID, DIDAuthority>
        var unbound: TwoGenerations<Ed25519PublicKey, Void>
        /// Not known when the copy was stale, and until when that is believed.
        var absent: TwoGenerations<Ed25519PublicKey, Int64>
        var freshUntilMs = Int64.min
        /// Goes up with each change, so that what was read before is not kept after it.
        var version: UInt64 = 0
    }

    private let state: Mutex<State>
    private let limits: Limits
    private let reading: any IdentityReading
    private let clock: @Sendable () -> Int64
    private let isNamed: @Sendable (DID) -> Bool

    /// An empty directory, not fresh.
    /// - Parameters:
    ///   - reading: the copy.
    ///   - clock: milliseconds since 1970.
    ///   - isNamed: whether the operator named a DID: the node itself, and who may call. Asked when the copy is stale.
    public init(
        reading: any IdentityReading, limits: Limits = Limits(), clock: @escaping @Sendable () -> Int64,
        isNamed: @escaping @Sendable (DID) -> Bool
    ) {
        self.reading = reading
        self.limits = limits
        self.clock = clock
        self.isNamed = isNamed
        state = Mutex(
            State(
                bound: nil, authorities: TwoGenerations(countMax: limits.authoritiesMax),
                unbound: TwoGenerations(countMax: limits.unboundMax),
                absent: TwoGenerations(countMax: limits.absentMax)))
    }

    /// Takes the keys of all bound DIDs, once, before requests come in.
    /// - Parameter keys: at most `boundMax` and one.
    public func begin(bound keys: [Ed25519PublicKey]) {
        state.withLock { $0.bound = keys.count > limits.boundMax ? nil : Set(keys) }
    }

    /// Takes what changed in the copy.
    public func apply(_ changed: [DIDAuthority]) {
        guard !changed.isEmpty else { return }
        state.withLock { state in
            state.version += 1
            for authority in changed {
                guard let key = authority.did.publicKey else { continue }
                state.unbound.remove(key)
                state.absent.remove(key)
                state.authorities.insert(authority, for: authority.did, weight: authority.weight)
                state.bound?.insert(key)
            }
            if let bound = state.bound, bound.count > limits.boundMax { state.bound = nil }
        }
    }

    /// Notes until when the copy is fresh; `.max` where there is no relay to be behind of.
    public func setFresh(untilMs: Int64) { state.withLock { $0.freshUntilMs = untilMs } }

    /// Whether the copy is fresh.
    public var isFresh: Bool { state.withLock { $0.freshUntilMs } >= clock() }

    // MARK: Answers

    /// See ``KeyResolver/keys(for:)``.
    public func keys(for did: DID) -> KeyLookup {
        guard let key = did.publicKey else { return .unknown }
        let found: KeyLookup? = state.withLock { state in
            if state.unbound.value(key) != nil { return .keys([key]) }
            if let bound = state.bound, !bound.contains(key) {
                guard state.freshUntilMs >= clock() else { return nil }
                state.unbound.insert((), for: key)
                return .keys([key])
            }
            guard let authority = state.authorities.value(did) else { return .unavailable }
            if authority.isBroken { return .unavailable }
            return authority.currentKeys.isEmpty ? .retired : .keys(authority.currentKeys)
        }
        return found ?? (isNamed(did) ? .keys([key]) : .unavailable)
    }

    /// See ``KeyResolver/retiredKeys(of:)``.
    public func retiredKeys(of did: DID) -> [RetiredKey] { authorityInMemory(did)?.retiredKeys ?? [] }

    /// See ``KeyResolver/key(named:of:)``.
    public func key(named name: String, of did: DID) -> Ed25519PublicKey? {
        authorityInMemory(did)?.key(named: name)
    }

    /// See ``KeyResolver/isCertain(of:)``.
    public func isCertain(of did: DID) -> Bool {
        guard did.isKey else { return true }
        return isFresh && authorityInMemory(did)?.isBroken != true
    }

    /// Whether a key that spoke for a DID still does, by what the copy says, fresh or not.
    ///
    /// - Parameter isOwn: whether the key is the one that the DID is.
    public func isCurrent(_ key: Ed25519PublicKey, of did: DID, isOwn: Bool) async throws(LedgerFailure) -> Bool {
        let known: Bool? = state.withLock { state in
            if isOwn, let bound = state.bound, !bound.contains(key) { return true }
            if isOwn, state.unbound.value(key) != nil { return true }
            return state.authorities.value(did).map { $0.currentKeys.contains(key) }
        }
        if let known { return known }
        guard let authority = try await lookUp(did) else { return isOwn }
        return authority.currentKeys.contains(key)
    }

    /// What holds for paying out to a DID.
    public func payoutStanding(of did: DID) async throws(LedgerFailure) -> PayoutStanding {
        guard did.isKey else { return .unbound(did) }
        return try await lookUp(did)?.payoutStanding ?? .unbound(did)
    }

    // MARK: Looking further

    /// See ``KeyDirectory/load(_:)``.
    public func load(_ did: DID) async throws(LedgerFailure) { _ = try await lookUp(did) }

    /// See ``KeyDirectory/evidence(for:authority:signer:)``.
    public func evidence(
        for manifest: CID, authority: DID, signer: DID
    ) async throws(LedgerFailure) -> ManifestEvidence {
        try await reading.evidence(for: manifest, authority: authority, signer: signer)
    }

    /// The authority over a DID, from memory or the copy; nil when none is bound. What is read while the copy changes
    /// is read again: a few times, for changes are rare beside reads.
    private func lookUp(_ did: DID) async throws(LedgerFailure) -> DIDAuthority? {
        guard let key = did.publicKey else { return nil }
        var found: DIDAuthority?
        for _ in 0..<Self.readsMax {
            let (known, version, isBound, isAbsent) = state.withLock { state in
                (
                    state.authorities.value(did), state.version, state.bound?.contains(key),
                    state.absent.value(key).map { $0 > clock() } ?? false
                )
            }
            if let known { return known }
            let isFresh = isFresh
            if isBound == false, isFresh { return nil }
            if isAbsent, !isFresh { return nil }
            if isBound != false { found = try await reading.authority(over: did) }
            // While the copy is stale, one that was here before goes on.
            var isKnown = isNamed(did)
            if found == nil, !isKnown, !isFresh { isKnown = try await reading.isRecorded(did) }
            let isKept = state.withLock { state in
                guard state.version == version else { return false }
                if let found {
                    state.authorities.insert(found, for: did, weight: found.weight)
                } else if isBound != true, isKnown || state.freshUntilMs >= clock() {
                    state.unbound.insert((), for: key)
                } else if isBound != true {
                    state.absent.insert(clock() + limits.absentMs, for: key)
                }
                return true
            }
            if isKept { break }
        }
        return found
    }

    private static let readsMax = 4

    private func authorityInMemory(_ did: DID) -> DIDAuthority? { state.withLock { $0.authorities.value(did) } }
}
