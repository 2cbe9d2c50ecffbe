import Cryptography

/// Walks a manifest's links, depth first in manifest order, and looks at their form alone: cycles, depth, number, and
/// what is missing. Each manifest is walked once, however many ways lead to it.
struct ChainWalk {
    /// Every link that was found, in the order of first reach, without the root.
    private(set) var order: [CID] = []
    /// What was found under each.
    private(set) var manifests: [CID: Manifest] = [:]

    private var missing: [CID] = []
    /// How many levels hang below a manifest that was walked.
    private var heights: [CID: Int] = [:]
    private var path: [CID] = []

    /// Walks everything below the root.
    /// - Throws: `chain_cycle`, `chain_too_deep`, `chain_unresolved`.
    mutating func run(from root: Manifest, _ resolve: (CID) -> Manifest?) throws(ManifestError) {
        _ = try walk(root, as: root.cid, resolve)
        guard missing.isEmpty else { throw .chainUnresolved(missing) }
    }

    /// The height of a manifest, after walking everything below it. The recursion is at most as deep as a chain may be.
    private mutating func walk(
        _ manifest: Manifest, as cid: CID, _ resolve: (CID) -> Manifest?
    ) throws(ManifestError) -> Int {
        path.append(cid)
        defer { path.removeLast() }
        var height = 0
        for link in manifest.links {
            guard !path.contains(link) else { throw .chainCycle(link) }
            let below = try visit(link, resolve)
            guard path.count + below <= ManifestLimits.depthMax else {
                throw .chainTooDeep("the chain is deeper than \(ManifestLimits.depthMax) links")
            }
            height = max(height, below + 1)
        }
        heights[cid] = height
        return height
    }

    /// The height of a link, walking it when it is new.
    private mutating func visit(_ link: CID, _ resolve: (CID) -> Manifest?) throws(ManifestError) -> Int {
        if let known = heights[link] { return known }
        guard path.count <= ManifestLimits.depthMax else {
            throw .chainTooDeep("the chain is deeper than \(ManifestLimits.depthMax) links")
        }
        guard order.count + missing.count < ManifestLimits.linksMax else {
            throw .chainTooDeep("the chain refers to more than \(ManifestLimits.linksMax) manifests")
        }
        guard let manifest = resolve(link) else {
            missing.append(link)
            heights[link] = 0
            return 0
        }
        order.append(link)
        manifests[link] = manifest
        return try walk(manifest, as: link, resolve)
    }
}
