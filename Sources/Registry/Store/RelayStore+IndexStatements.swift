import PostgresClient

/// An operation in the index.
struct OperationRow: Sendable {
    let cid: String
    let kind: String
    let chainID: String
    let createdAt: String
    let ingestedAtMs: Int64
}

/// An artifact in the index.
struct ArtifactRow: Sendable {
    let cid: String
    let signerDID: String
    let createdAt: String
    let ingestedAtMs: Int64
    let docSchema: String
}

/// A countersignature in the index.
struct WitnessRow: Sendable {
    let cid: String
    let targetCID: String
    let relation: String?
    let createdAt: String
    let ingestedAtMs: Int64
    let token: String
}

/// The index's lists of single operations.
extension RelayStore {
    func indexOperations(
        kind: String?, chainID: String?, _ order: IndexOrder, limit: Int
    ) async throws(RelayFailure) -> [OperationRow] {
        let (after, rank) = Self.place(order)
        let isByCreation = order.column == .createdAt
        let values: [Parameter] = [
            .text(kind), .text(chainID.map(StoredText.encode)), .text(after), .text(isByCreation ? rank : nil),
            .int8(isByCreation ? nil : rank.flatMap { Int64($0) }), .int8(Int64(limit)),
        ]
        return try await read { connection in
            try connection.query(isByCreation ? Self.operationsByCreation : Self.operationsByIngestion, values).map {
                OperationRow(
                    cid: try $0.text(0), kind: try $0.text(1), chainID: try $0.text(2), createdAt: try $0.text(3),
                    ingestedAtMs: try $0.int8(4))
            }
        }
    }

    func indexArtifacts(
        cid: String?, signer: String?, docSchema: String?, _ order: IndexOrder, limit: Int
    ) async throws(RelayFailure) -> [ArtifactRow] {
        let (after, rank) = Self.place(order)
        let sql =
            switch order.column {
            case nil: Self.artifactsByKey
            case .createdAt: Self.artifactsByCreation
            default: Self.artifactsByIngestion
            }
        let isByIngestion = order.column == .ingestedAt
        let values: [Parameter] = [
            .text(cid), .text(signer), .text(docSchema.map(StoredText.encode)), .text(after),
            .text(isByIngestion ? nil : rank), .int8(isByIngestion ? rank.flatMap { Int64($0) } : nil),
            .int8(Int64(limit)),
        ]
        return try await read { connection in
            try connection.query(sql, values).map {
                ArtifactRow(
                    cid: try $0.text(0), signerDID: try $0.text(1), createdAt: try $0.text(2),
                    ingestedAtMs: try $0.int8(3), docSchema: StoredText.decode(try $0.text(4)))
            }
        }
    }

    func indexCountersignatures(
        witness: String, relation: String?, _ order: IndexOrder, limit: Int
    ) async throws(RelayFailure) -> [WitnessRow] {
        let (after, rank) = Self.place(order)
        let sql =
            switch order.column {
            case nil: Self.witnessByKey
            case .createdAt: Self.witnessByCreation
            default: Self.witnessByIngestion
            }
        let isByIngestion = order.column == .ingestedAt
        let values: [Parameter] = [
            .text(witness), .text(relation.map(StoredText.encode)), .text(after), .text(isByIngestion ? nil : rank),
            .int8(isByIngestion ? rank.flatMap { Int64($0) } : nil), .int8(Int64(limit)),
        ]
        return try await read { connection in
            try connection.query(sql, values).map {
                WitnessRow(
                    cid: try $0.text(0), targetCID: try $0.text(1),
                    relation: try $0.textOrNil(2).map(StoredText.decode),
                    createdAt: try $0.text(3), ingestedAtMs: try $0.int8(4), token: try $0.text(5))
            }
        }
    }

    private static func place(_ order: IndexOrder) -> (after: String, rank: String?) {
        switch order {
        case .key(let after): (after, nil)
        case .time(_, let cursor): (cursor?.key ?? "", cursor?.rank)
        }
    }

