import Cryptography
import ProofChain
import Service

/// Documents: put by who made them, read by whom they are open to.
extension RegistryService {
    var blobRoutes: [RelayRoute] { [putBlobRoute, headBlobRoute, blobRoute] }

    private var putBlobRoute: RelayRoute {
        RelayRoute(
            method: .put, path: "/content/{contentId}/blob/{ref}", id: "putDocument",
            summary: "Stores the document that an operation commits to.", tag: "content",
            needs: [\.content, \.write], request: (.string, .bytes),
            responses: [.json(200, "It is stored.", RelaySchema.stored)],
            errors: [.relayUnauthenticated, .relayForbidden, .notFound, .fieldInvalid, .databaseUnavailable],
            bodyLimit: RelayLimits.body
        ) { call in
            try relay.limitWrites(call)
            let caller = try await relay.requireCaller(of: call)
            let (contentID, operationCID) = (call.parameter("contentId"), call.parameter("ref"))
            let place = try await place(contentID, operationCID, call)
            guard let committed = place.operation, let documentCID = committed.documentCID else {
                throw Problem(.notFound, "operation not found in chain or has no documentCID")
            }
            guard [place.content.creatorDID, committed.signerDID].contains(caller.string) else {
                throw Problem(.relayForbidden, "not authorized: neither the chain's creator nor the operation's signer")
            }
            guard let facts = DocumentFacts(call.body), facts.cid.string.utf8.elementsEqual(documentCID.utf8) else {
                throw Problem(.fieldInvalid, "blob bytes do not match documentCID")
            }
            try await read { () throws(RelayFailure) in
                try await relay.store.putBlob(
                    of: place.content, documentCID: documentCID, call.body, facts, nowMs: relay.clock())
            }
            return .json { out in
                out.beginObject()
                out.field("status", "stored")
                out.field("contentId", contentID)
                out.field("documentCID", documentCID)
                out.field("operationCID", operationCID)
                out.endObject()
            }
        }
    }

    private var headBlobRoute: RelayRoute {
        getRoute("/content/{contentId}/blob", id: "getHeadDocument", "The document at a chain's head.") { _ in "head" }
    }

    private var blobRoute: RelayRoute {
        getRoute(
            "/content/{contentId}/blob/{ref}", id: "getDocument",
            "The document that an operation commits to; `head` for the head."
        ) { $0.parameter("ref") }
    }

    private func getRoute(
        _ path: String, id: String, _ summary: String, ref: @escaping @Sendable (Call) -> String
    ) -> RelayRoute {
        RelayRoute(
            method: .get, path: path, id: id, summary: summary, tag: "content", needs: [\.content],
            responses: [.text(200, "The document, as it was put.", contentType: "application/octet-stream")],
            errors: [.relayUnauthenticated, .relayForbidden, .notFound, .databaseUnavailable]
        ) { call in try await document(call.parameter("contentId"), ref(call), call) }
    }

    private func place(_ contentID: String, _ operationCID: String?, _ call: Call) async throws(Problem)
        -> DocumentPlace
    {
        let at = relay.clock() / 1000
        guard RelayKey.isStorable(contentID), RelayKey.isStorable(operationCID ?? ""),
            let place = try await read({ () throws(RelayFailure) in
                try await relay.store.documentPlace(contentID: contentID, operationCID: operationCID, at: at)
            })
        else { throw Problem(.notFound, "content chain not found") }
        return place
    }

    private func document(_ contentID: String, _ ref: String, _ call: Call) async throws -> Reply {
        let isHead = ref.utf8.elementsEqual("head".utf8)
        let place = try await place(contentID, isHead ? nil : ref, call)
        if !isHead, place.operation == nil { throw Problem(.notFound, "operation not found in chain") }
        guard let documentCID = isHead ? place.content.documentCID : place.operation?.documentCID else {
            throw Problem(.notFound, "no document at this ref")
        }
        // A public grant is for what the chain says now; what it said before is its creator's to give.
        let isCurrent = place.content.documentCID?.utf8.elementsEqual(documentCID.utf8) == true
        if !(isCurrent && place.isPublic) {
            let caller = try await relay.requireCaller(of: call)
            if !caller.string.utf8.elementsEqual(place.content.creatorDID.utf8) {
                try await requireCredential(call, caller, place.content, isCurrent: isCurrent)
            }
        }
        let found = try await read { () throws(RelayFailure) in
            try await relay.store.blob(
                of: place.content, operationCID: isHead ? place.content.headCID : ref, documentCID: documentCID)
        }
        guard let found else { throw Problem(.notFound, "blob not found") }
        return Reply(
            status: 200, contentType: "application/octet-stream", headers: [("x-document-cid", documentCID)],
            body: found)
    }

    /// - Throws: 403 unless `X-Credential` lets the caller read the chain.
    private func requireCredential(
        _ call: Call, _ caller: DFOSDID, _ content: ContentRecord, isCurrent: Bool
    ) async throws(Problem) {
        guard let token = call.header("x-credential"), !token.isEmpty else {
            throw Problem(.relayForbidden, "a read credential is required")
        }
        let facts = try await relay.facts(ofCredential: token)
        let now = relay.clock() / 1000
        do throws(ProofError) {
            let credential = try Credential(verifyingToken: token, at: now, identities: facts)
            guard isCurrent || !credential.isPublic else {
                throw ProofError(.scopeMissing, "a public credential is good for the head alone")
            }
            try credential.authorize(
                "read", on: try ContentID(content.contentID), of: try DFOSDID(content.creatorDID), by: caller, at: now,
                identities: facts
            ) { issuer, cid in
                facts.revoked.contains(RelayFacts.Revoked(issuerDID: issuer.string, credentialCID: cid))
            }
        } catch {
            throw Problem(.relayForbidden, error.reason)
        }
    }
}
