import Cryptography
import ProofChain
import Service

/// What a client asks first: what this relay is, and what a DID stands for.
extension RegistryService {
    var discoveryRoutes: [RelayRoute] { [wellKnownRoute, resolveRoute] }

    private var wellKnownRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/.well-known/dfos-relay", id: "getRelay", summary: "What this relay is and does.",
            tag: "relay", responses: [.json(200, "Its identity, capabilities, peers and counters.", RelaySchema.relay)],
            errors: [.databaseUnavailable]
        ) { _ in
            guard let stats = try await read(relay.store.stats) else { throw Problem(.notReady) }
            return .json { out in write(stats, to: &out) }
        }
    }

    private func write(_ stats: RelayStats, to out: inout JSONWriter) {
        let on = relay.settings.capabilities
        out.beginObject()
        out.field("did", stats.did)
        out.field("protocol", "dfos-web-relay")
        out.field("version", relay.settings.version)
        out.object("capabilities") { out in
            out.field("proof", true)
            out.field("write", on.write)
            out.field("content", on.content)
            out.field("log", on.log)
            out.field("revocations", on.revocations)
            out.field("index", on.index)
            out.field("signing", on.signing)
        }
        out.field("profile", stats.profileToken)
        out.array("peers") { out in
            for peer in relay.settings.peers {
                out.beginObject()
                out.field("endpoint", peer.endpoint)
                out.endObject()
            }
        }
        out.object("stats") { out in
            out.field("pendingOps", stats.pendingCount)
            out.field("opCount", stats.operationCount)
            out.object("countsByKind") { out in
                for (kind, count) in stats.countsByKind { out.field(kind, count) }
            }
            out.field("oldestOpAt", stats.oldestAt)
            out.field("headCid", stats.headCID)
        }
        out.endObject()
    }

    private var resolveRoute: RelayRoute {
        RelayRoute(
            method: .get, path: "/1.0/identifiers/{did}", id: "resolveDID",
            summary: "A DID's document, as the DIF universal resolver answers.", tag: "relay",
            parameters: [.path("did", .did, "A did:dfos identifier.")],
            responses: [
                .json(200, "The document; of a deleted identity without keys.", RelaySchema.resolution),
                .json(400, "It is no did:dfos identifier.", RelaySchema.resolution),
                .json(404, "No such identity is known here or to the peers.", RelaySchema.resolution),
            ], errors: [.databaseUnavailable]
        ) { call in
            let did = call.parameter("did")
            guard (try? DFOSDID(did)) != nil else { return DIDResolution.failure(400, "invalidDid") }
            guard let identity = try await identity(did) else { return DIDResolution.failure(404, "notFound") }
            return try DIDResolution.reply(identity)
        }
    }

    /// An identity that is here, or that a peer has.
    func identity(_ did: String) async throws -> IdentityRecord? {
        if let found = try await read({ () throws(RelayFailure) in try await relay.store.identity(did) }) {
            return found
        }
        guard (try? DFOSDID(did)) != nil, await relay.readThrough(identity: did) else { return nil }
        return try await read { () throws(RelayFailure) in try await relay.store.identity(did) }
    }

    /// A content chain that is here, or that a peer has.
    func content(_ contentID: String) async throws -> ContentRecord? {
        if let found = try await read({ () throws(RelayFailure) in try await relay.store.content(contentID) }) {
            return found
        }
        guard (try? ContentID(contentID)) != nil, await relay.readThrough(content: contentID) else { return nil }
        return try await read { () throws(RelayFailure) in try await relay.store.content(contentID) }
    }
}
