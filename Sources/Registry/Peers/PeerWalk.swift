/// Reading a peer's log page by page. Pure: it is told what was answered, and says what to do.
///
/// Only cursors that the peer gave are kept, never one made of a row. A cursor that the peer does not know starts the
/// walk over, once; the fresh start is kept only when its first page has come, so that one wrong answer on the way does
/// not lose the place.
///
/// Source: DFOS WEB-RELAY, sync discipline.
package struct PeerWalk: Sendable {
    /// What to do next.
    package enum Move: Sendable, Equatable {
        /// Take these, keep the place when there is one to keep, and ask for the next page.
        case take([String], keep: Place?)
        /// Take these, keep the place, and end.
        case takeLast([String], keep: Place?)
        /// Ask again from the start.
        case restart
        /// End without success.
        case fail(String)
    }

    /// A cursor to be kept; nil within: the start.
    package struct Place: Sendable, Equatable {
        package let after: String?

        package init(after: String?) { self.after = after }
    }

    /// After which cursor the next page is to be asked for.
    package private(set) var after: String?
    private var taken = 0
    private var hasRestarted = false
    /// The walk began anew, and no page has come since.
    private var isFresh = false
    private let operationsMax: Int

    package init(after: String?, operationsMax: Int = RelayLimits.operationsPerSync) {
        self.after = after
        self.operationsMax = operationsMax
    }

    package mutating func received(_ answer: PeerPage.Answer) -> Move {
        switch answer {
        case .page(let page): return took(page)
        case .cursorUnknown:
            guard after != nil, !hasRestarted else { return .fail("the peer refuses its own cursor") }
            hasRestarted = true
            isFresh = true
            after = nil
            return .restart
        case .unknown: return .fail("the peer has no such log")
        case .failed(let why): return .fail(why)
        }
    }

    private mutating func took(_ page: PeerPage) -> Move {
        taken += page.tokens.count
        let wasFresh = isFresh
        isFresh = false
        guard let next = page.next else {
            // Read to its end: the last place is kept, and the last page read again the next time.
            return .takeLast(page.tokens, keep: wasFresh ? Place(after: nil) : nil)
        }
        // A cursor that does not move, or a page of nothing, would be a walk without end.
        guard next != after, !page.tokens.isEmpty else { return .takeLast(page.tokens, keep: nil) }
        after = next
        let place = Place(after: next)
        return taken >= operationsMax ? .takeLast(page.tokens, keep: place) : .take(page.tokens, keep: place)
    }
}
