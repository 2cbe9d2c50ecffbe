import Cryptography

/// Reads the body of a webhook, after its signature was found good.
public enum StripeEvents {
    /// A webhook's body: an event has one object, with a page of what belongs to it at most.
    public static let bodyBytesMax = 1 << 20

    /// What a body is.
    public enum Content: Sendable {
        /// An event that concerns us.
        case notice(StripeEventNotice)
        /// A good event, of a name that is none of ours: to be answered with 200 and dropped.
        case passedOver(eventID: StripeID, type: String)
    }

    /// Interprets a body.
    ///
    /// - Throws: `stripe_event_thin` for an event of the v2 API, whose route this is not; `stripe_event_malformed`.
    public static func read(_ body: [UInt8]) throws(StripeEventError) -> Content {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: body, limits: JSONLimits(members: 100_000, bytes: bodyBytesMax))
        } catch {
            throw .malformed(error.description)
        }
        if document.root["object"]?.stringEquals("v2.core.event") == true { throw .thin }
        do throws(StripeDecodingError) {
            let event = try StripeEvent(StripeFields(document.root))
            guard let notice = StripeEventNotice(event) else {
                return .passedOver(eventID: event.id, type: event.type)
            }
            return .notice(notice)
        } catch {
            throw .malformed(error.description)
        }
    }
}

/// Why a webhook's body is no event for us.
public enum StripeEventError: Error, Sendable, Equatable {
    /// A thin event of the v2 API: its object is not in it, and it belongs to another route.
    case thin
    /// No event at all; what is wrong with it, without its values.
    case malformed(String)

    /// Stable, for problems and logs.
    public var code: String {
        switch self {
        case .thin: "stripe_event_thin"
        case .malformed: "stripe_event_malformed"
        }
    }

    /// What to do about it.
    public var reason: String {
        switch self {
        case .thin: "a v2 event: subscribe this endpoint to snapshot (v1) events"
        case .malformed(let what): "the body is no event: \(what)"
        }
    }
}
