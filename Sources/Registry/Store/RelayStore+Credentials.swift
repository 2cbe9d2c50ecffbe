import PostgresClient

/// A public credential in the index.
struct CredentialRow: Sendable {
    let cid: String
    let issuerDID: String
    /// `[{"resource":…,"action":…}]`.
    let attenuations: String
    let expiresAt: Int64
    let token: String
}

/// A credit in the index.
struct CreditRow: Sendable {
    let contentID: String
    let did: String
    let role: String?
    let ordinal: Int32
    let hasClaim: Bool
}

/// A revocation as it is served.
struct RevocationRow: Sendable {
    let credentialCID: String
    let token: String
}

extension RelayStore {
    func indexCredentials(
        issuer: String?, resources: [String]?, action: String?, _ page: PageRequest
    ) async throws(RelayFailure) -> [CredentialRow] {
        let values: [Parameter] = [
            .text(issuer), .texts((resources ?? []).map(StoredText.encode)), .bool(resources != nil),
            .text(action.map(StoredText.encode)), .text(page.after ?? ""), .int8(Int64(page.limit)),
        ]
        return try await read { connection in
            try connection.query(Self.selectCredentials, values).map {
                CredentialRow(
                    cid: try $0.text(0), issuerDID: try $0.text(1), attenuations: try $0.text(2),
                    expiresAt: try $0.int8(3), token: try $0.text(4))
            }
        }
    }

    /// Credits of documents that anyone may read, as of `at`, by content id and place in the document.
    func indexCredits(
        did: String?, contentID: String?, role: String?, after: OrderedCursor?, limit: Int, at: Int64
    ) async throws(RelayFailure) -> [CreditRow] {
        let values: [Parameter] = [
            .text(did.map(StoredText.encode)), .text(contentID), .text(role.map(StoredText.encode)), .int8(at),
            .text(after?.rank ?? ""), .int4(after.flatMap { Int32($0.key) } ?? -1), .int8(Int64(limit)),
        ]
        return try await read { connection in
            try connection.query(Self.selectCredits, values).map {
                CreditRow(
                    contentID: try $0.text(0), did: StoredText.decode(try $0.text(1)),
                    role: try $0.textOrNil(2).map(StoredText.decode), ordinal: try $0.int4(3),
                    hasClaim: try $0.bool(4))
            }
        }
    }

    /// The revocation of a credential; of several issuers' the one by the least DID.
    func revocation(of credentialCID: String) async throws(RelayFailure) -> RevocationRow? {
        try await read { connection in
            try connection.query(Self.selectRevocation, [.text(credentialCID)]).first.map {
                RevocationRow(credentialCID: try $0.text(0), token: try $0.text(1))
            }
        }
    }

    /// A page of an issuer's revocations by credential.
    func revocations(by issuer: String, _ page: PageRequest) async throws(RelayFailure) -> [RevocationRow] {
        let values: [Parameter] = [.text(issuer), .text(page.after ?? ""), .int8(Int64(page.limit))]
        return try await read { connection in
            try connection.query(Self.selectIssuerRevocations, values).map {
                RevocationRow(credentialCID: try $0.text(0), token: try $0.text(1))
            }
        }
    }

    private static let selectCredentials = """
        SELECT c.cid, c.issuer_did, c.attenuations, c.expires_at, o.token
        FROM credentials c JOIN operations o ON o.cid = c.cid
        WHERE ($1::text IS NULL OR c.issuer_did = $1)
          AND (NOT $3 OR EXISTS (
              SELECT FROM credential_attenuations a WHERE a.cid = c.cid AND a.resource = ANY ($2)))
          AND ($4::text IS NULL OR EXISTS (
              SELECT FROM credential_attenuations a WHERE a.cid = c.cid AND a.action = $4))
          AND c.cid > $5
        ORDER BY c.cid LIMIT $6
        """
    private static let selectCredits = """
        SELECT c.content_id, b.did, b.role, b.ordinal, b.has_claim
        FROM content_index($4) AS c
        JOIN blob_credits b ON b.creator_did = c.creator_did AND b.document_cid = c.served_cid
        WHERE c.is_public AND NOT c.is_deleted
          AND ($1::text IS NULL OR b.did = $1) AND ($2::text IS NULL OR c.content_id = $2)
          AND ($3::text IS NULL OR b.role = $3)
          AND (c.content_id > $5 OR (c.content_id = $5 AND b.ordinal > $6))
        ORDER BY c.content_id, b.ordinal LIMIT $7
        """
    private static let selectRevocation = Statement(
        "registry_revocation",
        """
        SELECT r.credential_cid, o.token FROM revocations r JOIN operations o ON o.cid = r.cid
        WHERE r.credential_cid = $1 ORDER BY r.issuer_did LIMIT 1
        """)
    private static let selectIssuerRevocations = Statement(
        "registry_issuer_revocations",
        """
        SELECT r.credential_cid, o.token FROM revocations r JOIN operations o ON o.cid = r.cid
        WHERE r.issuer_did = $1 AND r.credential_cid > $2 ORDER BY r.credential_cid LIMIT $3
        """)
}
