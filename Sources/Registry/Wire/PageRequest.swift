import Service

/// `?after=&limit=` of the relay protocol: an absent or empty `after` is none, a `limit` that is no positive integer is
/// the default, and one above the maximum is the maximum.
package struct PageRequest: Hashable {
    package let after: String?
    package let limit: Int

    package init(after: String?, limit: String?) {
        self.after = after.flatMap { $0.isEmpty ? nil : $0 }
        self.limit = Self.limit(limit)
    }

    /// - Throws: `query_invalid` for a parameter that is given twice, is not UTF-8, or is too long.
    init(_ call: Call) throws(Problem) {
        self.init(after: try call.relayQuery("after"), limit: try call.relayQuery("limit"))
    }

    /// The bytes of `-?[0-9]+`; anything else, and less than one, is the default.
    private static func limit(_ text: String?) -> Int {
        guard let text, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return RelayLimits.pageDefault
        }
        // More digits than fit are more than the maximum.
        let value = Int(text) ?? RelayLimits.pageMax
        return value < 1 ? RelayLimits.pageDefault : min(value, RelayLimits.pageMax)
    }

    /// The key to go on from: that of the last row when the page is full.
    func next(_ count: Int, _ last: String?) -> String? { count == limit ? last : nil }
}

extension Call {
    /// A query parameter's value; nil when it is absent.
    /// - Throws: `query_invalid`.
    func relayQuery(_ name: String) throws(Problem) -> String? {
        let value = try queryValue(name)
        guard (value?.utf8.count ?? 0) <= RelayLimits.queryValue, value?.utf8.contains(0) != true else {
            throw Problem(.queryInvalid, "\(name) is too long, or holds NUL")
        }
        return value
    }
}
