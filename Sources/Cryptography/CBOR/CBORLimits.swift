/// How large dag-cbor bytes may be before they are refused.
public struct CBORLimits: Hashable, Sendable {
    /// How deep arrays, maps and links may be nested.
    public let depth: Int
    /// How many array elements and map members there may be, all containers together.
    public let items: Int
    /// How many bytes there may be.
    public let bytes: Int

    /// No limit on depth goes past this: decoding recurses once per level.
    public static let depthCeiling = 256

    /// Sets limits; each is at least 0, and depth at most its ceiling.
    public init(depth: Int = 64, items: Int = 20_000, bytes: Int = 1 << 20) {
        self.depth = min(max(depth, 0), Self.depthCeiling)
        self.items = max(items, 0)
        self.bytes = max(bytes, 0)
    }

    /// The limits of one request, as for JSON: depth 64, 20,000 items, 1 MiB.
    public static let request = CBORLimits()
}
