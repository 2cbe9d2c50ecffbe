/// `/v1/webhook_endpoints`: what ``StripeConfiguration/endpoints`` holds, by the API.
extension StripeWorld {
    mutating func webhookEndpoints(_ call: StripeCall) throws(StripeFailure) -> StripeValue? {
        switch call.operation {
        case "POST /v1/webhook_endpoints":
            let types = (call.parameters["enabled_events"]?.items ?? []).compactMap(\.string)
            let secret = "whsec_" + random.letters(32)
            let endpoint = StripeEndpoint(
                id: newID("we"), url: call.string("url") ?? "", isConnect: call.bool("connect"), secrets: [secret],
                types: types)
            configuration.endpoints.append(endpoint)
            create(
                "webhook_endpoint", id: endpoint.id, owner: call.owner, nowMs: call.nowMs,
                [
                    "url": .string(endpoint.url), "status": "enabled",
                    "enabled_events": .array(types.map { .string($0) }),
                    "api_version": .string(configuration.apiVersion),
                    "description": call.parameters["description"] ?? .null,
                    "metadata": try Self.metadata(call.parameters["metadata"]),
                ])
            // The secret is shown once.
            guard var fields = objects[endpoint.id]?.fields else { return nil }
            fields["secret"] = .string(secret)
            return .object(fields)
        case "GET /v1/webhook_endpoints": return try list("webhook_endpoint", call)
        case "GET /v1/webhook_endpoints/{webhook_endpoint}":
            return .object(try find("webhook_endpoint", call.id, owner: call.owner).fields)
        case "DELETE /v1/webhook_endpoints/{webhook_endpoint}":
            _ = try find("webhook_endpoint", call.id, owner: call.owner)
            configuration.endpoints.removeAll { $0.id == call.id }
            objects[call.id] = nil
            idsByKind["webhook_endpoint"]?.removeAll { $0 == call.id }
            return ["id": .string(call.id), "object": "webhook_endpoint", "deleted": true]
        default: return nil
        }
    }
}
