extension StripeClient {
    /// Pages that one reading takes: 10,000 objects. Past that the answer says that there are more.
    public static let pagesMax = 100

    /// What a reading of a list brought.
    public struct Reading<Element: Sendable>: Sendable {
        /// The objects, the latest first.
        public let elements: [Element]
        /// Whether that is all of them. Only then does an absence say anything.
        public let isWhole: Bool
    }

    /// Reads a list, page by page.
    ///
    /// - Parameter limit: ends after the page on which this many are there.
    /// - Throws: as `read`; what was read before is lost.
    public func list<Element>(
        _ collection: StripeCollection<Element>, _ filter: StripeFilter = StripeFilter(), on account: StripeID? = nil,
        limit: Int = .max
    ) async throws(StripeReadError) -> Reading<Element> {
        var elements: [Element] = []
        for _ in 0..<Self.pagesMax {
            let page = try await read(
                collection.page(filter, after: elements.last?.id, on: account), as: StripeList<Element>.self)
            elements += page.data
            guard page.hasMore, !page.data.isEmpty else { return Reading(elements: elements, isWhole: true) }
            if elements.count >= limit { break }
        }
        return Reading(elements: elements, isWhole: false)
    }

    /// Reads those that come right after one in time: the nearest, the latest first, and whether there are more.
    public func newer<Element>(
        _ collection: StripeCollection<Element>, than id: StripeID, limit: Int, on account: StripeID? = nil
    ) async throws(StripeReadError) -> StripeList<Element> {
        try await read(
            collection.pageNewer(than: id, limit: limit, on: account), as: StripeList<Element>.self)
    }

    /// Looks an object up by our reference.
    ///
    /// - Returns: the object; nil where it is certainly not there.
    /// - Throws: as `read`; `failed` where the list is too long to be sure that it is absent.
    public func find<Element>(
        _ reference: String, in collection: StripeCollection<Element>, _ filter: StripeFilter,
        on account: StripeID? = nil
    ) async throws(StripeReadError) -> Element? {
        var last: StripeID?
        for _ in 0..<Self.pagesMax {
            let page = try await read(
                collection.page(filter, after: last, on: account), as: StripeList<Element>.self)
            if let found = page.data.first(where: { $0.metadata[StripeCall.referenceName] == reference }) {
                return found
            }
            guard page.hasMore, let end = page.data.last else { return nil }
            last = end.id
        }
        throw .failed(StripeFailure(.answerMalformed, "the list is too long to say that the object is absent"))
    }
}
