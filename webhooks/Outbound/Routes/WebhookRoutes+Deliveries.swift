import Cryptography
import PostgresClient
import Service

extension WebhookRoutes {
    var testRoute: Route {
        Route(
            .post, "/api/webhook-endpoints/{id}/test", id: "testWebhookEndpoint",
            summary: "Delivers a test event to a webhook endpoint.",
            description: "Its type is `webhook.test`. How it went is under the endpoint's deliveries in a moment.",
            tag: Self.tag, auth: .signed(note: "the service that registered it"),
            responses: [.json(202, "The delivery, due now.", WebhookSchema.delivery)],
            errors: [.webhookEndpointUnknown, .webhookEndpointDisabled] + Self.common
        ) { call in
            let owner = try owner(call)
            let id = call.parameter("id")
            let deliveryID = makeID(WebhookDelivery.prefix)
            let result = try await stored { () throws(PostgresError) in
                try await store.test(id, of: owner, deliveryID: deliveryID, nowMs: clock())
            }
            return try reply(result, unknown: .webhookEndpointUnknown)
        }
    }

    var deliveriesRoute: Route {
        Route(
            .get, "/api/webhook-endpoints/{id}/deliveries", id: "listWebhookDeliveries",
            summary: "Deliveries of a webhook endpoint, newest first.",
            description: "Those that ended more than 30 days ago are not kept.",
            tag: Self.tag, auth: .signed(note: "the service that registered it"),
            parameters: [
                .query("status", .enumeration(WebhookDelivery.Status.allCases.map(\.rawValue)), "Only those.")
            ] + Parameter.page,
            responses: [.json(200, "A page.", .page(of: WebhookSchema.delivery))],
            errors: [.webhookEndpointUnknown, .limitInvalid, .cursorInvalid] + Self.common
        ) { call in
            let owner = try owner(call)
            let id = call.parameter("id")
            let page = try call.page()
            let cursor = try page.cursor.map { bytes throws(Problem) in try Self.cursor(bytes) }
            let status = try status(call)
            let found = try await stored { () throws(PostgresError) -> [WebhookDelivery]? in
                guard try await store.endpoint(id, of: owner) != nil else { return nil }
                return try await store.deliveries(of: id, status: status, before: cursor, limit: page.limit + 1)
            }
            guard let found else { throw Problem(.webhookEndpointUnknown) }
            let shown = found.prefix(page.limit)
            let next = found.count > page.limit ? shown.last.map { "\($0.createdAtMs) \($0.id)" } : nil
            let items = shown.map { delivery in
                var out = JSONWriter()
                WebhookJSON.write(delivery, to: &out)
                return out.bytes
            }
            return .page(items, next: next.map { Array($0.utf8) })
        }
    }

    private func status(_ call: Call) throws(Problem) -> WebhookDelivery.Status? {
        guard let text = try call.queryValue("status") else { return nil }
        guard let status = WebhookDelivery.Status(rawValue: text) else {
            throw Problem(.queryInvalid, "status is pending, delivered or failed")
        }
        return status
    }

    /// Reads what the page before gave: a time and an id.
    private static func cursor(_ bytes: [UInt8]) throws(Problem) -> DeliveryCursor {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let createdAtMs = Int64(parts[0]), !parts[1].utf8.contains(0) else {
            throw Problem(.cursorInvalid, "cursor is not one that a previous page gave")
        }
        return DeliveryCursor(createdAtMs: createdAtMs, id: String(parts[1]))
    }

    var redeliverRoute: Route {
        Route(
            .post, "/api/webhook-deliveries/{id}/redeliver", id: "redeliverWebhook",
            summary: "Delivers something again.",
            description: "Whatever became of it; with the same `webhook-id` and bytes, and all attempts before it.",
            tag: Self.tag, auth: .signed(note: "the service that registered the endpoint"),
            responses: [.json(202, "The delivery, due now.", WebhookSchema.delivery)],
            errors: [.webhookDeliveryUnknown, .webhookEndpointDisabled] + Self.common
        ) { call in
            let owner = try owner(call)
            let id = call.parameter("id")
            let result = try await stored { () throws(PostgresError) in
                try await store.redeliver(id, of: owner, nowMs: clock())
            }
            return try reply(result, unknown: .webhookDeliveryUnknown)
        }
    }
}
