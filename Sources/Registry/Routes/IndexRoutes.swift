import Cryptography
import Service

/// Queries over identities and content chains. What the index says is a hint: whoever cares reads the chain.
extension RegistryService {
    var indexRoutes: [RelayRoute] {
        [
            indexIdentitiesRoute, indexContentRoute, indexCreditsRoute, indexArtifactsRoute,
            indexCountersignaturesRoute,
            indexCredentialsRoute, indexOperationsRoute,
        ]
    }

    private static let chainOrders: [IndexOrder.TimeColumn] = [.genesisAt, .headAt]

    private var indexIdentitiesRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/index/v0/identities", id: "indexIdentities", summary: "Identities.", tag: "index",
            needs: [\.index],
            parameters: [
                .query("did", .did, "Only this one."),
                .query("hasPublicProfile", .boolean, "Whether its profile may be read by anyone."),
                .query("nameContains", .string, "A part of its profile's name, in any case."),
                IndexOrder.TimeColumn.parameter(Self.chainOrders),
            ] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("identities", RelaySchema.indexIdentity))],
            errors: [.queryInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let page = try PageRequest(call)
            let order = try call.relayOrder(page, Self.chainOrders)
            let query = IdentityQuery(
                did: try call.relayText("did"), hasPublicProfile: try call.relayBool("hasPublicProfile"),
                nameContains: try call.relayText("nameContains")?.lowercased())
            let at = call.receivedAt / 1000
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.indexIdentities(query, order, limit: page.limit, at: at)
            }
            return .json { out in
                out.beginObject()
                out.array("identities") { out in for row in rows { row.write(to: &out) } }
                out.field("next", page.next(rows.count, rows.last?.cursor(in: order)))
                out.endObject()
            }
        }
    }

    private var indexContentRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/index/v0/content", id: "indexContent", summary: "Content chains.", tag: "index",
            needs: [\.index], parameters: Self.contentParameters + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("content", RelaySchema.indexContent))],
            errors: [.queryInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let page = try PageRequest(call)
            let order = try call.relayOrder(page, Self.chainOrders)
            var query = ContentQuery(
                contentID: try call.relayText("contentId"), creator: try call.relayDID("creator"),
                signer: try call.relayDID("signer"), docSchema: try call.relayText("docSchema"),
                documentCID: try call.relayText("documentCID"), isPublic: try call.relayBool("publicRead"),
                isDeleted: try call.relayBool("isDeleted"),
                titleContains: try call.relayText("titleContains")?.lowercased())
            if query.titleContains != nil {
                guard query.isPublic != false else { throw Problem(.queryInvalid, "invalid filter combination") }
                query.isPublic = true
            }
            let (asked, at) = (query, call.receivedAt / 1000)
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.indexContent(asked, order, limit: page.limit, at: at)
            }
            return .json { out in
                out.beginObject()
                out.array("content") { out in for row in rows { row.write(to: &out) } }
                out.field("next", page.next(rows.count, rows.last?.cursor(in: order)))
                out.endObject()
            }
        }
    }

    private static let contentParameters: [Parameter] = [
        .query("contentId", .string, "Only this one."), .query("creator", .did, "Whose it is."),
        .query("signer", .did, "Who signed at least one of its operations."),
        .query("docSchema", .string, "What its head document declares as `$schema`."),
        .query("documentCID", .string, "Its head document."),
        .query("publicRead", .boolean, "Whether anyone may read its head document."),
        .query("isDeleted", .boolean, "Whether its head is deleted."),
        .query("titleContains", .string, "A part of a post's title, in any case; public chains only."),
        IndexOrder.TimeColumn.parameter(chainOrders),
    ]

    private var indexCreditsRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/index/v0/credits", id: "indexCredits",
            summary: "Who public documents say made them.", tag: "index", needs: [\.index],
            parameters: [
                .query("did", .string, "Who is credited."), .query("contentId", .string, "In which chain."),
                .query("role", .string, "In which role."),
            ] + RelayRoute.page,
            responses: [.json(200, "A page.", RelaySchema.page("credits", RelaySchema.indexCredit))],
            errors: [.queryInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let page = try PageRequest(call)
            var after: OrderedCursor?
            if let text = page.after {
                guard let cursor = OrderedCursor(text), Int32(cursor.key) != nil else {
                    throw Problem(.cursorInvalid, "invalid cursor")
                }
                after = cursor
            }
            let (place, at) = (after, call.receivedAt / 1000)
            let (did, contentID) = (try call.relayText("did"), try call.relayText("contentId"))
            let role = try call.relayText("role")
            let rows = try await read { () throws(RelayFailure) in
                try await relay.store.indexCredits(
                    did: did, contentID: contentID, role: role, after: place, limit: page.limit, at: at)
            }
            return .json { out in
                out.beginObject()
                out.array("credits") { out in for row in rows { row.write(to: &out) } }
                out.field("next", page.next(rows.count, rows.last?.cursor))
                out.endObject()
            }
        }
    }
}
