import PostgresClient

/// An identity as it is served.
struct IdentityRecord: Sendable {
    let did: String
    let headCID: String
    let genesisAt: String
    let headAt: String
    let operationCount: Int32
    /// The state as JSON.
    let state: String
}

/// A content chain as it is served.
struct ContentRecord: Sendable {
    let contentID: String
    let genesisCID: String
    let headCID: String
    let creatorDID: String
    let isDeleted: Bool
    let documentCID: String?
    let length: Int32
}

/// A countersignature as it is served.
struct CountersignRow: Sendable {
    let cid: String
    let token: String
}

extension RelayStore {
    func identity(_ did: String) async throws(RelayFailure) -> IdentityRecord? {
        try await read { connection in
            try connection.query(Self.selectIdentity, [.text(did)]).first.map { row in
                IdentityRecord(
                    did: try row.text(0), headCID: try row.text(1), genesisAt: try row.text(2),
                    headAt: try row.text(3), operationCount: try row.int4(4), state: try row.text(5))
            }
        }
    }

    func content(_ contentID: String) async throws(RelayFailure) -> ContentRecord? {
        try await read { try Self.content(contentID, on: $0) }
    }

    static func content(_ contentID: String, on connection: Connection) throws -> ContentRecord? {
        try connection.query(selectContent, [.text(contentID)]).first.map { row in
            ContentRecord(
                contentID: try row.text(0), genesisCID: try row.text(1), headCID: try row.text(2),
                creatorDID: try row.text(3), isDeleted: try row.bool(4),
                documentCID: try row.textOrNil(5).map(StoredText.decode),
                length: try row.int4(6))
        }
    }

    /// A page of a target's countersignatures by their CID; nil when neither the target nor any of them is known.
    func countersignatures(of target: String, _ page: PageRequest) async throws(RelayFailure) -> [CountersignRow]? {
        try await read { connection in
            let rows = try connection.query(
                Self.selectCountersigns, [.text(target), .text(page.after ?? ""), .int8(Int64(page.limit))])
            let isKnown = try rows.count > 0 || connection.query(Self.selectTarget, [.text(target)]).count > 0
            guard isKnown else { return nil }
            return try rows.map { CountersignRow(cid: try $0.text(0), token: try $0.text(1)) }
        }
    }

    private static let selectIdentity = Statement(
        "registry_identity",
        "SELECT did, head_cid, genesis_at, head_at, op_count, state FROM identities WHERE did = $1")
    private static let selectContent = Statement(
        "registry_content",
        """
        SELECT content_id, genesis_cid, head_cid, creator_did, is_deleted, document_cid, length
        FROM content_chains WHERE content_id = $1
        """)
    private static let selectCountersigns = Statement(
        "registry_countersigns",
        """
        SELECT c.cid, o.token FROM countersigns c JOIN operations o ON o.cid = c.cid
        WHERE c.target_cid = $1 AND c.cid > $2 ORDER BY c.cid LIMIT $3
        """)
    private static let selectTarget = Statement(
        "registry_target",
        """
        SELECT 1 FROM operations WHERE cid = $1
        UNION ALL SELECT 1 FROM countersigns WHERE target_cid = $1 LIMIT 1
        """)
}
