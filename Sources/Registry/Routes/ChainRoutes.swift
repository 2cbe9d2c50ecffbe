import Cryptography
import Service

/// Identities and content chains: what they come to, and their logs.
extension RegistryService {
    var chainRoutes: [RelayRoute] { [identityRoute, identityLogRoute, contentRoute, contentLogRoute] }

    private var identityRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/proof/v1/identities/{did}", id: "getIdentity",
            summary: "An identity's state at its head.", tag: "proof",
            parameters: [.path("did", .did, "A did:dfos identifier.")],
            responses: [.json(200, "The state.", RelaySchema.identity)], errors: [.notFound, .databaseUnavailable]
        ) { call in
            let did = call.parameter("did")
            guard RelayKey.isStorable(did), let identity = try await identity(did) else { throw Self.notFound() }
            return .json { out in
                out.beginObject()
                out.field("did", identity.did)
                out.field("headCID", identity.headCID)
                out.field("state", raw: identity.state.utf8)
                out.endObject()
            }
        }
    }

    private var contentRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/proof/v1/content/{contentId}", id: "getContent",
            summary: "A content chain's state at its head.", tag: "proof",
            responses: [.json(200, "The state.", RelaySchema.content)], errors: [.notFound, .databaseUnavailable]
        ) { call in
            let contentID = call.parameter("contentId")
            guard RelayKey.isStorable(contentID), let content = try await content(contentID) else {
                throw Self.notFound()
            }
            return .json { out in
                out.beginObject()
                out.field("contentId", content.contentID)
                out.field("genesisCID", content.genesisCID)
                out.field("headCID", content.headCID)
                out.object("state") { out in
                    out.field("contentId", content.contentID)
                    out.field("genesisCID", content.genesisCID)
                    out.field("headCID", content.headCID)
                    out.field("isDeleted", content.isDeleted)
                    out.field("currentDocumentCID", content.documentCID)
                    out.field("length", Int(content.length))
                    out.field("creatorDID", content.creatorDID)
                }
                out.endObject()
            }
        }
    }

    private var identityLogRoute: RelayRoute {
        logRoute(
            "/proof/v1/identities/{did}/log", id: "getIdentityLog", kind: "identity-op", parameter: "did",
            "An identity's operations, in order.")
    }

    private var contentLogRoute: RelayRoute {
        logRoute(
            "/proof/v1/content/{contentId}/log", id: "getContentLog", kind: "content-op", parameter: "contentId",
            "A content chain's operations on all branches, in the order of ingestion.")
    }

    private func logRoute(
        _ path: String, id: String, kind: String, parameter: String, _ summary: String
    ) -> RelayRoute {
        RelayRoute(
            method: .get, path: path, id: id, summary: summary, tag: "proof", parameters: RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("entries", RelaySchema.entry))],
            errors: [.notFound, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let chainID = call.parameter(parameter)
            let page = try PageRequest(call)
            guard RelayKey.isStorable(chainID) else { throw Self.notFound() }
            let result = try await read { () throws(RelayFailure) in
                try await relay.store.chainLog(kind: kind, chainID: chainID, page)
            }
            switch result {
            case .page(let found): return .json { out in found.write(to: &out, isGlobal: false) }
            case .cursorUnknown: throw Problem(.cursorInvalid, "invalid cursor")
            case .unknown: throw Self.notFound()
            }
        }
    }
}
