import Cryptography

/// The OpenAPI 3.1 document of a route table.
struct OpenAPIDocument {
    let service: String
    let version: String
    let about: String
    let routes: [Route]

    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.text("openapi", "3.1.0")
        writeInfo(&writer)
        writer.key("paths")
        writer.beginObject()
        var paths: [String] = []
        for route in routes where !paths.contains(route.path) { paths.append(route.path) }
        for path in paths {
            writer.key(path)
            writer.beginObject()
            for route in routes where route.path == path {
                writer.key(route.method.rawValue.lowercased())
                write(route, &writer)
            }
            writer.endObject()
        }
        writer.endObject()
        writeComponents(&writer)
        writer.endObject()
        return writer.bytes
    }

    private func writeInfo(_ writer: inout JSONWriter) {
        writer.key("info")
        writer.beginObject()
        writer.text("title", "MJN \(service)")
        writer.text("version", version)
        if !about.isEmpty { writer.text("description", about) }
        writer.endObject()
    }

    private func write(_ route: Route, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.text("operationId", route.id)
        writer.text("summary", route.summary)
        let description = Self.description(route)
        if !description.isEmpty { writer.text("description", description) }
        writer.texts("tags", [route.tag.isEmpty ? service : route.tag])
        writer.key("security")
        writer.beginArray()
        if case .signed(let scopes, _) = route.auth {
            writer.beginObject()
            writer.texts("signature", scopes)
            writer.endObject()
        }
        writer.endArray()
        writeParameters(route, &writer)
        if let request = route.request {
            writer.key("requestBody")
            writer.beginObject()
            writer.key("required")
            writer.bool(true)
            Self.writeContent(route.requestType.name, request, &writer)
            writer.endObject()
        }
        writer.key("responses")
        writer.beginObject()
        for response in route.responses { write(response, &writer) }
        writeProblems(route, &writer)
        writer.endObject()
        writer.endObject()
    }

    private static func description(_ route: Route) -> String {
        var lines = route.description.isEmpty ? [] : [route.description]
        if case .signed(let scopes, let note) = route.auth {
            let callers = scopes.map { "a service with scope `\($0)`" } + (note.isEmpty ? [] : [note])
            if !callers.isEmpty { lines.append("Signed: " + callers.joined(separator: ", or ") + ".") }
        }
        return lines.joined(separator: "\n\n")
    }

    private func writeParameters(_ route: Route, _ writer: inout JSONWriter) {
        var parameters = route.parameters
        for name in Self.pathNames(route.path)
        where !parameters.contains(where: { $0.place == .path && $0.name == name }) {
            parameters.append(.path(name, .string, "A part of the path."))
        }
        guard !parameters.isEmpty || route.idempotency != .none else { return }
        writer.key("parameters")
        writer.beginArray()
        for parameter in parameters {
            Self.writeParameter(parameter, &writer)
        }
        if route.idempotency != .none {
            writer.beginObject()
            writer.text(
                "$ref",
                route.idempotency == .required
                    ? "#/components/parameters/IdempotencyKeyRequired" : "#/components/parameters/IdempotencyKey")
            writer.endObject()
        }
        writer.endArray()
    }

    private static func writeParameter(_ parameter: Parameter, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.text("name", parameter.name)
        writer.text("in", parameter.place.rawValue)
        writer.text("description", parameter.about)
        writer.key("required")
        writer.bool(parameter.isRequired)
        writer.key("schema")
        parameter.schema.write(to: &writer)
        writer.endObject()
    }

    private func write(_ response: ResponseSpec, _ writer: inout JSONWriter) {
        writer.key(String(response.status))
        writer.beginObject()
        writer.text("description", response.about)
        Self.writeTraceHeader(&writer)
        if let contentType = response.contentType, let schema = response.schema {
            Self.writeContent(contentType, schema, &writer)
        }
        writer.endObject()
    }

    /// One response per status, with the codes that it can carry.
    private func writeProblems(_ route: Route, _ writer: inout JSONWriter) {
        let byStatus = Dictionary(grouping: route.allErrors, by: \.status)
        let taken = Set(route.responses.map(\.status))
        for (status, codes) in byStatus.sorted(by: { $0.key < $1.key }) where !taken.contains(status) {
            writer.key(String(status))
            writer.beginObject()
            writer.text("description", codes.map { "`\($0.code)`: \($0.title)." }.joined(separator: "\n"))
            Self.writeTraceHeader(&writer)
            if let dialect = route.dialect {
                Self.writeContent("application/json", dialect.errorSchema, &writer)
                writer.endObject()
                continue
            }
            let code = Schema.object([.required("code", .enumeration(codes.map(\.code)))], additional: true)
            writer.key("content")
            writer.beginObject()
            writer.key("application/problem+json")
            writer.beginObject()
            writer.key("schema")
            writer.beginObject()
            writer.key("allOf")
            writer.list([Schema.named("Problem", .any), code]) { $1.write(to: &$0) }
            writer.endObject()
            writer.endObject()
            writer.endObject()
            writer.endObject()
        }
    }

    private static func writeTraceHeader(_ writer: inout JSONWriter) {
        writer.key("headers")
        writer.beginObject()
        writer.key("Trace-Id")
        writer.beginObject()
        writer.text("$ref", "#/components/headers/TraceID")
        writer.endObject()
        writer.endObject()
    }

    private static func writeContent(_ contentType: String, _ schema: Schema, _ writer: inout JSONWriter) {
        writer.key("content")
        writer.beginObject()
        writer.key(contentType)
        writer.beginObject()
        writer.key("schema")
        schema.write(to: &writer)
        writer.endObject()
        writer.endObject()
    }

    static func pathNames(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}
