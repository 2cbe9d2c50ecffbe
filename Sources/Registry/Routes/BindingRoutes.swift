public import Cryptography
import ProofChain
public import Service

/// Which chain speaks for a DID that is a key.
extension RegistryService {
    var bindingRoutes: [Route] { [postBindingRoute, getBindingRoute] }

    private var postBindingRoute: Route {
        Route(
            .post, "/api/bindings", id: "bind", summary: "Binds the calling DID to the identity chain that it began.",
            description: """
                `chain` is the chain's whole log, genesis first. Its genesis operation lists the DID's key as a \
                controller and is signed with it. The chain is submitted to the relay like any other; the first one \
                stays bound, and binding it again changes nothing. From then on the DID's requests are signed by the \
                chain's current keys.
                """,
            tag: "bindings", auth: .signed(note: "the DID itself"), request: Self.bindingRequest,
            responses: [.json(201, "Bound.", Self.binding)],
            errors: [.fieldInvalid, .callerNotAllowed, .didAlreadyBound, .chainInvalid, .databaseUnavailable]
        ) { call in
            let caller = try call.requireCaller().did
            try relay.limitWrites(call)
            let (did, tokens) = try Self.bindingRequest(call)
            guard did == caller else { throw Problem(.callerNotAllowed, "a DID is bound by its own signature") }
            let chain = try Self.verified(tokens, binding: did)
            try await refuseOther(chain.did, than: did)
            let results = try await read { () throws(RelayFailure) in try await relay.ingest(tokens, from: .client) }
            if let refused = results.first(where: { $0.status == .rejected }) {
                throw Problem(.chainInvalid, "the relay refuses the chain: \(refused.error ?? "no reason given")")
            }
            // Whichever came first while this one was being taken.
            try await refuseOther(chain.did, than: did)
            guard let record = try await read({ () throws(RelayFailure) in try await relay.store.binding(of: did) })
            else { throw Problem(.internalError) }
            return .json(201) { record.write(to: &$0) }
        }
    }

    private var getBindingRoute: Route {
        Route(
            .get, "/api/bindings/{did}", id: "getBinding", summary: "The chain that a DID is bound to.",
            tag: "bindings", parameters: [.path("did", .did, "A DID that is a key.")],
            responses: [.json(200, "The binding.", Self.binding)], errors: [.notFound, .databaseUnavailable]
        ) { call in
            guard let did = try? DID(call.parameter("did")) else {
                throw Problem(.queryInvalid, "did is not a DID")
            }
            guard let record = try await read({ () throws(RelayFailure) in try await relay.store.binding(of: did) })
            else { throw Problem(.notFound, "the DID is bound to no chain") }
            return .json { record.write(to: &$0) }
        }
    }

    /// - Throws: `did_already_bound` when the DID has another chain.
    private func refuseOther(_ identity: DFOSDID, than did: DID) async throws(Problem) {
        let known = try await read { () throws(RelayFailure) in try await relay.store.binding(of: did) }
        guard let known, known.binding.identity != identity else { return }
        throw Problem(.didAlreadyBound, "\(did) is bound to \(known.binding.identity), and stays so")
    }

    /// - Throws: `malformed_json`; `field_invalid` for another shape.
    private static func bindingRequest(_ call: Call) throws(Problem) -> (did: DID, tokens: [String]) {
        let root = try call.json().root
        guard let did = root["did"]?.string.flatMap({ try? DID($0) }) else {
            throw Problem(.fieldInvalid, "did is a DID")
        }
        guard let list = root["chain"], list.kind == .array,
            (1...RelayLimits.operationsPerRequest).contains(list.count)
        else { throw Problem(.fieldInvalid, "chain is a list of 1 to \(RelayLimits.operationsPerRequest) operations") }
        var tokens: [String] = []
        for element in list.elements {
            guard let token = element.string else {
                throw Problem(.fieldInvalid, "chain holds something else than text")
            }
            tokens.append(token)
        }
        return (did, tokens)
    }

    /// - Throws: `chain_invalid` for a chain that does not verify, or that the DID's key did not begin.
    private static func verified(_ tokens: [String], binding did: DID) throws(Problem) -> IdentityState {
        do throws(ProofError) {
            return try IdentityBinding(did: did, state: IdentityState(verifyingTokens: tokens)).state
        } catch {
            throw Problem(.chainInvalid, "\(error.code.rawValue): \(error.reason)")
        }
    }

    // MARK: Whose requests

    /// The keys that sign requests for a DID: those of the chain that it is bound to, of which the protocol allows 768,
    /// else its own.
    public func signingKeys(for did: DID) async throws(Problem) -> SigningKeys {
        guard did.isKey,
            let record = try await read({ () throws(RelayFailure) in try await relay.store.binding(of: did) })
        else { return SigningKeys(ownKeyOf: did) }
        let current = record.state.signingKeys
        return SigningKeys(current: current, retired: current.contains { $0 == did.publicKey } ? [] : did.ownKeys)
    }

    // MARK: Shapes

    private static let bindingRequest = Schema.named(
        "BindingRequest",
        .object([
            .required("did", .did),
            .required("chain", .array(of: .string("An operation, a compact JWS."), maxItems: 100)),
        ]))
    private static let binding = Schema.named(
        "Binding",
        .object([
            .required("did", .did), .required("dfos_did", .string("The identity that the chain is.")),
            .required("head_cid", .string("The chain's last operation.")), .required("bound_at", .dateTime),
            .required("has_conflict", .boolean),
        ]))
}

extension DID {
    fileprivate var ownKeys: [Ed25519PublicKey] { publicKey.map { [$0] } ?? [] }
}

extension BindingRecord {
    func write(to out: inout JSONWriter) {
        out.beginObject()
        out.field("did", binding.did.string)
        out.field("dfos_did", binding.identity.string)
        out.field("head_cid", state.headCID.string)
        out.field("bound_at", Service.Timestamp.text(ofMilliseconds: binding.moment.atMs))
        out.field("has_conflict", binding.conflict != nil)
        out.endObject()
    }
}

extension ProblemCode {
    /// The DID has a chain already, and the first stays.
    static let didAlreadyBound = Self("did_already_bound", 409, "The DID is bound to another chain")
    /// The chain does not verify, or the DID's key did not begin it.
    static let chainInvalid = Self("chain_invalid", 422, "The chain is invalid")
}
