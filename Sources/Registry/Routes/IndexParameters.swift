import ProofChain
import Service

/// The index's query parameters, each with its refusal.
extension Call {
    /// An absent filter is nil.
    /// - Throws: `query_invalid` for anything but `true` and `false`, the empty text included.
    func relayBool(_ name: String) throws(Problem) -> Bool? {
        switch try relayQuery(name) {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw Problem(.queryInvalid, "invalid boolean")
        }
    }

    /// An absent or empty filter is nil.
    /// - Throws: `query_invalid` for what is no did:dfos identifier.
    func relayDID(_ name: String) throws(Problem) -> String? {
        guard let text = try relayText(name) else { return nil }
        guard (try? DFOSDID(text)) != nil else { throw Problem(.queryInvalid, "invalid DID") }
        return text
    }

    /// An absent or empty filter is nil.
    func relayText(_ name: String) throws(Problem) -> String? {
        try relayQuery(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The order asked for, and where to go on in it.
    /// - Throws: `query_invalid` for an order that is none of `columns`, `cursor_invalid` for a cursor that the order
    ///   did not give.
    func relayOrder(
        _ page: PageRequest, _ columns: [IndexOrder.TimeColumn], default column: IndexOrder.TimeColumn? = nil
    ) throws(Problem) -> IndexOrder {
        var column = column
        if let text = try relayQuery("order") {
            guard let asked = columns.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) }) else {
                throw Problem(.queryInvalid, "invalid order")
            }
            column = asked
        }
        guard let column else { return .key(after: page.after ?? "") }
        guard let after = page.after else { return .time(column, after: nil) }
        guard let cursor = OrderedCursor(after), column.accepts(cursor.rank) else {
            throw Problem(.cursorInvalid, "invalid cursor")
        }
        return .time(column, after: cursor)
    }
}

extension IndexOrder.TimeColumn {
    /// Whether a cursor's rank is a value of this column: milliseconds for the time of ingestion, else a signed time.
    func accepts(_ rank: String) -> Bool {
        self == .ingestedAt ? Int64(rank) != nil : (try? ProofChain.Timestamp(rank)) != nil
    }

    /// The parameters that such lists take.
    static func parameter(_ columns: [Self]) -> Parameter {
        .query("order", .enumeration(columns.map(\.rawValue)), "Newest first by this time; by key when absent.")
    }
}
