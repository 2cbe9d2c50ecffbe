public import Cryptography
public import Kernel
public import ProofChain
public import Settlement
import Synchronization

/// A copy of identities in memory, for the directory to read from.
public final class ScriptedIdentities: IdentityReading {
    private struct State {
        var authorities: [DID: DIDAuthority] = [:]
        var evidence: [CID: ManifestEvidence] = [:]
        var failure: LedgerFailure?
        var recorded: Set<DID> = []
        var reads = 0
        var recordedReads = 0
    }

    private let state = Mutex(State())

    /// An empty copy.
    public init() {}

    /// How often it was read from.
    public var reads: Int { state.withLock { $0.reads } }

    /// How often it was asked whether somebody was here before.
    public var recordedReads: Int { state.withLock { $0.recordedReads } }

    /// Puts a chain into the copy, read at a time, and returns what a directory is told of it.
    @discardableResult
    public func put(
        _ identity: ScriptedIdentity, seenAtMs: Int64, conflict: DIDBinding.Conflict? = nil
    ) throws -> DIDAuthority {
        let page = MirrorPage(
            RelayLogPage(
                entries: identity.log.map { RelayLogEntry(cid: $0.cid.string, token: $0.token) }, next: nil), after: 0)
        let changes = try IdentityMirror.take(
            page, MirrorFacts(), at: ReadingTime(seenAtMs: seenAtMs, completeAtMs: seenAtMs, maxAgeMs: 60_000))
        guard let did = identity.state.boundDID, let mirrored = changes.identities[identity.state.did],
            let moment = changes.bindings[did]?.moment
        else { preconditionFailure("a scripted identity binds a DID") }
        let binding = DIDBinding(did: did, identity: identity.state.did, moment: moment, conflict: conflict)
        let authority = DIDAuthority(binding, mirrored)
        state.withLock { $0.authorities[did] = authority }
        return authority
    }

    /// Sets since when a manifest has been there.
    public func set(_ evidence: ManifestEvidence, of manifest: CID) {
        state.withLock { $0.evidence[manifest] = evidence }
    }

    /// Lets the book have an account of a DID, or a manifest of its.
    public func record(_ did: DID) { state.withLock { _ = $0.recorded.insert(did) } }

    /// See ``IdentityReading/isRecorded(_:)``.
    public func isRecorded(_ did: DID) async throws(LedgerFailure) -> Bool {
        state.withLock { state in
            state.recordedReads += 1
            return state.recorded.contains(did)
        }
    }

    /// What reading throws from now on; nil: nothing.
    public func fail(with failure: LedgerFailure?) { state.withLock { $0.failure = failure } }

    /// See ``IdentityReading/authority(over:)``.
    public func authority(over did: DID) async throws(LedgerFailure) -> DIDAuthority? {
        let result: Result<DIDAuthority?, LedgerFailure> = state.withLock { state in
            state.reads += 1
            return state.failure.map { .failure($0) } ?? .success(state.authorities[did])
        }
        return try result.get()
    }

    /// See ``IdentityReading/evidence(for:authority:signer:)``.
    public func evidence(
        for manifest: CID, authority: DID, signer: DID
    ) async throws(LedgerFailure) -> ManifestEvidence {
        let result: Result<ManifestEvidence, LedgerFailure> = state.withLock { state in
            state.failure.map { .failure($0) } ?? .success(state.evidence[manifest] ?? .none)
        }
        return try result.get()
    }
}
