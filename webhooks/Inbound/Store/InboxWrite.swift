/// An event on its way into the inbox.
struct NewEvent: Sendable {
    let source: WebhookSource
    let envelope: EventEnvelope
    let payload: [UInt8]
    let receivedAtMs: Int64

    var key: EventKey { EventKey(source: source.rawValue, eventID: envelope.id) }
}

/// What an event is known by, within a book.
struct EventKey: Hashable, Sendable, Comparable {
    let source: String
    let eventID: String

    /// Writers of several processes take rows in one order, so that none waits for the other in a circle.
    static func < (left: EventKey, right: EventKey) -> Bool {
        (left.source, left.eventID) < (right.source, right.eventID)
    }
}

/// What a worker says of an event that it had.
struct Mark: Sendable {
    let key: EventKey
    /// The claim it had it by: a worker whose time ran out changes nothing.
    let claim: Int64
    let verdict: Verdict
}

/// One thing for the writer to do, and where its outcome goes.
enum InboxWrite: Sendable {
    case insert(NewEvent, @Sendable (Result<Arrival, InboxFailure>) -> Void)
    case mark(Mark, @Sendable (Result<Void, InboxFailure>) -> Void)

    var byteCount: Int {
        switch self {
        case .insert(let event, _): event.payload.count
        case .mark: 0
        }
    }

    func fail(_ failure: InboxFailure) {
        switch self {
        case .insert(_, let answer): answer(.failure(failure))
        case .mark(_, let answer): answer(.failure(failure))
        }
    }
}
