import PostgresClient

/// A process's turn to read a peer's log.
struct PeerTurn: Sendable {
    /// After which cursor; nil from the start.
    let after: String?
}

extension RelayStore {
    /// Takes the turn to read a peer's log, when none was taken within an interval; nil when another process has it.
    func claimPeer(_ endpoint: String, nowMs: Int64) async throws(RelayFailure) -> PeerTurn? {
        let before = nowMs - RelayLimits.syncMilliseconds / 2
        return try await write { connection in
            try connection.query(Self.claim, [.text(endpoint), .int8(nowMs), .int8(before)]).first.map {
                PeerTurn(after: try $0.textOrNil(0))
            }
        }
    }

    /// Keeps how far a peer's log was read.
    func keepPlace(of endpoint: String, after: String?) async throws(RelayFailure) {
        try await write { _ = try $0.query(Self.setPlace, [.text(endpoint), .text(after)]) }
    }

    private static let claim = Statement(
        "registry_claim_peer",
        """
        INSERT INTO peer_cursors (endpoint, read_at_ms) VALUES ($1, $2)
        ON CONFLICT (endpoint) DO UPDATE SET read_at_ms = excluded.read_at_ms WHERE peer_cursors.read_at_ms <= $3
        RETURNING after
        """)
    private static let setPlace = Statement(
        "registry_set_place", "UPDATE peer_cursors SET after = $2 WHERE endpoint = $1")
}
