import Cryptography

extension Manifest {
    /// The type of a `context.derivedFrom` entry that names a manifest. Others name sources outside of the chain.
    private static let linkType = "fair"

    /// The CIDs of `context.derivedFrom` entries with type `fair`.
    /// - Throws: `manifest_malformed` when such an entry names no CID: what must resolve may not be skipped.
    static func derivedFrom(_ value: JSONValue) throws(ManifestError) -> [CID] {
        guard let context = value["context"], context.kind == .object, let list = context["derivedFrom"], !list.isNull
        else { return [] }
        guard list.kind == .array else { throw .malformed("context.derivedFrom is not a list") }
        var links: [CID] = []
        for entry in list.elements where entry.kind == .object && entry["type"]?.stringEquals(linkType) == true {
            guard let id = entry["id"]?.string else {
                throw .malformed("context.derivedFrom has an entry of type fair without an id")
            }
            links.append(try linkedCID(id))
        }
        return links
    }

    /// The CID of a manifest, written as such or behind `fair:`.
    /// - Throws: `manifest_malformed` for anything but a CIDv1 of raw content under SHA-256.
    static func linkedCID(_ text: String) throws(ManifestError) -> CID {
        let prefix = Contributor.Party.linkPrefix
        let bare = text.utf8.starts(with: prefix.utf8) ? String(text.utf8.dropFirst(prefix.utf8.count)) : text
        guard let bare, let cid = try? CID(bare), cid.codec == .raw else {
            throw .malformed("a link names no CID of a manifest (CIDv1, raw, SHA-256)")
        }
        return cid
    }
}
