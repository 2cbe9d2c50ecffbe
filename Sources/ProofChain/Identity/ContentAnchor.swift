/// What an identity's `ContentAnchor` points to, told by the form of its text.
public enum ContentAnchor: Hashable, Sendable {
    /// A content chain.
    case chain(ContentID)
    /// An artifact, by the text of its CID.
    case artifact(String)

    /// The fixed beginning of a dag-cbor CID's text, and how many characters follow it.
    private static let artifactPrefix = "bafyrei"
    private static let artifactSuffixCount = 52

    /// Nil for every other form: raw CIDs, other hashes, other bases.
    public init?(_ text: String) {
        if let identifier = try? ContentID(text) {
            self = .chain(identifier)
            return
        }
        let bytes = text.utf8
        let prefix = Self.artifactPrefix.utf8
        guard bytes.count == prefix.count + Self.artifactSuffixCount, bytes.starts(with: prefix),
            bytes.allSatisfy({ (0x61...0x7a).contains($0) || (0x32...0x37).contains($0) })
        else { return nil }
        self = .artifact(text)
    }
}
