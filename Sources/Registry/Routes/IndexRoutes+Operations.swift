import Cryptography
import ProofChain
import Service

/// Queries over single operations.
extension RegistryService {
    private static let operationOrders: [IndexOrder.TimeColumn] = [.createdAt, .ingestedAt]

    var indexArtifactsRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/index/v0/artifacts", id: "indexArtifacts", summary: "Artifacts.", tag: "index",
            needs: [\.index],
            parameters: [
                .query("cid", .string, "Only this one."), .query("signer", .did, "Whose they are."),
                .query("docSchema", .string, "What they declare as `$schema`."),
                IndexOrder.TimeColumn.parameter(Self.operationOrders),
            ] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("artifacts", RelaySchema.indexArtifact))],
            errors: [.queryInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let page = try PageRequest(call)
            let order = try call.relayOrder(page, Self.operationOrders)
            let (cid, signer) = (try call.relayText("cid"), try call.relayDID("signer"))
            let docSchema = try call.relayText("docSchema")
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.indexArtifacts(
                    cid: cid, signer: signer, docSchema: docSchema, order, limit: page.limit)
            }
            return .json { out in
                out.beginObject()
                out.array("artifacts") { out in for row in rows { row.write(to: &out) } }
                out.field("next", page.next(rows.count, rows.last?.cursor(in: order)))
                out.endObject()
            }
        }
    }

    var indexCountersignaturesRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/index/v0/countersignatures", id: "indexCountersignatures",
            summary: "The countersignatures of a witness.", tag: "index", needs: [\.index],
            parameters: [
                .query("witness", .did, "Who signed.", required: true),
                .query("relation", .string, "Only with this relation."),
                IndexOrder.TimeColumn.parameter(Self.operationOrders),
            ] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.indexWitness)],
            errors: [.queryInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            guard let witness = try call.relayDID("witness") else { throw Problem(.queryInvalid, "invalid DID") }
            let page = try PageRequest(call)
            let order = try call.relayOrder(page, Self.operationOrders)
            let relation = try call.relayText("relation")
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.indexCountersignatures(
                    witness: witness, relation: relation, order, limit: page.limit)
            }
            return .json { out in
                out.beginObject()
                out.field("witness", witness)
                out.array("countersignatures") { out in for row in rows { row.write(to: &out) } }
                out.field("next", page.next(rows.count, rows.last?.cursor(in: order)))
                out.endObject()
            }
        }
    }

    var indexCredentialsRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/index/v0/credentials", id: "indexCredentials", summary: "Public credentials.",
            tag: "index", needs: [\.index],
            parameters: [
                .query("issuer", .did, "Who issued them."),
                .query("resource", .string, "For this resource; of a chain, those for all chains come along."),
                .query("action", .string, "For this action."),
            ] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("credentials", RelaySchema.indexCredential))],
            errors: [.queryInvalid, .databaseUnavailable]
        ) { call in
            let page = try PageRequest(call)
            let (issuer, action) = (try call.relayDID("issuer"), try call.relayText("action"))
            let resources = try call.relayText("resource").map { resource in
                resource.utf8.starts(with: "chain:".utf8) ? [resource, "chain:*"] : [resource]
            }
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.indexCredentials(issuer: issuer, resources: resources, action: action, page)
            }
            return .json { out in
                out.beginObject()
                out.array("credentials") { out in for row in rows { row.write(to: &out) } }
                out.field("next", page.next(rows.count, rows.last?.cid))
                out.endObject()
            }
        }
    }

    var indexOperationsRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/index/v0/operations", id: "indexOperations",
            summary: "Operations, newest first.", tag: "index", needs: [\.index],
            parameters: [
                .query("kind", .enumeration(OperationKind.allCases.map(\.relayName)), "Only of this kind."),
                .query("chainId", .string, "Only of this chain."),
                IndexOrder.TimeColumn.parameter(Self.operationOrders),
            ] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("operations", RelaySchema.indexOperation))],
            errors: [.queryInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let page = try PageRequest(call)
            let order = try call.relayOrder(page, Self.operationOrders, default: .ingestedAt)
            let (kind, chainID) = (try call.relayQuery("kind"), try call.relayText("chainId"))
            if let kind, !OperationKind.allCases.contains(where: { $0.relayName.utf8.elementsEqual(kind.utf8) }) {
                throw Problem(.queryInvalid, "invalid kind")
            }
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.indexOperations(kind: kind, chainID: chainID, order, limit: page.limit)
            }
            return .json { out in
                out.beginObject()
                out.array("operations") { out in for row in rows { row.write(to: &out) } }
                out.field("next", page.next(rows.count, rows.last?.cursor(in: order)))
                out.endObject()
            }
        }
    }
}
