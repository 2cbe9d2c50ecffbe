import Cryptography

/// Events: made with each change, kept for the list, delivered as signed webhooks.
extension StripeWorld {
    /// The wait before a refused webhook comes again: this at first, then twice as long each time, …
    private static let retryWaitMs: Int64 = 5 * 60_000
    /// … up to this.
    private static let retryWaitMsMax: Int64 = 12 * 3_600_000

    /// Makes the event that an object changed, as it is now.
    mutating func emit(_ type: String, id object: String, nowMs: Int64, previous: StripeFields? = nil) {
        guard let record = objects[object] else { return }
        emit(type, .object(record.fields), owner: record.owner, nowMs: nowMs, previous: previous)
    }

    /// Makes an event of an account's.
    mutating func emit(
        _ type: String, _ object: StripeValue, owner: String, nowMs: Int64, previous: StripeFields? = nil
    ) {
        let fault = faults.next(forEvent: type)
        addEvent(type, object, owner, nowMs, previous, fault)
        if fault == .twin { addEvent(type, object, owner, nowMs, previous, nil) }
    }

    private mutating func addEvent(
        _ type: String, _ object: StripeValue, _ owner: String, _ nowMs: Int64, _ previous: StripeFields?,
        _ fault: StripeEventFault?
    ) {
        var data: StripeFields = ["object": object]
        if let previous { data["previous_attributes"] = .object(previous) }
        var fields: StripeFields = [
            "type": .string(type), "data": .object(data), "livemode": false, "pending_webhooks": 0,
            "api_version": .string(configuration.apiVersion),
            "request": [
                "id": .optional(requestInHand?.id), "idempotency_key": .optional(requestInHand?.key),
            ],
        ]
        let isConnect = owner != configuration.platform
        if isConnect { fields["account"] = .string(owner) }
        let event = create("event", id: newID("evt"), owner: owner, nowMs: nowMs, fields)
        if !isConnect { objects[event]?.fields["account"] = nil }
        let endpoints = configuration.endpoints.filter {
            $0.isConnect == isConnect && ($0.types.contains("*") || $0.types.contains(type))
        }
        for endpoint in endpoints {
            switch fault {
            case .dropped: events.fail(event)
            case .delayed(let delayMs): events.add(event, to: endpoint.id, dueMs: nowMs + delayMs)
            case .overtaken: events.add(event, to: endpoint.id, dueMs: nowMs, behind: endpoints.count)
            case .delivered(let twiceAfterMs):
                events.add(event, to: endpoint.id, dueMs: nowMs)
                events.add(event, to: endpoint.id, dueMs: nowMs + twiceAfterMs)
            case .twin, nil: events.add(event, to: endpoint.id, dueMs: nowMs)
            }
        }
        refreshPendingCount(of: event)
    }

    private mutating func refreshPendingCount(of event: String) {
        change(event, ["pending_webhooks": .int(Int64(events.standings[event]?.pendingCount ?? 0))])
    }

    /// Takes the webhooks whose time has come, signed with the time that it is, in the order in which they arrive.
    /// Those taken count as delivered unless ``refuseWebhook(_:nowMs:)`` gives them back.
    public mutating func takeWebhooks(nowMs: Int64) -> [StripeWebhook] {
        let nowMs = pass(toMs: nowMs)
        var webhooks: [StripeWebhook] = []
        for delivery in events.take(byMs: nowMs) {
            guard let endpoint = configuration.endpoints.first(where: { $0.id == delivery.endpoint }),
                let event = objects[delivery.event]
            else { continue }
            let body = StripeValue.object(event.fields).bytes
            refreshPendingCount(of: delivery.event)
            webhooks.append(
                StripeWebhook(
                    id: delivery.id, endpoint: endpoint.id, url: endpoint.url, event: delivery.event,
                    type: event.string("type") ?? "", attempt: delivery.attempt, body: body,
                    signature: Self.sign(body, secrets: endpoint.secrets, atSeconds: nowMs / 1000)))
        }
        return webhooks
    }

    /// When the next webhook is due; nil when none is.
    public var nextWebhookAtMs: Int64? { events.waiting.map(\.dueMs).min() }

    /// The receiver did not answer 2xx: the event counts as not delivered and comes again, after ever longer waits,
    /// for `configuration.webhookRetriedMs`.
    public mutating func refuseWebhook(_ webhook: StripeWebhook, nowMs: Int64) {
        let nowMs = pass(toMs: nowMs)
        guard let event = objects[webhook.event] else { return }
        let doublings = min(webhook.attempt - 1, 16)
        let dueMs = nowMs + min(Self.retryWaitMs << doublings, Self.retryWaitMsMax)
        if dueMs - event.createdMs > configuration.webhookRetriedMs {
            events.fail(webhook.event)
        } else {
            events.add(webhook.event, to: webhook.endpoint, attempt: webhook.attempt + 1, dueMs: dueMs)
        }
        refreshPendingCount(of: webhook.event)
    }

    /// `Stripe-Signature` for a body: `t=<unix>`, and `v1=` with the HMAC of `<t>.<body>` under each secret.
    public static func sign(_ body: [UInt8], secrets: [String], atSeconds seconds: Int64) -> String {
        let message = Array("\(seconds).".utf8) + body
        let tags = secrets.map { "v1=" + Hex.encode(HMACSHA256.authenticate(message, key: Array($0.utf8))) }
        return (["t=\(seconds)"] + tags).joined(separator: ",")
    }

    /// The secrets of an endpoint from now on: two while one replaces the other.
    public mutating func setSecrets(_ secrets: [String], ofEndpoint id: String) {
        for index in configuration.endpoints.indices where configuration.endpoints[index].id == id {
            configuration.endpoints[index].secrets = secrets
        }
    }

    // MARK: - GET /v1/events

    func events(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "GET /v1/events/{id}":
            return .object(try find("event", call.id, owner: call.owner).fields)
        case "GET /v1/events":
            let types = call.parameters["types"]?.items?.compactMap(\.string)
            let isDelivered = call.parameters["delivery_success"]?.bool
            return try list("event", call) { event in
                let type = event.string("type") ?? ""
                let standing = events.standings[event.id] ?? .init()
                return (call.string("type").map { Self.matches(type, $0) } ?? true)
                    && (types.map { $0.contains { Self.matches(type, $0) } } ?? true)
                    && (isDelivered.map { $0 == standing.isDelivered } ?? true)
            }
        default: return nil
        }
    }

    /// `charge.refunded`, or every type of `charge.*`.
    private static func matches(_ type: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? type.hasPrefix(pattern.dropLast()) : type == pattern
    }
}