    private static let operationsByCreation = """
        SELECT cid, kind, chain_id, created_at, ingested_at_ms FROM operations
        WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR chain_id = $2) AND $5::bigint IS NULL
          AND ($4::text IS NULL OR created_at < $4 OR (created_at = $4 AND cid > $3))
        ORDER BY created_at DESC, cid LIMIT $6
        """
    private static let operationsByIngestion = """
        SELECT cid, kind, chain_id, created_at, ingested_at_ms FROM operations
        WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR chain_id = $2) AND $4::text IS NULL
          AND ($5::bigint IS NULL OR ingested_at_ms < $5 OR (ingested_at_ms = $5 AND cid > $3))
        ORDER BY ingested_at_ms DESC, cid LIMIT $6
        """
    private static let artifactsByKey = """
        SELECT cid, signer_did, created_at, ingested_at_ms, doc_schema FROM artifacts
        WHERE ($1::text IS NULL OR cid = $1) AND ($2::text IS NULL OR signer_did = $2)
          AND ($3::text IS NULL OR doc_schema = $3) AND cid > $4 AND $5::text IS NULL AND $6::bigint IS NULL
        ORDER BY cid LIMIT $7
        """
    private static let artifactsByCreation = """
        SELECT cid, signer_did, created_at, ingested_at_ms, doc_schema FROM artifacts
        WHERE ($1::text IS NULL OR cid = $1) AND ($2::text IS NULL OR signer_did = $2)
          AND ($3::text IS NULL OR doc_schema = $3) AND $6::bigint IS NULL
          AND ($5::text IS NULL OR created_at < $5 OR (created_at = $5 AND cid > $4))
        ORDER BY created_at DESC, cid LIMIT $7
        """
    private static let artifactsByIngestion = """
        SELECT cid, signer_did, created_at, ingested_at_ms, doc_schema FROM artifacts
        WHERE ($1::text IS NULL OR cid = $1) AND ($2::text IS NULL OR signer_did = $2)
          AND ($3::text IS NULL OR doc_schema = $3) AND $5::text IS NULL
          AND ($6::bigint IS NULL OR ingested_at_ms < $6 OR (ingested_at_ms = $6 AND cid > $4))
        ORDER BY ingested_at_ms DESC, cid LIMIT $7
        """
    private static let witnessByKey = """
        SELECT c.cid, c.target_cid, c.relation, c.created_at, c.ingested_at_ms, o.token
        FROM countersigns c JOIN operations o ON o.cid = c.cid
        WHERE c.witness_did = $1 AND ($2::text IS NULL OR c.relation = $2) AND c.cid > $3 AND $4::text IS NULL
          AND $5::bigint IS NULL
        ORDER BY c.cid LIMIT $6
        """
    private static let witnessByCreation = """
        SELECT c.cid, c.target_cid, c.relation, c.created_at, c.ingested_at_ms, o.token
        FROM countersigns c JOIN operations o ON o.cid = c.cid
        WHERE c.witness_did = $1 AND ($2::text IS NULL OR c.relation = $2) AND $5::bigint IS NULL
          AND ($4::text IS NULL OR c.created_at < $4 OR (c.created_at = $4 AND c.cid > $3))
        ORDER BY c.created_at DESC, c.cid LIMIT $6
        """
    private static let witnessByIngestion = """
        SELECT c.cid, c.target_cid, c.relation, c.created_at, c.ingested_at_ms, o.token
        FROM countersigns c JOIN operations o ON o.cid = c.cid
        WHERE c.witness_did = $1 AND ($2::text IS NULL OR c.relation = $2) AND $4::text IS NULL
          AND ($5::bigint IS NULL OR c.ingested_at_ms < $5 OR (c.ingested_at_ms = $5 AND c.cid > $3))
        ORDER BY c.ingested_at_ms DESC, c.cid LIMIT $6
        """
}

extension IndexOrder {
    /// The time it orders by; nil: by key.
    var column: TimeColumn? {
        if case .time(let column, _) = self { column } else { nil }
    }
}
