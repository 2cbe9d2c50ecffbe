/// One page of a provider's list of events.
public struct EventPage: Sendable {
    /// Events as JSON texts, in the provider's order.
    public let events: [[UInt8]]
    /// What gives the next page; nil on the last one.
    public let next: String?

    /// A page.
    public init(events: [[UInt8]], next: String?) {
        self.events = events
        self.next = next
    }
}

/// Asks a provider for the events made since a time (Unix milliseconds, inclusive), a page at a time: the first page
/// with nil, each further one with the `next` of the page before. It must not give more than ``EventSweep/pageMax``
/// events a page. What it throws ends the round; the next one goes on from the same page.
public typealias EventListing = @Sendable (_ sinceMs: Int64, _ after: String?) async throws -> EventPage
