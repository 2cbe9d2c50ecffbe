/// Keys that clients ask by.
enum RelayKey {
    /// Whether the database can hold the text at all, and something could be found under it.
    static func isStorable(_ text: String) -> Bool {
        text.utf8.count <= RelayLimits.queryValue && !text.utf8.contains(0)
    }

    /// `identity` of `identity-op`, `content` of `content-op`, the rest as they are.
    static func chainType(ofKind kind: String) -> String {
        kind.utf8.elementsEqual("identity-op".utf8) || kind.utf8.elementsEqual("content-op".utf8)
            ? String(kind.dropLast(3)) : kind
    }
}
