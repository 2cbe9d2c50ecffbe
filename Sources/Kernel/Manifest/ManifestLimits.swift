/// How large a manifest and its chain may be. What goes past is refused, `manifest_malformed` in the manifest itself
/// and `chain_too_deep` in its chain.
public enum ManifestLimits {
    /// Links from the root to the farthest manifest: the protocol's number. The root itself is at depth 0.
    public static let depthMax = 5
    /// Distinct manifests besides the root, each of which costs a signature check of some 60 µs.
    public static let linksMax = 256
    /// Lines of a flattened chain. A diamond doubles its lines at every level, and this is where that ends.
    public static let linesMax = 10_000
    /// Contributors of one list; a request's body cannot hold more.
    public static let contributorsMax = 10_000
    /// Lists of one manifest that name a right of their own.
    public static let rightsMax = 64
    /// UTF-8 bytes of an id, a contributor's id or name.
    public static let idBytesMax = 1024
    /// UTF-8 bytes of a role or of the name of a right.
    public static let nameBytesMax = 128
}
