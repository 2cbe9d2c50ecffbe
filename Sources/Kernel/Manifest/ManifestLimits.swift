/// How large a manifest and its chain may be. What goes past is refused, `manifest_malformed` in the manifest itself
/// and `chain_too_deep` in its chain.
public enum ManifestLimits {
    /// Links from the root to the farthest manifest: the protocol's number. The root itself is at depth 0.
    public static let depthMax = 5
    /// Distinct manifests besides the root, each of which costs a signature check of some 60 µs.
    public static let linksMax = 256
    /// Keys that an identity can have in force at a time: the protocol's 256 in each of three roles.
    public static let currentKeys = 768
    /// Retired keys that are tried under one signature, some 75 ms. Twice what can be in force at one time: all that
    /// were when the manifest was recorded, and all that were when it was anchored. Past it a signature is nobody's.
    public static let retiredKeysTried = 2 * currentKeys
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
