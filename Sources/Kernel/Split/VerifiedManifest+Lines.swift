import Cryptography

extension VerifiedManifest {
    /// The lines that a settlement of one type is divided over, every link flattened: depth first, manifest order, each
    /// manifest's residual after its contributors. Their weights sum to one exactly.
    ///
    /// Zero weights and repeated DIDs keep lines of their own. The right is asked of every manifest in the chain.
    /// - Parameter right: the settlement's type; see ``Manifest/contributors(forRight:)``.
    /// - Throws: `manifest_malformed` where the root's lists contradict each other, `chain_invalid` where a link's do,
    ///   `chain_too_deep` past ``ManifestLimits/linesMax``.
    public func lines(forRight right: String?) throws(ManifestError) -> [EffectiveLine] {
        var flattening = Flattening(links: links, right: right)
        return try flattening.lines(of: cid)
    }

    /// Checks that no list of the root makes more lines than may be.
    ///
    /// Lists that contradict each other count for their settlements only: what they are asked for is not known yet.
    func checkLineCounts() throws(ManifestError) {
        for right in [nil, Manifest.distributionsNames.first] + manifest.rights.map({ Optional($0.name) }) {
            var flattening = Flattening(links: links, right: right)
            do throws(ManifestError) {
                _ = try flattening.count(of: cid)
            } catch .chainTooDeep(let what) {
                throw .chainTooDeep(what)
            } catch {
                continue
            }
        }
    }
}

/// Multiplies a chain of manifests out to lines.
private struct Flattening {
    let links: [CID: VerifiedLink]
    let right: String?
    private var lists: [CID: (contributors: [Contributor], shares: ShareList)] = [:]
    private var counts: [CID: Int] = [:]
    private var lines: [EffectiveLine] = []

    init(links: [CID: VerifiedLink], right: String?) {
        self.links = links
        self.right = right
    }

    mutating func lines(of root: CID) throws(ManifestError) -> [EffectiveLine] {
        lines.reserveCapacity(try count(of: root))
        try append(root, share: .one, via: [], isRoot: true)
        return lines
    }

    /// How many lines a manifest makes, each manifest counted once. The recursion is as deep as the chain.
    mutating func count(of cid: CID, isRoot: Bool = true) throws(ManifestError) -> Int {
        if let known = counts[cid] { return known }
        let (contributors, shares) = try list(of: cid, isRoot: isRoot)
        var count = shares.residual > 0 ? 1 : 0
        for contributor in contributors {
            if let link = contributor.link {
                count += try self.count(of: link, isRoot: false)
            } else {
                count += 1
            }
            guard count <= ManifestLimits.linesMax else {
                throw .chainTooDeep("the chain makes more than \(ManifestLimits.linesMax) lines")
            }
        }
        counts[cid] = count
        return count
    }

    private mutating func append(_ cid: CID, share: Ratio, via: [CID], isRoot: Bool) throws(ManifestError) {
        let (contributors, shares) = try list(of: cid, isRoot: isRoot)
        for (contributor, numerator) in zip(contributors, shares.numerators) {
            let weight = share.multiplied(by: numerator, over: shares.total)
            switch contributor.party {
            case .manifest(let link):
                try append(link, share: weight, via: via + [link], isRoot: false)
            case .did(let did):
                append(.did(did), contributor.role, weight, via)
            case .name(let name):
                append(.name(name), contributor.role, weight, via)
            }
        }
        guard shares.residual > 0, let authority = links[cid]?.authority else { return }
        lines.append(
            EffectiveLine(
                payee: .did(authority), role: EffectiveLine.residualRole,
                weight: share.multiplied(by: shares.residual, over: shares.total), via: via, isResidual: true))
    }

    private mutating func append(_ payee: EffectiveLine.Payee, _ role: String, _ weight: Ratio, _ via: [CID]) {
        lines.append(EffectiveLine(payee: payee, role: role, weight: weight, via: via, isResidual: false))
    }

    private mutating func list(
        of cid: CID, isRoot: Bool
    ) throws(ManifestError) -> (contributors: [Contributor], shares: ShareList) {
        if let known = lists[cid] { return known }
        guard let link = links[cid] else { preconditionFailure("a link that was not verified") }
        do throws(ManifestError) {
            let contributors = try link.manifest.contributors(forRight: right)
            let list = (contributors, try ShareList(contributors))
            lists[cid] = list
            return list
        } catch {
            throw isRoot ? error : .chainInvalid(link: cid, inner: error)
        }
    }
}
