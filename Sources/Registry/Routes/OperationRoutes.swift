import Cryptography
import Service

/// Operations in, and single ones out.
extension RegistryService {
    var operationRoutes: [RelayRoute] { [postOperationsRoute, operationRoute, countersignaturesRoute, logRoute] }

    private var postOperationsRoute: RelayRoute {
        RelayRoute(
            method: .post, path: "/proof/v1/operations", id: "postOperations",
            summary: "Takes up to 100 operations and says of each, in order, what became of it.", tag: "proof",
            needs: [\.write], request: (RelaySchema.operations, .anyJSON),
            responses: [.json(200, "One result for each operation.", RelaySchema.results)],
            errors: [.fieldInvalid, .databaseUnavailable], bodyLimit: RelayLimits.body
        ) { call in
            try relay.limitWrites(call)
            let tokens = try Self.tokens(call)
            // The request was counted as one of them.
            try relay.limitWrites(call, tokens.count - 1)
            let results = try await read { () throws(RelayFailure) in
                try await relay.ingest(tokens, from: .client)
            }
            return .json { out in
                out.beginObject()
                out.array("results") { out in for result in results { result.write(to: &out) } }
                out.endObject()
            }
        }
    }

    /// - Throws: `malformed_json`; `field_invalid` unless `operations` is a list of 1 to 100 strings.
    private static func tokens(_ call: Call) throws(Problem) -> [String] {
        let root: JSONValue
        do throws(Problem) {
            root = try call.json().root
        } catch {
            throw Problem(.malformedJSON, "invalid JSON body")
        }
        guard root.kind == .object, let list = root["operations"], list.kind == .array else {
            throw Problem(.fieldInvalid, "operations must be an array of strings")
        }
        guard (1...RelayLimits.operationsPerRequest).contains(list.count) else {
            throw Problem(.fieldInvalid, "operations must contain 1-\(RelayLimits.operationsPerRequest) items")
        }
        var tokens: [String] = []
        for element in list.elements {
            guard let token = element.string else {
                throw Problem(.fieldInvalid, "operations must be an array of strings")
            }
            tokens.append(token)
        }
        return tokens
    }

    private var operationRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/proof/v1/operations/{cid}", id: "getOperation", summary: "One operation.",
            tag: "proof", parameters: [.path("cid", RelaySchema.cid, "Its CID.")],
            responses: [.json(200, "The operation.", RelaySchema.operation)], errors: [.notFound, .databaseUnavailable]
        ) { call in
            let cid = call.parameter("cid")
            guard RelayKey.isStorable(cid),
                let operation = try await read({ () throws(RelayFailure) in try await relay.store.operation(cid) })
            else { throw Self.notFound() }
            return .json { out in
                out.beginObject()
                out.field("cid", operation.cid)
                out.field("jwsToken", operation.token)
                out.field("chainType", RelayKey.chainType(ofKind: operation.kind))
                out.field("chainId", operation.chainID)
                out.endObject()
            }
        }
    }

    private var countersignaturesRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/proof/v1/countersignatures/{cid}", id: "getCountersignatures",
            summary: "The countersignatures of an operation, by their CID.", tag: "proof",
            parameters: [.path("cid", RelaySchema.cid, "The operation's CID.")] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("countersignatures", RelaySchema.entry))],
            errors: [.notFound, .databaseUnavailable]
        ) { call in
            let cid = call.parameter("cid")
            let page = try PageRequest(call)
            guard RelayKey.isStorable(cid),
                let rows = try await read({ () throws(RelayFailure) in
                    try await relay.store.countersignatures(of: cid, page)
                })
            else { throw Self.notFound() }
            return .json { out in
                out.beginObject()
                out.array("countersignatures") { out in
                    for row in rows {
                        out.beginObject()
                        out.field("cid", row.cid)
                        out.field("jwsToken", row.token)
                        out.endObject()
                    }
                }
                out.field("next", page.next(rows.count, rows.last?.cid))
                out.endObject()
            }
        }
    }

    private var logRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/proof/v1/log", id: "getLog", summary: "Every operation, in the order of ingestion.",
            tag: "proof", needs: [\.log], parameters: RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("entries", RelaySchema.logEntry))],
            errors: [.cursorInvalid, .databaseUnavailable]
        ) { call in
            let page = try PageRequest(call)
            let result = try await read { () throws(RelayFailure) in try await relay.store.log(page) }
            guard case .page(let found) = result else { throw Problem(.cursorInvalid, "invalid cursor") }
            return .json { out in found.write(to: &out, isGlobal: true) }
        }
    }
}

extension LogPage {
    /// `{"entries":[…],"next":…}`; only the global log says each entry's kind and chain.
    func write(to out: inout JSONWriter, isGlobal: Bool) {
        out.beginObject()
        out.array("entries") { out in
            for row in rows {
                out.beginObject()
                out.field("cid", row.cid)
                out.field("jwsToken", row.token)
                if isGlobal {
                    out.field("kind", row.kind)
                    out.field("chainId", row.chainID)
                }
                out.endObject()
            }
        }
        out.field("next", next)
        out.endObject()
    }
}
