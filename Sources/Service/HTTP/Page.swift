import Cryptography

/// Which part of a list a caller asked for with `?limit=&cursor=`.
public struct Page: Sendable {
    /// How many items at most, 1 or more.
    public let limit: Int
    /// The bytes that the previous page's `Reply.page(_:next:)` was given; nil for the first page. They come from the
    /// caller: parse them as untrusted.
    public let cursor: [UInt8]?
}

extension Call {
    /// Reads `limit` and `cursor` from the query.
    ///
    /// - Throws: `limit_invalid` when `limit` is not an integer in 1 … `max`; `cursor_invalid` when `cursor` is not
    ///   one that this service gave out; `query_invalid`.
    public func page(defaultLimit: Int = 50, max: Int = 500) throws(Problem) -> Page {
        var limit = defaultLimit
        if let text = try queryValue("limit") {
            guard let value = Int(text), text.utf8.first != UInt8(ascii: "+"), (1...max).contains(value) else {
                throw Problem(.limitInvalid, "limit is an integer from 1 to \(max)")
            }
            limit = value
        }
        guard let text = try queryValue("cursor") else { return Page(limit: limit, cursor: nil) }
        guard text.utf8.count <= ServiceLimits.cursor * 2, let cursor = Base64URL.decode(text), !cursor.isEmpty,
            cursor.count <= ServiceLimits.cursor
        else { throw Problem(.cursorInvalid, "cursor is not one that a previous page gave") }
        return Page(limit: limit, cursor: cursor)
    }
}
