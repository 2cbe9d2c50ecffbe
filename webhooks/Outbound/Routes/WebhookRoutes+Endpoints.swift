import Cryptography
import PostgresClient
import Service

extension WebhookRoutes {
    var createRoute: Route {
        Route(
            .post, "/api/webhook-endpoints", id: "createWebhookEndpoint", summary: "Registers a webhook endpoint.",
            description: """
                Deliveries follow the Standard Webhooks specification. `secret` is in this answer and in no other. The \
                endpoint is told of everything that happens from now on, each event at least once; repetitions have \
                the same `webhook-id`. A service without scope `read` is told of what it created itself: settlements, \
                refunds, payments, payouts, disputes, escrows and payees.
                """,
            tag: Self.tag, auth: .signed(note: "a service with any scope"), request: WebhookSchema.newEndpoint,
            responses: [.json(201, "The endpoint, with its secret.", WebhookSchema.endpointWithSecret)],
            errors: [
                .fieldInvalid, .webhookURLRefused, .webhookEventTypeUnknown, .webhookEndpointExists,
                .webhookEndpointsTooMany,
            ] + Self.common
        ) { call in
            let owner = try owner(call)
            let body = try WebhookBody(call)
            guard let url = try body.url(allowances) else { throw Problem(.fieldInvalid, "url is missing") }
            guard let subscriptions = try body.subscriptions() else {
                throw Problem(.fieldInvalid, "event_types is missing")
            }
            let secret = try newSecret()
            let new = NewEndpoint(
                id: makeID("whe_"), owner: owner, url: url, subscriptions: subscriptions, secret: secret)
            let result = try await stored { () throws(PostgresError) in try await store.create(new, nowMs: clock()) }
            return try reply(201, result, secret: secret)
        }
    }

    var listRoute: Route {
        Route(
            .get, "/api/webhook-endpoints", id: "listWebhookEndpoints", summary: "The caller's webhook endpoints.",
            tag: Self.tag, auth: .signed(note: "a service with any scope"),
            responses: [.json(200, "All of them, oldest first.", .page(of: WebhookSchema.endpoint))],
            errors: Self.common
        ) { call in
            let owner = try owner(call)
            let endpoints = try await stored { () throws(PostgresError) in try await store.endpoints(of: owner) }
            let items = endpoints.map { endpoint in
                var out = JSONWriter()
                WebhookJSON.write(endpoint, to: &out)
                return out.bytes
            }
            return .page(items, next: nil)
        }
    }

    var readRoute: Route {
        Route(
            .get, "/api/webhook-endpoints/{id}", id: "getWebhookEndpoint", summary: "One webhook endpoint.",
            tag: Self.tag, auth: .signed(note: "the service that registered it"),
            responses: [.json(200, "The endpoint.", WebhookSchema.endpoint)],
            errors: [.webhookEndpointUnknown] + Self.common
        ) { call in
            let owner = try owner(call)
            let id = call.parameter("id")
            let found = try await stored { () throws(PostgresError) in try await store.endpoint(id, of: owner) }
            return try reply(200, found.map { .done($0) } ?? .unknown)
        }
    }

    var changeRoute: Route {
        Route(
            .patch, "/api/webhook-endpoints/{id}", id: "changeWebhookEndpoint", summary: "Changes a webhook endpoint.",
            description: """
                What is left out stays. Enabling an endpoint again lets what waited go out, and delivers what happened \
                while it was disabled.
                """,
            tag: Self.tag, auth: .signed(note: "the service that registered it"),
            request: WebhookSchema.endpointChange,
            responses: [.json(200, "The endpoint as it is now.", WebhookSchema.endpoint)],
            errors: [
                .fieldInvalid, .webhookURLRefused, .webhookEventTypeUnknown, .webhookEndpointUnknown,
                .webhookEndpointExists,
            ] + Self.common
        ) { call in
            let owner = try owner(call)
            let id = call.parameter("id")
            let body = try WebhookBody(call)
            let change = EndpointChange(
                url: try body.url(allowances), subscriptions: try body.subscriptions(), status: try body.status())
            let result = try await stored { () throws(PostgresError) in
                try await store.update(id, of: owner, change, actor: owner.string, nowMs: clock())
            }
            return try reply(200, result)
        }
    }

    var deleteRoute: Route {
        Route(
            .delete, "/api/webhook-endpoints/{id}", id: "deleteWebhookEndpoint", summary: "Removes a webhook endpoint.",
            description: "With its secrets and deliveries: what was not delivered will not be.",
            tag: Self.tag, auth: .signed(note: "the service that registered it"),
            responses: [.empty(204, "It is gone.")], errors: [.webhookEndpointUnknown] + Self.common
        ) { call in
            let owner = try owner(call)
            let id = call.parameter("id")
            let had = try await stored { () throws(PostgresError) in try await store.delete(id, of: owner) }
            guard had else { throw Problem(.webhookEndpointUnknown) }
            return .empty()
        }
    }

    var rotateRoute: Route {
        Route(
            .post, "/api/webhook-endpoints/{id}/rotate-secret", id: "rotateWebhookSecret",
            summary: "Gives a webhook endpoint a new secret.",
            description: """
                For `overlap_seconds`, a day unless it is given, deliveries carry a signature by each secret; 0 ends \
                the old ones at once. The new secret is in this answer and in no other.
                """,
            tag: Self.tag, auth: .signed(note: "the service that registered it"), request: WebhookSchema.rotation,
            responses: [.json(200, "The endpoint, with its new secret.", WebhookSchema.endpointWithSecret)],
            errors: [.fieldInvalid, .webhookEndpointUnknown, .webhookSecretsTooMany] + Self.common
        ) { call in
            let owner = try owner(call)
            let id = call.parameter("id")
            let overlapMs = try WebhookBody(call).overlapMs() ?? WebhookStore.overlapMs
            let secret = try newSecret()
            let result = try await stored { () throws(PostgresError) in
                try await store.rotate(id, of: owner, to: secret, overlapMs: overlapMs, nowMs: clock())
            }
            guard result != .tooMany else {
                throw Problem(
                    .webhookSecretsTooMany,
                    "\(WebhookStore.secretsMax) are valid: wait until one ends, or end them with overlap_seconds 0")
            }
            let found = try await stored { () throws(PostgresError) in try await store.endpoint(id, of: owner) }
            guard result == .done, let found else { throw Problem(.webhookEndpointUnknown) }
            return try reply(200, .done(found), secret: secret)
        }
    }
}
