import Cryptography

extension OpenAPIDocument {
    /// Refuses a table whose document would not be valid.
    static func check(_ routes: [Route]) throws(ServiceSetupError) {
        var ids = Set<String>()
        for route in routes {
            guard ids.insert(route.id).inserted else { throw ServiceSetupError("\(route.id) names two routes") }
            guard !route.responses.isEmpty else { throw ServiceSetupError("\(route.id) has no response") }
            let statuses = route.responses.map(\.status)
            guard Set(statuses).count == statuses.count, statuses.allSatisfy((200...599).contains) else {
                throw ServiceSetupError("\(route.id) has a status twice, or one that is none")
            }
            let names = pathNames(route.path)
            guard Set(names).count == names.count else { throw ServiceSetupError("\(route.path) repeats a name") }
            for parameter in route.parameters where parameter.place == .path && !names.contains(parameter.name) {
                throw ServiceSetupError("\(route.path) has no parameter \(parameter.name)")
            }
            let all = route.parameters.map { "\($0.place) \($0.name)" }
            guard Set(all).count == all.count else { throw ServiceSetupError("\(route.id) repeats a parameter") }
        }
    }

    func writeComponents(_ writer: inout JSONWriter) {
        writer.key("components")
        writer.beginObject()
        writer.key("schemas")
        writer.beginObject()
        var names: [String: Schema] = ["Problem": Self.problem]
        for route in routes {
            route.request?.collectNamed(into: &names)
            for response in route.responses { response.schema?.collectNamed(into: &names) }
            route.dialect?.errorSchema.collectNamed(into: &names)
            for parameter in route.parameters { parameter.schema.collectNamed(into: &names) }
        }
        for (name, schema) in names.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            schema.write(to: &writer)
        }
        writer.endObject()
        writeHeadersAndParameters(&writer)
        writeSecurity(&writer)
        writer.endObject()
    }

    private func writeHeadersAndParameters(_ writer: inout JSONWriter) {
        writer.key("headers")
        writer.beginObject()
        writer.key("TraceID")
        writer.beginObject()
        writer.text("description", "The request's trace: the caller's by `traceparent`, else a new one.")
        writer.key("schema")
        Schema.string(pattern: "^[0-9a-f]{32}$").write(to: &writer)
        writer.endObject()
        writer.endObject()
        writer.key("parameters")
        writer.beginObject()
        for (name, isRequired) in [("IdempotencyKey", false), ("IdempotencyKeyRequired", true)] {
            writer.key(name)
            writer.beginObject()
            writer.text("name", "Idempotency-Key")
            writer.text("in", "header")
            writer.text(
                "description", "1 to 255 visible ASCII characters. The same key and body get the first answer again.")
            writer.key("required")
            writer.bool(isRequired)
            writer.key("schema")
            Schema.string(minLength: 1, maxLength: ServiceLimits.idempotencyKey).write(to: &writer)
            writer.endObject()
        }
        writer.endObject()
    }

    private func writeSecurity(_ writer: inout JSONWriter) {
        guard routes.contains(where: \.isSigned) else { return }
        writer.key("securitySchemes")
        writer.beginObject()
        writer.key("signature")
        writer.beginObject()
        writer.text("type", "http")
        writer.text("scheme", "signature")
        writer.text("description", Self.signature)
        writer.endObject()
        writer.endObject()
    }

    static let problem = Schema.object(
        [
            .required("type", .string(format: "uri")),
            .required("title", .string),
            .required("status", .integer(minimum: 400, maximum: 599)),
            .required("detail", .string),
            .required("code", .string(codeDescription)),
            .required("trace_id", .string("As in `Trace-Id`.")),
        ], "A refusal (RFC 9457).", additional: true)

    /// Says the codes that belong to no route.
    static let codeDescription = """
        Stable; what a program compares. Besides the codes of each route, any request may get `not_found` (no such \
        path), `method_not_allowed`, `malformed_request`, `headers_too_large` or `request_timeout`.
        """

    static let signature = """
        HTTP Message Signatures (RFC 9421) in `Signature-Input` and `Signature`, label `sig1`, over `"@method" \
        "@authority" "@path"`, `"@query"` if and only if the target has a `?`, `"content-digest"`, and \
        `"idempotency-key"` if and only if it is sent. Parameters: `created` (at most 300 s from now), `nonce` (once, \
        unless an idempotency key makes a replay harmless), `keyid`, `alg`. With `alg="ed25519"`, `keyid` is the \
        caller's DID; with `alg="hmac-sha256"`, it is the `key_id` of a session key. `Content-Digest` is RFC 9530 with \
        `sha-256`, over no bytes where there is no body.
        """
}
