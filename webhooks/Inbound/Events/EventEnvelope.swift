public import Cryptography

/// What an event says of itself: what decides where it goes. All else is for its handler.
///
/// Source: Stripe's API reference, "The Event object".
public struct EventEnvelope: Hashable, Sendable {
    /// The provider's id of the event, `evt_…`.
    public let id: String
    /// What happened, `payment_intent.succeeded`.
    public let type: String
    /// The id of the object that it happened to; nil where that has none, as a balance.
    public let objectID: String?
    /// What that object is, `payment_intent`; nil where it does not say.
    public let objectType: String?
    /// When the provider made it, Unix milliseconds.
    public let createdMs: Int64
    /// Whether real money is meant; false for test mode.
    public let livemode: Bool
    /// The connected account that it is of; nil for the platform's own.
    public let account: String?
    /// The version of the provider's API that the object in it was written by: the endpoint's, not ours.
    public let apiVersion: String?

    /// Why bytes are no event.
    public enum Refusal: Error, Hashable, Sendable {
        /// An event of the provider's second API, which carries no object.
        case thin
        /// No event; the text says which member is not as it must be.
        case malformed(String)
    }

    /// Characters of an id, a type, an account or a version: several times the longest that is known, and what an index
    /// can hold; past it the event is malformed.
    public static let textMax = 255

    /// Reads an event within the limits.
    /// - Throws: `thin`, `malformed`.
    public init(parsing payload: [UInt8], limits: JSONLimits = .request) throws(Refusal) {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONDocument(parsing: payload, limits: limits).root
        } catch {
            throw .malformed("the body is no JSON: \(error)")
        }
        guard root.kind == .object, let object = root["object"] else { throw .malformed("object is missing") }
        if object.stringEquals("v2.core.event") { throw .thin }
        guard object.stringEquals("event") else { throw .malformed("object is not event") }
        id = try Self.required("id", root["id"])
        type = try Self.required("type", root["type"])
        guard let created = root["created"]?.int64, (0...Self.createdMax).contains(created) else {
            throw .malformed("created is no time in seconds")
        }
        createdMs = created * 1000
        guard let livemode = root["livemode"]?.bool else { throw .malformed("livemode is not true or false") }
        self.livemode = livemode
        account = try Self.optional("account", root["account"])
        apiVersion = try Self.optional("api_version", root["api_version"])
        guard let subject = root["data"]?["object"], subject.kind == .object else {
            throw .malformed("data.object is no object")
        }
        objectID = try Self.optional("data.object.id", subject["id"])
        objectType = try Self.optional("data.object.object", subject["object"])
    }

    private init(_ other: EventEnvelope, account: String) {
        id = other.id
        type = other.type
        objectID = other.objectID
        objectType = other.objectType
        createdMs = other.createdMs
        livemode = other.livemode
        self.account = account
        apiVersion = other.apiVersion
    }

    /// This event as one of an account.
    func of(account: String) -> EventEnvelope { EventEnvelope(self, account: account) }

    /// The year 9999 in Unix seconds.
    private static let createdMax: Int64 = 253_402_300_799

    private static func required(_ name: String, _ value: JSONValue?) throws(Refusal) -> String {
        guard let text = try optional(name, value) else { throw .malformed("\(name) is missing") }
        return text
    }

    private static func optional(_ name: String, _ value: JSONValue?) throws(Refusal) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string, (1...textMax).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .malformed("\(name) is not a text of 1 to \(textMax) visible ASCII characters") }
        return text
    }
}
