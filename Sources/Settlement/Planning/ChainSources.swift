import Cryptography
import Kernel

/// Where the links of a chain come from while it is being verified.
struct ChainSources {
    /// A link that was found.
    struct Link {
        let manifest: Manifest
        /// Its JSON, when it came with the request; nil when the book holds it.
        let json: [UInt8]?
    }

    /// What was found so far.
    var found: [CID: Link] = [:]

    private let links: [JSONValue]
    private var byCID: [CID: JSONValue]?

    init(_ links: [JSONValue]) { self.links = links }

    /// A manifest that came with the request. The CIDs are computed when the first is asked for: a chain that the
    /// root's own checks refuse is never looked at.
    /// - Throws: `chain_invalid` when it came and cannot be read.
    mutating func supplied(_ cid: CID) throws(ManifestFailure) -> Link? {
        if byCID == nil {
            byCID = Dictionary(links.map { (Manifest.cid(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        }
        guard let json = byCID?[cid] else { return nil }
        do throws(ManifestError) {
            return Link(manifest: try Manifest.parseStorable(json), json: Array(json.rawBytes))
        } catch {
            throw .refused(.chainInvalid(link: cid, inner: error))
        }
    }
}

extension Manifest {
    /// Reads a manifest whose texts can be stored.
    /// - Throws: `manifest_malformed`, also for an id with a NUL character, which no database text holds.
    static func parseStorable(_ json: JSONValue) throws(ManifestError) -> Manifest {
        let manifest = try parse(json)
        guard !manifest.id.utf8.contains(0) else { throw .malformed("id contains a NUL character") }
        return manifest
    }

    /// Who speaks for this manifest's id: the owner, else the signer, of a manifest that was verified.
    fileprivate var authority: String {
        if let owner { return owner.string }
        guard case .claimed(let signer, _) = signature else { preconditionFailure("a verified manifest is signed") }
        return signer.string
    }
}

extension ManifestRecord {
    /// A record of a verified manifest.
    init(_ manifest: Manifest, json: [UInt8]) {
        self.init(cid: manifest.cid.string, manifestID: manifest.id, signer: manifest.authority, json: json)
    }
}
