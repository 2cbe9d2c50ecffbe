import PostgresClient

/// What a relay says of itself.
struct RelayStats: Sendable {
    let did: String
    let profileToken: String
    let pendingCount: Int64
    let operationCount: Int64
    /// Operations by kind, in the protocol's words.
    let countsByKind: [(kind: String, count: Int64)]
    let oldestAt: String?
    let headCID: String?
}

extension RelayStore {
    /// The relay's identity and counters; nil before it has an identity.
    func stats() async throws(RelayFailure) -> RelayStats? {
        try await read { connection in
            let row = try connection.query(Self.selectStats).one()
            guard let did = try row.textOrNil(0), let profile = try row.textOrNil(1) else { return nil }
            let kinds = ["identity", "content", "artifact", "credential", "countersign", "revocation"]
            return RelayStats(
                did: did, profileToken: profile, pendingCount: try row.int8(2), operationCount: try row.int8(3),
                countsByKind: try kinds.enumerated().map { ($1, try row.int8(4 + $0)) },
                oldestAt: try row.textOrNil(10), headCID: try row.textOrNil(11))
        }
    }

    /// Whether the database answers.
    public func isReachable() async -> Bool { (try? await stats()) != nil }

    private static let selectStats = Statement(
        "registry_stats",
        """
        SELECT r.did, r.profile_token, r.pending_ops, r.head_position, r.identity_ops, r.content_ops, r.artifacts,
            r.credentials, r.countersigns, r.revocations,
            (SELECT o.created_at FROM operations o WHERE o.position = 1),
            (SELECT o.cid FROM operations o WHERE o.position = r.head_position)
        FROM relay r WHERE r.id = 1
        """)
}
