public import Cryptography
public import Kernel

/// Why a manifest is not at hand.
public enum ManifestFailure: Error, Sendable {
    /// It, or its chain, is refused.
    case refused(ManifestError)
    /// The store could not be asked.
    case store(LedgerFailure)
}

/// Gives verified manifests: from the cache, or by verifying them, with links of a chain taken from the request or the
/// book.
public struct ManifestLibrary: Sendable {
    /// What was verified before.
    public let cache: ManifestCache
    private let store: any LedgerStore
    private let keys: any KeyDirectory
    private let platform: PlatformPolicy

    /// A library on a book.
    public init(
        cache: ManifestCache, store: any LedgerStore, keys: any KeyDirectory, platform: PlatformPolicy = .ifPresent
    ) {
        self.cache = cache
        self.store = store
        self.keys = keys
        self.platform = platform
    }

    /// The manifest of exactly these bytes, if it was verified before. It does not wait.
    public func cached(_ json: JSONValue) -> KnownManifest? {
        cache.manifest(bytesHash: json.rawBytes.withUnsafeBytes { SHA256.digest($0) })
    }

    /// Verifies a manifest and its chain, and keeps it.
    /// - Parameters:
    ///   - json: the manifest as it arrived.
    ///   - links: manifests that came along, for links that the book does not hold.
    /// - Throws: every code of ``ManifestError`` but `manifest_owner_changed` and `contributor_not_payable`, in the
    ///   order of the checks; store failures.
    public func verify(_ json: JSONValue, links: [JSONValue]) async throws(ManifestFailure) -> KnownManifest {
        let root = try parse(json)
        let version = cache.version
        let known = try await verify(root, json: json, isRecorded: false, links: links)
        cache.insert(known, bytesHash: json.rawBytes.withUnsafeBytes { SHA256.digest($0) }, version: version)
        return known
    }

    /// The manifest of a CID that the book holds.
    /// - Throws: `chain_unresolved` when the book does not hold it; what ``verify(_:links:)`` throws.
    public func recorded(_ cid: CID, links: [JSONValue]) async throws(ManifestFailure) -> KnownManifest {
        if let known = cache.recorded(cid) { return known }
        let version = cache.version
        guard let document = try await stored(cid) else { throw .refused(.chainUnresolved([cid])) }
        let root = try parse(document.root)
        let known = try await verify(root, json: document.root, isRecorded: true, links: links)
        cache.insert(known, bytesHash: document.bytes.withUnsafeBytes { SHA256.digest($0) }, version: version)
        return known
    }

    /// Verifies with what is at hand, and as long as links are missing, looks for them and verifies again.
    ///
    /// The root's own checks come first each time, so that nothing is looked up for a manifest that nobody signed.
    private func verify(
        _ root: Manifest, json: JSONValue, isRecorded: Bool, links: [JSONValue]
    ) async throws(ManifestFailure) -> KnownManifest {
        var chain = ChainSources(links)
        var signers = SignerFacts(keys)
        try await signers.prepare([root])
        // Each round resolves one more level.
        for _ in 0...ManifestLimits.depthMax {
            let facts = signers
            do throws(ManifestError) {
                let verified = try ManifestVerifier.verify(
                    root, resolving: { chain.found[$0]?.manifest }, keys: keys, platform: platform,
                    evidence: { facts.evidence(for: $0, signer: $1) })
                return known(verified, root: root, json: json, isRecorded: isRecorded, chain)
            } catch .chainUnresolved(let missing) {
                try await resolve(missing, in: &chain)
                try await signers.prepare(missing.compactMap { chain.found[$0]?.manifest })
            } catch {
                throw .refused(error)
            }
        }
        throw .refused(.chainTooDeep("the chain is deeper than \(ManifestLimits.depthMax) links"))
    }

    /// Looks for links in the request, the cache and the book.
    /// - Throws: `chain_unresolved` with all that were found nowhere.
    private func resolve(_ missing: [CID], in chain: inout ChainSources) async throws(ManifestFailure) {
        var unknown: [CID] = []
        for cid in missing {
            if let link = try chain.supplied(cid) {
                chain.found[cid] = link
            } else if let known = cache.recorded(cid) {
                chain.found[cid] = ChainSources.Link(manifest: known.verified.manifest, json: nil)
            } else if let document = try await stored(cid) {
                do throws(ManifestError) {
                    chain.found[cid] = ChainSources.Link(manifest: try Manifest.parseStorable(document.root), json: nil)
                } catch {
                    throw .refused(.chainInvalid(link: cid, inner: error))
                }
            } else {
                unknown.append(cid)
            }
        }
        guard unknown.isEmpty else { throw .refused(.chainUnresolved(unknown)) }
    }

    private func known(
        _ verified: VerifiedManifest, root: Manifest, json: JSONValue, isRecorded: Bool, _ chain: ChainSources
    ) -> KnownManifest {
        var manifests = [root]
        var unrecorded = isRecorded ? [] : [ManifestRecord(root, json: Array(json.rawBytes))]
        for cid in verified.chain.dropFirst() {
            guard let link = chain.found[cid] else { continue }
            manifests.append(link.manifest)
            if let json = link.json { unrecorded.append(ManifestRecord(link.manifest, json: json)) }
        }
        return KnownManifest(
            verified, chain: manifests, canonicalHash: SHA256.hash(json.canonicalBytes()), unrecorded: unrecorded)
    }

    private func parse(_ json: JSONValue) throws(ManifestFailure) -> Manifest {
        do throws(ManifestError) {
            return try Manifest.parseStorable(json)
        } catch {
            throw .refused(error)
        }
    }

    private func stored(_ cid: CID) async throws(ManifestFailure) -> JSONDocument? {
        let json: [UInt8]?
        do throws(LedgerFailure) {
            json = try await store.manifest(cid)
        } catch {
            throw .store(error)
        }
        guard let json else { return nil }
        do throws(JSONError) {
            // It may have come in a batch, whose limits are wider.
            return try JSONDocument(parsing: json, limits: .batch)
        } catch {
            throw .store(.rejected("the book holds a manifest that is no JSON: \(cid)"))
        }
    }
}
