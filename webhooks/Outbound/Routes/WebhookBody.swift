import Cryptography
import Service

/// Reads members of the routes' bodies, each with its rule.
struct WebhookBody {
    private let root: JSONValue

    /// Bytes of a URL, at most: what every server takes.
    static let urlBytesMax = 2048

    /// - Throws: `malformed_json`, `field_invalid` when the body is no object.
    init(_ call: Call) throws(Problem) {
        root = try call.json().root
        guard root.kind == .object else { throw Problem(.fieldInvalid, "the body is a JSON object") }
    }

    private subscript(name: String) -> JSONValue? {
        guard let value = root[name], !value.isNull else { return nil }
        return value
    }

    /// The URL; nil where it is left out.
    /// - Throws: `field_invalid`; `webhook_url_refused` with the reason.
    func url(_ allowances: WebhookAllowances) throws(Problem) -> String? {
        guard let value = self["url"] else { return nil }
        guard let url = value.string, (1...Self.urlBytesMax).contains(url.utf8.count) else {
            throw Problem(.fieldInvalid, "url is an absolute https URL of up to \(Self.urlBytesMax) characters")
        }
        if let reason = allowances.refusal(of: url) { throw Problem(.webhookURLRefused, reason) }
        return url
    }

    /// What the endpoint is told of; nil where it is left out.
    /// - Throws: `field_invalid`, `webhook_event_type_unknown`.
    func subscriptions() throws(Problem) -> [EventSubscription]? {
        guard let value = self["event_types"] else { return nil }
        guard value.kind == .array, (1...EventSubscription.countMax).contains(value.count) else {
            throw Problem(.fieldInvalid, "event_types is a list of 1 to \(EventSubscription.countMax) event types")
        }
        var subscriptions: [EventSubscription] = []
        for element in value.elements {
            guard let text = element.string else { throw Problem(.fieldInvalid, "event_types holds strings") }
            guard let subscription = EventSubscription(text) else {
                throw Problem(
                    .webhookEventTypeUnknown,
                    "event_types names a type that no event has: take settlement.created, settlement.* or * for example"
                )
            }
            if !subscriptions.contains(subscription) { subscriptions.append(subscription) }
        }
        return subscriptions
    }

    /// Whether deliveries are to go out; nil where it is left out.
    /// - Throws: `field_invalid`.
    func status() throws(Problem) -> WebhookEndpoint.Status? {
        guard let value = self["status"] else { return nil }
        guard let status = value.string.flatMap(WebhookEndpoint.Status.init) else {
            throw Problem(.fieldInvalid, "status is enabled or disabled")
        }
        return status
    }

    /// How long old secrets stay valid; nil where it is left out.
    /// - Throws: `field_invalid`.
    func overlapMs() throws(Problem) -> Int64? {
        guard let value = self["overlap_seconds"] else { return nil }
        let most = WebhookStore.overlapMs / 1000
        guard let seconds = value.int64, (0...most).contains(seconds) else {
            throw Problem(.fieldInvalid, "overlap_seconds is an integer from 0 to \(most)")
        }
        return seconds * 1000
    }
}
