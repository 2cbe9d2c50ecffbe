/// The members of a dag-cbor map: each key once, in dag-cbor's order (shorter first, then bytewise).
///
/// The order is made here, so that encoding cannot fail.
public struct CBORMap: Hashable, Sendable {
    /// One key with its value.
    public struct Member: Hashable, Sendable {
        /// The key.
        public let key: String
        /// The value.
        public let value: CBORValue

        /// Whether both are the same; the key by its bytes.
        public static func == (left: Member, right: Member) -> Bool {
            left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
        }

        /// Hashes key and value; the key by its bytes.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(CBORValue.text(key))
            hasher.combine(value)
        }
    }

    /// The members in dag-cbor's order.
    public let members: [Member]

    /// Orders the members. Throws `duplicateKey` when a key comes twice.
    public init(_ members: [(String, CBORValue)]) throws(CBORError) {
        let sorted = members.map { Member(key: $0.0, value: $0.1) }.sorted { Self.order($0.key, $1.key) < 0 }
        for (left, right) in zip(sorted, sorted.dropFirst()) where Self.order(left.key, right.key) == 0 {
            throw .duplicateKey
        }
        self.members = sorted
    }

    /// Takes members that the decoder has found in order.
    init(sorted members: [Member]) {
        self.members = members
    }

    /// The value for a key; nil when there is none. Keys are compared as bytes.
    public subscript(key: String) -> CBORValue? {
        members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// Negative when `left` comes first, 0 when the keys are the same bytes, positive otherwise.
    static func order(_ left: String, _ right: String) -> Int {
        let leftCount = left.utf8.count
        let rightCount = right.utf8.count
        guard leftCount == rightCount else { return leftCount < rightCount ? -1 : 1 }
        for (leftByte, rightByte) in zip(left.utf8, right.utf8) where leftByte != rightByte {
            return leftByte < rightByte ? -1 : 1
        }
        return 0
    }
}
