import PostgresClient

/// What one operation of a content chain committed to.
struct CommittedDocument: Sendable {
    let documentCID: String?
    let signerDID: String
}

/// What is read to answer for a document.
struct DocumentPlace: Sendable {
    let content: ContentRecord
    /// The operation that was asked for; nil when the chain has none such, and for the head.
    let operation: CommittedDocument?
    /// Whether anyone may read the document at the head.
    let isPublic: Bool
}

extension RelayStore {
    /// A content chain, one of its operations, and whether its head may be read by anyone at a time (Unix seconds);
    /// nil when there is no such chain.
    func documentPlace(
        contentID: String, operationCID: String?, at: Int64
    ) async throws(RelayFailure) -> DocumentPlace? {
        try await read { connection in
            guard let content = try Self.content(contentID, on: connection) else { return nil }
            let operation = try operationCID.flatMap { cid in
                try connection.query(Self.selectCommitted, [.text(cid), .text(contentID)]).first.map { row in
                    CommittedDocument(
                        documentCID: try row.textOrNil(0).map(StoredText.decode), signerDID: try row.text(1))
                }
            }
            let isPublic = try connection.query(
                Self.selectPublic, [.text(content.creatorDID), .text(contentID), .int8(at)]
            ).one().bool(0)
            return DocumentPlace(content: content, operation: operation, isPublic: isPublic)
        }
    }

    /// The bytes of the document that an operation of a chain commits to; nil where they were not put, or where the
    /// operation is a delegate's and they were put through other chains alone.
    func blob(
        of content: ContentRecord, operationCID: String, documentCID: String
    ) async throws(RelayFailure) -> [UInt8]? {
        try await read { connection in
            try connection.query(
                Self.selectBlob,
                [.text(content.creatorDID), .text(documentCID), .text(content.contentID), .text(operationCID)]
            ).first.map { try $0.bytea(0) }
        }
    }

    /// Stores a document under its chain's creator, and that it was put through this chain; the same document stored
    /// again is in the place of the first.
    func putBlob(
        of content: ContentRecord, documentCID: String, _ body: [UInt8], _ facts: DocumentFacts, nowMs: Int64
    ) async throws(RelayFailure) {
        let key: [Parameter] = [.text(content.creatorDID), .text(documentCID)]
        let credits = facts.credits
        try await write { connection in
            try connection.query(
                Self.upsertBlob,
                key + [
                    .text(facts.schema.map(StoredText.encode)), .text(facts.profileName.map(StoredText.encode)),
                    .text(facts.profileName.map { StoredText.encode($0.lowercased()) }),
                    .text(facts.postTitle.map(StoredText.encode)),
                    .text(facts.postTitle.map { StoredText.encode($0.lowercased()) }), .int8(nowMs), .bytea(body),
                ])
            try connection.query(Self.insertPlace, [.text(content.contentID), .text(documentCID)])
            try connection.query(Self.deleteCredits, key)
            guard !credits.isEmpty else { return }
            try connection.query(
                Self.insertCredits,
                key + [
                    .int4s(credits.map(\.ordinal)), .texts(credits.map { StoredText.encode($0.did) }),
                    .optionalTexts(credits.map { $0.role.map(StoredText.encode) }), .bools(credits.map(\.hasClaim)),
                ])
        }
    }

    private static let selectCommitted = Statement(
        "registry_committed", "SELECT document_cid, signer_did FROM content_states WHERE cid = $1 AND content_id = $2")
    private static let selectPublic = Statement("registry_is_public", "SELECT is_public($1, $2, $3)")
    private static let selectBlob = Statement(
        "registry_blob",
        "SELECT body FROM blobs WHERE creator_did = $1 AND document_cid = $2 AND is_served($1, $3, $4, $2)")
    private static let insertPlace = Statement(
        "registry_insert_place",
        "INSERT INTO blob_places (content_id, document_cid) VALUES ($1, $2) ON CONFLICT DO NOTHING")
    private static let upsertBlob = Statement(
        "registry_put_blob",
        """
        INSERT INTO blobs (creator_did, document_cid, doc_schema, profile_name, profile_folded, post_title, post_folded,
            stored_at_ms, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (creator_did, document_cid) DO UPDATE SET body = excluded.body
        """)
    private static let deleteCredits = Statement(
        "registry_delete_credits", "DELETE FROM blob_credits WHERE creator_did = $1 AND document_cid = $2")
    private static let insertCredits = Statement(
        "registry_insert_credits",
        """
        INSERT INTO blob_credits (creator_did, document_cid, ordinal, did, role, has_claim)
        SELECT $1, $2, c.ordinal, c.did, c.role, c.has_claim
        FROM unnest($3::integer[], $4::text[], $5::text[], $6::boolean[]) AS c (ordinal, did, role, has_claim)
        """)
}
