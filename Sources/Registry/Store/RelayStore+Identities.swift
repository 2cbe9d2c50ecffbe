import Cryptography
import PostgresClient
import ProofChain

/// Identity chains: the head of each in one row, its keys in a row each. Extending a chain reads and writes the head
/// and the keys that the operation speaks of, however many there were.
extension RelayStore {
    /// Adds the heads of identities to the facts.
    /// - Parameter keys: those that the head may list no longer and verifying asks for.
    static func readIdentities(
        _ dids: Set<String>, keys: Set<KeyReference>, into facts: inout RelayFacts, _ connection: Connection
    ) throws {
        guard !dids.isEmpty else { return }
        for row in try connection.query(selectStates, [.texts(dids.sorted())]) {
            let encoded = try row.bytea(0)
            let state = try stored { () throws(ProofError) in try IdentityState(encoded: encoded) }
            facts.identities[state.did] = state
        }
        let wanted = keys.filter { facts.identities[$0.did]?.history[$0.keyID] == nil }.filter {
            facts.identities[$0.did] != nil
        }
        guard !wanted.isEmpty else { return }
        let rows = try connection.query(
            selectKeys, [.texts(wanted.map(\.did.string)), .byteas(wanted.map { hash($0.keyID) })])
        for row in rows {
            let did = try row.text(0)
            let key = Multikey(id: KeyID(try text(row, 1)), publicKeyMultibase: try text(row, 2))
            let identity = try stored { () throws(ProofError) in try DFOSDID(did) }
            facts.identities[identity]?.remember([key])
        }
    }

    static func writeIdentities(_ states: [IdentityState], _ connection: Connection) throws {
        guard !states.isEmpty else { return }
        try connection.query(
            upsertIdentities,
            [
                .texts(states.map(\.did.string)), .texts(states.map(\.headCID.string)),
                .texts(states.map(\.createdAt.string)), .texts(states.map(\.lastCreatedAt.string)),
                .int4s(states.map { Int32(clamping: $0.operationCount) }), .bools(states.map(\.isDeleted)),
                .optionalTexts(states.map(\.profileAnchor)), .byteas(states.map { $0.head.encoded() }),
                .texts(states.map(\.servedJSON)),
            ])
        // What was read for the batch, and what the batch listed: the rest is there.
        let keys = states.flatMap { state in state.listedKeys.map { (state.did.string, $0) } }
        try connection.query(
            insertKeys,
            [
                .texts(keys.map(\.0)), .byteas(keys.map { hash($0.1.id) }),
                .byteas(keys.map { Array($0.1.id.string.utf8) }),
                .byteas(keys.map { Array($0.1.publicKeyMultibase.utf8) }),
            ])
    }

    private static func hash(_ id: KeyID) -> [UInt8] { SHA256.hash(Array(id.string.utf8)) }

    private static func text(_ row: Row, _ column: Int) throws -> String {
        String(decoding: try row.bytea(column), as: UTF8.self)
    }

    private static let selectStates = Statement(
        "registry_states", "SELECT encoded FROM identities WHERE did = ANY ($1)")
    private static let selectKeys = Statement(
        "registry_keys",
        """
        SELECT k.did, k.key_id, k.material FROM unnest($1::text[], $2::bytea[]) AS w (did, key_hash)
        JOIN identity_keys k ON k.did = w.did AND k.key_hash = w.key_hash
        """)
    private static let insertKeys = Statement(
        "registry_insert_keys",
        """
        INSERT INTO identity_keys (did, key_hash, key_id, material)
        SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[])
        ON CONFLICT (did, key_hash) DO NOTHING
        """)
    private static let upsertIdentities = Statement(
        "registry_upsert_identities",
        """
        INSERT INTO identities (did, head_cid, genesis_at, head_at, op_count, is_deleted, profile_anchor, encoded,
            state)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::boolean[], $7::text[],
            $8::bytea[], $9::text[])
        ON CONFLICT (did) DO UPDATE SET head_cid = excluded.head_cid, head_at = excluded.head_at,
            op_count = excluded.op_count, is_deleted = excluded.is_deleted, profile_anchor = excluded.profile_anchor,
            encoded = excluded.encoded, state = excluded.state
        """)
}
