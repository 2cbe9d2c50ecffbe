import Cryptography
import ProofChain
import Service

/// What was revoked.
extension RegistryService {
    var revocationRoutes: [RelayRoute] { [credentialStatusRoute, issuerRevocationsRoute] }

    private var credentialStatusRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/revocations/v1/credential/{credentialCID}", id: "getCredentialStatus",
            summary: "Whether a revocation of a credential is known here, with the revocation.", tag: "revocations",
            needs: [\.revocations], parameters: [.path("credentialCID", RelaySchema.cid, "The credential's CID.")],
            responses: [.json(200, "What is known.", RelaySchema.credentialStatus)],
            errors: [.queryInvalid, .databaseUnavailable]
        ) { call in
            let cid = call.parameter("credentialCID")
            guard (try? CID(cid))?.codec == .dagCBOR else { throw Problem(.queryInvalid, "invalid credential CID") }
            let found = try await read { () throws(RelayFailure) in try await relay.store.revocation(of: cid) }
            return .json { out in
                out.beginObject()
                out.field("credentialCID", cid)
                out.field("revoked", found != nil)
                if let found { out.field("revocation", found.token) }
                out.endObject()
            }
        }
    }

    private var issuerRevocationsRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/revocations/v1/issuer/{did}", id: "getIssuerRevocations",
            summary: "What an issuer has revoked, by credential.", tag: "revocations", needs: [\.revocations],
            parameters: [.path("did", .did, "The issuer.")] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.issuerRevocations)],
            errors: [.queryInvalid, .databaseUnavailable]
        ) { call in
            let did = call.parameter("did")
            let page = try PageRequest(call)
            guard (try? DFOSDID(did)) != nil else { throw Problem(.queryInvalid, "invalid DID") }
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.revocations(by: did, page)
            }
            return .json { out in
                out.beginObject()
                out.field("did", did)
                out.array("revocations") { out in
                    for row in rows {
                        out.beginObject()
                        out.field("credentialCID", row.credentialCID)
                        out.field("revocation", row.token)
                        out.endObject()
                    }
                }
                out.field("next", page.next(rows.count, rows.last?.credentialCID))
                out.endObject()
            }
        }
    }
}
