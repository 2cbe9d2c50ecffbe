import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var postManifestRoute: Route {
        Route(
            .post, "/api/manifests", id: "recordManifest",
            summary: "Records a verified manifest, so that chains resolve.",
            description: """
                Verified as for a settlement; its chain must resolve, with `fair_chain` supplying links that the \
                node does not hold. Recording the same manifest again changes nothing.
                """,
            tag: "manifests", auth: .signed(scopes: ["settle"], note: "the manifest's signer"), idempotency: .optional,
            request: PaySchema.manifestRequest, responses: [.json(201, "Recorded.", PaySchema.manifestCID)],
            errors: [
                .fieldInvalid, .callerNotAllowed, .idempotencyInFlight, .idempotencyKeyReused, .databaseUnavailable,
            ] + ProblemCode.ofManifests, handler: recordManifest)
    }

    @Sendable
    private func recordManifest(_ call: Call) async throws -> Reply {
        let caller = try call.requireCaller().did
        let fields = try Body(try call.json().root)
        guard let json = fields.root["fair_manifest"] else { throw Body.invalid("fair_manifest", "is missing") }
        let chain = try fields.chain()
        let isService = rules.has(.settle, caller)
        let manifest: KnownManifest
        do throws(ManifestFailure) {
            manifest = try await self.manifest(json, chain: chain)
        } catch {
            let error = try Self.storable(error)
            throw Problem(ProblemCode.named(error.code, status: 422), error.reason)
        }
        guard isService || manifest.verified.signer == caller else {
            throw Problem(
                .callerNotAllowed, "the caller is neither the manifest's signer nor a service with scope settle")
        }
        guard !manifest.isRecorded else {
            return .json(201) { out in
                out.beginObject()
                out.field("cid", manifest.cidText)
                out.endObject()
            }
        }
        let hash = RequestHash.of("manifest", fields.root, manifestHash: manifest.canonicalHash)
        let command = Command(
            caller: caller.string, key: call.idempotencyKey ?? "manifest:" + Hex.encode(hash), requestHash: hash,
            action: .recordManifests(manifest.records))
        let decision = try await submit(command.traced(call.traceID))
        if decision.outcome.isDone { manifest.markRecorded() }
        return decision.reply(traceID: call.traceID)
    }

    var getManifestRoute: Route {
        Route(
            .get, "/api/manifests/{cid}", id: "getManifest", summary: "A recorded manifest, as it was received.",
            tag: "manifests", parameters: [.path("cid", .string, "Its CID.")],
            responses: [.json(200, "The manifest.", PaySchema.manifest)],
            errors: [.manifestUnknown, .databaseUnavailable]
        ) { call in
            guard let cid = try? CID(call.parameter("cid")), cid.codec == .raw else {
                throw Problem(.queryInvalid, "cid is not the CID of a manifest")
            }
            guard let json = try await read({ () throws(LedgerFailure) in try await store.manifest(cid) }) else {
                throw Problem(.manifestUnknown)
            }
            return .json(200, json)
        }
    }
}
