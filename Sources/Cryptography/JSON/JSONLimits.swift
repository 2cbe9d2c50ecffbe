/// How large a JSON text may be before it is refused, so that a hostile body costs little.
public struct JSONLimits: Hashable, Sendable {
    /// How deep arrays and objects may be nested; a bare scalar has depth 0, `[]` has 1.
    public let depth: Int
    /// How many array elements and object members the text may have, all containers together.
    public let members: Int
    /// How long the text may be, in bytes.
    public let bytes: Int

    /// No limit on depth goes past this: canonical output and conversion to CBOR recurse once per level.
    public static let depthCeiling = 256
    /// No limit on size goes past this: positions are kept in 32 bits, counts in 28.
    public static let bytesCeiling = 1 << 28
    /// How long one number may be written. The exact decimal expansion of a double needs at most 1,077 characters.
    public static let numberBytesMax = 1_100

    /// Sets limits; each is clamped to 0 and its ceiling.
    public init(depth: Int = 64, members: Int = 20_000, bytes: Int = 1 << 20) {
        self.depth = min(max(depth, 0), Self.depthCeiling)
        self.members = min(max(members, 0), Self.bytesCeiling - 1)
        self.bytes = min(max(bytes, 0), Self.bytesCeiling - 1)
    }

    /// Limits whose depth may go past the ceiling, for texts that are only read and encoded without recursion
    /// (``DAGCBOR/encode(json:omitting:)``). No argument is checked.
    package static func deep(depth: Int, members: Int, bytes: Int) -> JSONLimits {
        JSONLimits(unchecked: (depth, members, bytes))
    }

    private init(unchecked limits: (depth: Int, members: Int, bytes: Int)) {
        depth = limits.depth
        members = limits.members
        bytes = limits.bytes
    }

    /// One request: depth 64, 20,000 members, 1 MiB.
    public static let request = JSONLimits()
    /// A batch of requests: depth 64, 200,000 members, 8 MiB.
    public static let batch = JSONLimits(members: 200_000, bytes: 8 << 20)
}
