/// A page of the list of events, each as its bytes: what a webhook would have brought.
public struct StripeEventPage: StripeObject {
    /// The events, the latest first.
    public let events: [[UInt8]]
    /// What gives the next page; nil on the last one.
    public let next: StripeID?

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "list")
        let elements: [RawEvent] = try fields.list("data")
        events = elements.map(\.bytes)
        next = try fields.bool("has_more") ? elements.last?.id : nil
    }

    private struct RawEvent: StripeObject {
        let id: StripeID
        let bytes: [UInt8]

        init(_ fields: StripeFields) throws(StripeDecodingError) {
            id = try fields.id()
            bytes = fields.bytes
        }
    }
}

extension StripeClient {
    /// Reads a page of what happened since a time, whether its webhook came or not. Stripe keeps 30 days.
    ///
    /// - Parameters:
    ///   - after: the `next` of the page before; nil: the first page.
    ///   - account: the connected account on which it happened; nil: ours.
    public func events(
        sinceMs: Int64, after: StripeID?, on account: StripeID? = nil
    ) async throws(StripeReadError) -> StripeEventPage {
        let filter = StripeFilter(createdFromMs: sinceMs)
        return try await read(
            StripeCollection.events.page(filter, after: after, on: account), as: StripeEventPage.self)
    }
}
