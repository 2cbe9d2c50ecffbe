public import Cryptography
import PostgresClient
import ProofChain

/// The relay's own identity: made once, with one key in all three roles, and with a profile that it signs itself. Both
/// stand in its own log like any other operation.
public struct RelayIdentity: Sendable {
    /// Why a relay cannot have its identity.
    public struct SetupError: Error, Sendable, CustomStringConvertible {
        /// What is wrong, for the operator.
        public let description: String
    }

    /// The profile's schema.
    static let profileSchema = "https://schemas.dfos.com/profile/v1"

    let key: Ed25519PrivateKey
    let name: String
    let nowMs: Int64

    /// Finds the identity of the relay in this store, or makes it. Several processes may do so at one time.
    ///
    /// The profile is signed anew when the name is another, or its key is no longer the identity's.
    /// - Returns: the DID.
    /// - Throws: ``SetupError`` when the relay's identity is not this key's.
    public static func open(
        in store: RelayStore, key: Ed25519PrivateKey, name: String, nowMs: Int64
    ) async throws -> String {
        let identity = RelayIdentity(key: key, name: name, nowMs: nowMs)
        let result: Result<String, SetupError> = try await store.write { connection in
            _ = try connection.query(RelayStore.lock).one()
            return try identity.open(on: connection)
        }
        return try result.get()
    }

    private func open(on connection: Connection) throws -> Result<String, SetupError> {
        let row = try connection.query(Self.selectIdentity).one()
        var sequencer = Sequencer(Ingestion(facts: RelayFacts(), nowMs: nowMs))
        guard let did = try row.textOrNil(0), let profile = try row.textOrNil(1) else {
            return .success(try make(&sequencer, on: connection))
        }
        var facts = RelayFacts()
        try RelayStore.readIdentities([did], keys: [], into: &facts, connection)
        guard let state = facts.identities.values.first, !state.isDeleted else {
            return .failure(SetupError(description: "the relay's identity \(did) is deleted"))
        }
        guard let entry = state.keys.distinct.first(where: { (try? $0.publicKey()) == key.publicKey }) else {
            return .failure(
                SetupError(
                    description: "the relay's identity \(did) has other keys: give the key that it was made with"))
        }
        if isCurrent(profile, of: state) { return .success(did) }
        let signer = OperationSigner(did: state.did, keyID: entry.id, privateKey: key)
        try publishProfile(signer, facts, &sequencer, on: connection)
        return .success(did)
    }

    private func isCurrent(_ token: String, of state: IdentityState) -> Bool {
        guard let operation = try? SignedOperation(token: token), let kid = operation.kid,
            let reference = try? KeyReference(kid), state.keys.key(reference.keyID) != nil
        else { return false }
        return operation.payload.root["content"]?["name"]?.stringEquals(name) == true
    }

    private func make(_ sequencer: inout Sequencer, on connection: Connection) throws -> String {
        let entry = Multikey(key.publicKey)
        let genesis = try OperationSigner.createIdentity(
            keys: KeySet(all: entry), createdAt: try Timestamp(millisecondsSinceEpoch: nowMs), keyID: entry.id,
            privateKey: key)
        let signer = OperationSigner(did: DFOSDID(genesis: genesis.cid), keyID: entry.id, privateKey: key)
        // Of a database that lost its row and kept its log, the genesis is there already.
        let submission = Submission(genesis.token, from: .client)
        let facts = try RelayStore.facts(FactQuery([submission]), on: connection)
        try check(sequencer.ingest([submission], facts: facts))
        try publishProfile(signer, facts, &sequencer, on: connection)
        return signer.did.string
    }

    private func publishProfile(
        _ signer: OperationSigner, _ facts: RelayFacts, _ sequencer: inout Sequencer, on connection: Connection
    ) throws {
        var content = JSONWriter()
        content.beginObject()
        content.field("$schema", Self.profileSchema)
        content.field("name", name)
        content.endObject()
        let profile = try signer.artifact(
            content: content.bytes, createdAt: try Timestamp(millisecondsSinceEpoch: nowMs))
        try check(sequencer.ingest([Submission(profile.token, from: .client)], facts: facts))
        let ingestion = sequencer.ingestion
        try RelayStore.apply(ingestion.changes, ingestion.facts, nowMs: nowMs, on: connection)
        try connection.query(Self.setIdentity, [.text(signer.did.string), .text(profile.token)])
    }

    private func check(_ results: [IngestResult]) throws {
        for result in results where result.status == .rejected {
            throw SetupError(description: "the relay refuses its own identity: \(result.error ?? "")")
        }
    }

    private static let selectIdentity = Statement(
        "registry_own_identity", "SELECT did, profile_token FROM relay WHERE id = 1")
    private static let setIdentity = Statement(
        "registry_set_identity", "UPDATE relay SET did = $1, profile_token = $2 WHERE id = 1")
}
