public import Cryptography

/// One entry of a manifest's list: who takes part, as what, and with which weight.
public struct Contributor: Hashable, Sendable {
    /// Who takes part.
    public let party: Party
    /// What they did, in the manifest's own word.
    public let role: String
    /// Their weight as stated, before the list is normalized.
    public let weight: Weight

    /// Who an entry names.
    public enum Party: Hashable, Sendable {
        /// A DID of any method.
        case did(DID)
        /// Another manifest, written `fair:<cid>`: its contributors share what this entry gets.
        case manifest(CID)
        /// A legacy name, or a string that is no well-formed DID. It can be verified, but not paid.
        case name(String)
    }

    /// The DID, where the entry names one.
    public var did: DID? {
        if case .did(let did) = party { did } else { nil }
    }

    /// The manifest, where the entry passes its share on.
    public var link: CID? {
        if case .manifest(let cid) = party { cid } else { nil }
    }
}

extension Contributor.Party {
    /// Before the CID of a manifest.
    static let linkPrefix = "fair:"

    /// Reads the id of an entry.
    /// - Throws: `manifest_malformed` for `fair:` with anything but the CID of a manifest behind it.
    init(id: String) throws(ManifestError) {
        if id.utf8.starts(with: Self.linkPrefix.utf8) {
            self = .manifest(try Manifest.linkedCID(id))
        } else if let did = try? DID(id) {
            self = .did(did)
        } else {
            self = .name(id)
        }
    }
}
