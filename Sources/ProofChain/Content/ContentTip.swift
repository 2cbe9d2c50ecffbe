public import Cryptography

/// An operation of a content chain that none follows. Of several, the greatest is the head of the chain: the latest
/// `createdAt`; of the same time, the greatest CID by the bytes of its text.
///
/// The text's order is not that of the CID's binary form: in ASCII, base32's digits come before its letters.
public struct ContentTip: Hashable, Sendable, Comparable {
    /// The operation.
    public let cid: CID
    /// When it was made, by its author's word.
    public let createdAt: Timestamp

    /// Takes an operation.
    public init(cid: CID, createdAt: Timestamp) {
        self.cid = cid
        self.createdAt = createdAt
    }

    /// Whether `right` goes before `left` as a head.
    public static func < (left: ContentTip, right: ContentTip) -> Bool {
        guard left.createdAt == right.createdAt else { return left.createdAt < right.createdAt }
        return left.cid.string < right.cid.string
    }
}
