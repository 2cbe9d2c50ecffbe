public import Cryptography
public import Kernel
import Synchronization

/// A manifest that was found in order, with everything that settlements need of it worked out once.
///
/// Shared among requests; safe from any thread.
public final class KnownManifest: Sendable {
    /// The manifest and its chain, verified.
    public let verified: VerifiedManifest
    /// The CID's text, as in replies.
    public let cidText: String
    /// SHA-256 of the whole manifest's canonical form (RFC 8785), signatures included: 32 bytes. It stands for the
    /// manifest in the hash of a request.
    public let canonicalHash: [UInt8]
    /// Roughly how many bytes this holds in memory.
    public let sizeBytes: Int

    /// Everybody whose signature it stands on.
    let signers: Set<DID>

    /// Let go of when the book holds them: half of what a manifest takes.
    private let unrecorded: Mutex<[ManifestRecord]>
    private let isInBook: Atomic<Bool>
    private let rights: Set<String>
    private let splits = Mutex<[String: PreparedSplit]>([:])

    /// Splits kept per manifest. A manifest may name 64 rights; past this number the others are prepared on each use.
    static let splitsMax = 8
    /// Bytes that a prepared line takes, its share of the reply's text included.
    private static let lineBytes = 512

    /// Keeps a verified manifest.
    /// - Parameters:
    ///   - chain: the manifests of the chain, the root among them.
    ///   - canonicalHash: SHA-256 of the root's full canonical form.
    ///   - unrecorded: those that the book may not hold yet, the root first; empty when it holds all.
    public init(
        _ verified: VerifiedManifest, chain: [Manifest], canonicalHash: [UInt8], unrecorded: [ManifestRecord]
    ) {
        self.verified = verified
        self.canonicalHash = canonicalHash
        signers = verified.signers
        self.unrecorded = Mutex(unrecorded)
        cidText = verified.cid.string
        isInBook = Atomic(unrecorded.isEmpty)
        var rights = Set(chain.flatMap { $0.rights.map(\.name) })
        if chain.contains(where: { $0.distributions != nil }) { rights.formUnion(Self.distributionRights) }
        self.rights = rights
        let texts = chain.reduce(0) { $0 + $1.signedBytes.count } + unrecorded.reduce(0) { $0 + $1.json.count }
        let lines = chain.reduce(0) { $0 + $1.contributors.count + 1 }
        sizeBytes = 4 * texts + lines * Self.lineBytes * min(1 + rights.count, Self.splitsMax)
    }

    /// The types by which a settlement asks for a manifest's `distributions`.
    private static let distributionRights = ["distribution", "distributions"]

    /// Whether the book holds the manifest and its chain.
    public var isRecorded: Bool { isInBook.load(ordering: .relaxed) }

    /// Notes that the book holds them: a settlement or a recording with `records` was committed.
    public func markRecorded() {
        guard !isRecorded else { return }
        isInBook.store(true, ordering: .relaxed)
        unrecorded.withLock { $0 = [] }
    }

    /// What a command has to carry so that the book records the manifest: the root first, empty once it is recorded.
    public var records: [ManifestRecord] { isRecorded ? [] : unrecorded.withLock { $0 } }

    /// The division of a settlement of one type, prepared on first use.
    /// - Throws: `contributor_not_payable`; `manifest_malformed` and `chain_invalid` where lists contradict each other
    ///   for this type; `chain_too_deep`. Refusals are not kept.
    public func split(forType type: String) throws(ManifestError) -> PreparedSplit {
        let right = rights.contains(type) ? type : nil
        if let known = splits.withLock({ $0[right ?? ""] }) { return known }
        let made = PreparedSplit(try SplitPlan(verified, right: right))
        splits.withLock { splits in
            if splits.count < Self.splitsMax { splits[right ?? ""] = made }
        }
        return made
    }
}
