import Cryptography
import ProofChain
import Service

/// The signing mailbox over HTTP.
extension RegistryService {
    var mailboxRoutes: [RelayRoute] { [depositRoute, pollRoute, respondRoute, responseRoute, declineRoute] }

    private var depositRoute: RelayRoute {
        RelayRoute(
            method: .post, path: "/signing/v0/requests", id: "postSignRequest",
            summary: "Puts a sign request into its subject's mailbox.", tag: "signing", needs: [\.signing],
            request: (RelaySchema.deposit, .anyJSON),
            responses: [
                .json(201, "It is there.", RelaySchema.deposited),
                .json(200, "It was there already.", RelaySchema.deposited),
            ], errors: [.fieldInvalid, .relayForbidden, .notFound, .relayConflict, .databaseUnavailable],
            bodyLimit: RelayLimits.depositBody
        ) { call in
            try relay.limitWrites(call)
            let body = try Self.object(call)
            guard let request = body["request"]?.string, !request.isEmpty,
                let credential = body["credential"]?.string, !credential.isEmpty
            else { throw Problem(.fieldInvalid, "invalid request") }
            let result = try await relay.deposit(
                Relay.Deposit(request: request, credential: credential, chain: try Self.chain(body["chain"])))
            return .json(result.isNew ? 201 : 200) { out in
                out.beginObject()
                out.field("cid", result.request.cid)
                out.field("expiresAt", result.request.expiresAt.string)
                out.endObject()
            }
        }
    }

    private static func chain(_ value: JSONValue?) throws(Problem) -> [String] {
        guard let value, !value.isNull else { return [] }
        guard value.kind == .array, value.count <= RelayLimits.depositChain else {
            throw Problem(.fieldInvalid, "invalid identity chain bundle")
        }
        var tokens: [String] = []
        for element in value.elements {
            guard let token = element.string else { throw Problem(.fieldInvalid, "invalid identity chain bundle") }
            tokens.append(token)
        }
        return tokens
    }

    /// - Throws: 400 unless the body is a JSON object.
    private static func object(_ call: Call) throws(Problem) -> JSONValue {
        do throws(Problem) {
            let root = try call.json().root
            guard root.kind == .object else { throw Problem(.malformedJSON) }
            return root
        } catch {
            throw Problem(.malformedJSON, "invalid JSON body")
        }
    }

    private var pollRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/signing/v0/requests", id: "getSignRequests",
            summary: "The unanswered requests to whoever asks, oldest first.", tag: "signing", needs: [\.signing],
            parameters: RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("requests", RelaySchema.pendingRequest))],
            errors: [.relayUnauthenticated, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let caller = try await relay.requireCaller(of: call)
            let page = try PageRequest(call)
            var after: Int64 = 0
            if let text = page.after {
                guard let cursor = OrderedCursor(text), let sequence = Int64(cursor.rank) else {
                    throw Problem(.cursorInvalid, "invalid cursor")
                }
                after = sequence
            }
            let (place, nowMs) = (after, relay.clock())
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.openRequests(to: caller.string, after: place, limit: page.limit, nowMs: nowMs)
            }
            return .json { out in
                out.beginObject()
                out.array("requests") { out in for row in rows { row.write(to: &out) } }
                let last = rows.last.map { OrderedCursor(rank: String($0.sequence), key: $0.cid).text }
                out.field("next", page.next(rows.count, last))
                out.endObject()
            }
        }
    }

    private var respondRoute: RelayRoute {
        RelayRoute(
            method: .post, path: "/signing/v0/requests/{cid}/response", id: "postSignResponse",
            summary: "Answers a sign request with what it asked for; anyone may carry it.", tag: "signing",
            needs: [\.signing], request: (RelaySchema.response, .anyJSON),
            responses: [
                .json(201, "It is kept.", RelaySchema.responseStored),
                .json(200, "It was kept already.", RelaySchema.responseStored),
            ], errors: [.fieldInvalid, .notFound, .relayConflict, .databaseUnavailable],
            bodyLimit: RelayLimits.responseBody
        ) { call in
            try relay.limitWrites(call)
            let cid = call.parameter("cid")
            guard try await relay.signRequest(cid) != nil else { throw Problem(.notFound, "sign request not found") }
            guard let token = try Self.object(call)["response"]?.string, !token.isEmpty else {
                throw Problem(.fieldInvalid, "invalid response")
            }
            let isNew = try await relay.respond(to: cid, with: token)
            return .json(isNew ? 201 : 200) { out in
                out.beginObject()
                out.field("status", "stored")
                out.endObject()
            }
        }
    }

    private var responseRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/signing/v0/requests/{cid}/response", id: "getSignResponse",
            summary: "What became of a sign request.", tag: "signing", needs: [\.signing],
            responses: [.json(200, "Its state.", RelaySchema.responseStatus)],
            errors: [.notFound, .databaseUnavailable]
        ) { call in
            guard let request = try await relay.signRequest(call.parameter("cid")) else {
                throw Problem(.notFound, "sign request not found")
            }
            return .json { out in
                out.beginObject()
                let waiting = request.isDeclined ? "declined" : "pending"
                out.field("status", request.response == nil ? waiting : "responded")
                if let response = request.response { out.field("response", response) }
                out.endObject()
            }
        }
    }

    private var declineRoute: RelayRoute {
        RelayRoute(
            method: .post, path: "/signing/v0/requests/{cid}/decline", id: "declineSignRequest",
            summary: "Says that a request will not be answered; binds nobody.", tag: "signing", needs: [\.signing],
            responses: [.empty(204, "It is noted.")],
            errors: [.fieldInvalid, .notFound, .relayConflict, .databaseUnavailable],
            bodyLimit: RelayLimits.responseBody
        ) { call in
            try relay.limitWrites(call)
            guard call.body.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
                throw Problem(.fieldInvalid, "request body must be empty")
            }
            let (cid, nowMs) = (call.parameter("cid"), relay.clock())
            guard RelayKey.isStorable(cid) else { throw Problem(.notFound, "sign request not found") }
            switch try await read({ () throws(RelayFailure) in try await relay.store.decline(cid, nowMs: nowMs) }) {
            case .stored, .same: return .empty(204)
            case .conflict, .full: throw Problem(.relayConflict, "response already exists")
            case .unknown: throw Problem(.notFound, "sign request not found")
            }
        }
    }
}
