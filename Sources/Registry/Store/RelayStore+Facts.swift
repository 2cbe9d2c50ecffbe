import Cryptography
import PostgresClient
import ProofChain

/// Reading what a batch is decided on, a statement for each table.
extension RelayStore {
    static func facts(_ query: FactQuery, on connection: Connection) throws -> RelayFacts {
        var facts = RelayFacts()
        try readOperations(query, into: &facts, connection)
        try readContents(query, into: &facts, connection)
        var dids = query.dids
        // Who began a chain is known only now.
        for content in facts.contents.values { dids.insert(content.head.creator.string) }
        try readIdentities(dids, keys: query.keys, into: &facts, connection)
        try readWitnesses(query, into: &facts, connection)
        try readRevocations(query.revoked, into: &facts, connection)
        return facts
    }

    private static func readOperations(_ query: FactQuery, into facts: inout RelayFacts, _ connection: Connection)
        throws
    {
        guard !query.cids.isEmpty else { return }
        for row in try connection.query(selectKnown, [.texts(query.cids.sorted())]) {
            guard let kind = OperationKind.allCases.first(where: { $0.relayName == (try? row.text(2)) }) else {
                throw PostgresError(.decoding, "an operation's kind is unknown to this version")
            }
            facts.operations[try row.text(0)] = RelayFacts.Known(
                token: try row.text(1), kind: kind, chainID: try row.text(3), author: try row.text(4))
        }
    }

    private static func readContents(_ query: FactQuery, into facts: inout RelayFacts, _ connection: Connection) throws
    {
        guard !query.contentParents.isEmpty else { return }
        for row in try connection.query(selectParents, [.texts(query.contentParents.sorted())]) {
            let (id, genesis, creator) = (try row.text(1), try row.text(6), try row.text(7))
            let parent = StoredContent(
                cid: try row.text(0), createdAt: try row.text(2), isDeleted: try row.bool(3),
                documentCID: try row.textOrNil(4), length: try row.int4(5))
            let head = StoredContent(
                cid: try row.text(8), createdAt: try row.text(9), isDeleted: try row.bool(10),
                documentCID: try row.textOrNil(11), length: try row.int4(12))
            let genesisAt = try row.text(13)
            let state = try stored { () throws(ProofError) in
                try parent.state(id: id, genesis: genesis, creator: creator)
            }
            facts.contentStates[parent.cid] = state
            facts.contents[state.contentID] = try RelayFacts.Content(
                head: stored { () throws(ProofError) in try head.state(id: id, genesis: genesis, creator: creator) },
                genesisAt: stored { () throws(ProofError) in try Timestamp(genesisAt) },
                operationCount: Int(row.int4(14)))
        }
    }

    private static func readWitnesses(_ query: FactQuery, into facts: inout RelayFacts, _ connection: Connection) throws
    {
        let witnesses = query.witnesses.sorted { ($0.targetCID, $0.witnessDID) < ($1.targetCID, $1.witnessDID) }
        guard !witnesses.isEmpty else { return }
        let rows = try connection.query(
            selectWitnesses, [.texts(witnesses.map(\.targetCID)), .texts(witnesses.map(\.witnessDID))])
        for row in rows {
            facts.witnesses.insert(
                RelayFacts.Witness(targetCID: try row.text(0), witnessDID: try row.text(1)))
        }
    }

    static func readRevocations(
        _ revoked: Set<RelayFacts.Revoked>, into facts: inout RelayFacts, _ connection: Connection
    ) throws {
        let keys = revoked.sorted { ($0.issuerDID, $0.credentialCID) < ($1.issuerDID, $1.credentialCID) }
        guard !keys.isEmpty else { return }
        let rows = try connection.query(
            selectRevoked, [.texts(keys.map(\.issuerDID)), .texts(keys.map(\.credentialCID))])
        for row in rows {
            facts.revoked.insert(
                RelayFacts.Revoked(issuerDID: try row.text(0), credentialCID: try row.text(1)))
        }
    }

    /// What was stored and cannot be read is a failure of the store, not a refusal.
    static func stored<Value>(_ body: () throws(ProofError) -> Value) throws(PostgresError) -> Value {
        do throws(ProofError) {
            return try body()
        } catch {
            throw PostgresError(.decoding, "a stored state cannot be read: \(error.code.rawValue)")
        }
    }

    private static let selectKnown = Statement(
        "registry_known", "SELECT cid, token, kind, chain_id, signer_did FROM operations WHERE cid = ANY ($1)")
    private static let selectParents = Statement(
        "registry_parents",
        """
        SELECT s.cid, s.content_id, s.created_at, s.is_deleted, s.document_cid, s.length, c.genesis_cid, c.creator_did,
            c.head_cid, c.head_at, c.is_deleted, c.document_cid, c.length, c.genesis_at, c.op_count
        FROM content_states s JOIN content_chains c ON c.content_id = s.content_id
        WHERE s.cid = ANY ($1)
        """)
    private static let selectWitnesses = Statement(
        "registry_witnesses",
        """
        SELECT c.target_cid, c.witness_did FROM unnest($1::text[], $2::text[]) AS k (target, witness)
        JOIN countersigns c ON c.target_cid = k.target AND c.witness_did = k.witness
        """)
    private static let selectRevoked = Statement(
        "registry_revoked",
        """
        SELECT r.issuer_did, r.credential_cid FROM unnest($1::text[], $2::text[]) AS k (issuer, credential)
        JOIN revocations r ON r.issuer_did = k.issuer AND r.credential_cid = k.credential
        """)
}

/// The columns that a content state is kept in.
struct StoredContent: Sendable {
    let cid: String
    let createdAt: String
    let isDeleted: Bool
    let documentCID: String?
    let length: Int32

    func state(id: String, genesis: String, creator: String) throws(ProofError) -> ContentState {
        guard let head = try? CID(cid), let genesis = try? CID(genesis) else { throw ProofError(.stateMalformed) }
        return ContentState(
            contentID: try ContentID(id), genesisCID: genesis, headCID: head, isDeleted: isDeleted,
            currentDocumentCID: documentCID.map(StoredText.decode), length: Int(length),
            creator: try DFOSDID(creator), lastCreatedAt: try Timestamp(createdAt))
    }
}
