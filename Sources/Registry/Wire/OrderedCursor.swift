import Cryptography

/// Where a list that is ordered by a falling first key and a rising second one goes on. Opaque to clients.
package struct OrderedCursor: Hashable {
    /// What the list falls by, such as a time.
    package let rank: String
    /// What rows of one rank rise by.
    package let key: String

    private static let mark: UInt8 = 0x0A

    package init(rank: String, key: String) {
        self.rank = rank
        self.key = key
    }

    /// Reads what ``text`` gives; nil for anything else.
    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), let end = bytes.firstIndex(of: Self.mark) else { return nil }
        guard let rank = String(validating: bytes[..<end], as: UTF8.self),
            let key = String(validating: bytes[(end + 1)...], as: UTF8.self), !rank.isEmpty, !key.isEmpty,
            !bytes.contains(0)
        else { return nil }
        self.init(rank: rank, key: key)
        guard self.text == text else { return nil }
    }

    package var text: String { Base64URL.encode(Array(rank.utf8) + [Self.mark] + Array(key.utf8)) }
}
