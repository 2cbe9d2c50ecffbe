public import Cryptography
public import Kernel
public import PostgresClient
public import ProofChain
public import Settlement

/// Reading the copy of identities.
extension PostgresLedgerStore: IdentityReading {
    /// See ``IdentityReading/authority(over:)``.
    public func authority(over did: DID) async throws(LedgerFailure) -> DIDAuthority? {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(Self.selectAuthority, [.int8(bookID), .text(did.string)]).first
                .map { try DIDAuthority($0) }
        }
    }

    /// See ``IdentityReading/evidence(for:authority:signer:)``.
    public func evidence(
        for manifest: CID, authority: DID, signer: DID
    ) async throws(LedgerFailure) -> ManifestEvidence {
        let bookID = book.bookID
        return try await read { connection in
            let row = try connection.query(
                Self.selectEvidence,
                [.int8(bookID), .text(manifest.string), .text(authority.string), .text(signer.string)]
            ).one()
            return ManifestEvidence(
                recordedAtMs: try row.int8OrNil(0), anchoredAtPosition: try row.int8OrNil(1))
        }
    }

    /// Where reading the log stands; nil before it began.
    public func identityCursor() async throws(LedgerFailure) -> IdentityCursor? {
        try await Self.identityCursor(book.bookID, in: pool)
    }

    /// The same of a book that is not open.
    public static func identityCursor(
        _ bookID: Int64, in pool: PostgresPool
    ) async throws(LedgerFailure) -> IdentityCursor? {
        do {
            return try await pool.run { connection in
                try connection.query(selectCursor, [.int8(bookID)]).first.map { try IdentityCursor($0) }
            }
        } catch {
            throw LedgerFailure(error)
        }
    }

    /// The keys of bound DIDs.
    /// - Parameter limit: at most so many, in no order.
    public func boundKeys(limit: Int) async throws(LedgerFailure) -> [Ed25519PublicKey] {
        let bookID = book.bookID
        return try await read { connection in
            var keys: [Ed25519PublicKey] = []
            try connection.stream(Self.selectBoundKeys, [.int8(bookID), .int8(Int64(limit))]) { row in
                if let key = try? Ed25519PublicKey(rawBytes: try row.bytea(0)) { keys.append(key) }
            }
            return keys
        }
    }

    /// See ``IdentityReading/isRecorded(_:)``.
    public func isRecorded(_ did: DID) async throws(LedgerFailure) -> Bool {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(Self.selectIsRecorded, [.int8(bookID), .text(did.string)]).one().bool(0)
        }
    }

    /// The number of the last change of any DID; 0 before the first.
    func lastChange() async throws(LedgerFailure) -> Int64 {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(Self.selectLastChange, [.int8(bookID)]).one().int8(0)
        }
    }

    /// How many chains are broken: an operation of theirs did not follow.
    public func brokenIdentities() async throws(LedgerFailure) -> Int64 {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(Self.countBroken, [.int8(bookID)]).one().int8(0)
        }
    }

    /// The DIDs that changed after a change, in the order of changes, at most ``changesMax`` of them. Every change has
    /// its own number.
    func changes(after number: Int64) async throws(LedgerFailure) -> [(number: Int64, authority: DIDAuthority)] {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(
                Self.selectChanges, [.int8(bookID), .int8(number), .int8(Int64(Self.changesMax))]
            ).map { (try $0.int8(12), try DIDAuthority($0)) }
        }
    }

    /// How many DIDs have a conflict that nobody resolved, and the first ``conflictsMax`` of them by name.
    public func identityConflicts() async throws(LedgerFailure) -> (count: Int64, first: [DIDBinding]) {
        try await Self.identityConflicts(book.bookID, in: pool)
    }

    /// The same of a book that is not open.
    public static func identityConflicts(
        _ bookID: Int64, in pool: PostgresPool
    ) async throws(LedgerFailure) -> (count: Int64, first: [DIDBinding]) {
        do {
            return try await pool.run { connection in
                let count = try connection.query(countConflicts, [.int8(bookID)]).one().int8(0)
                let rows = try connection.query(selectConflicts, [.int8(bookID), .int8(Int64(conflictsMax))])
                return (count, try rows.map { try DIDBinding($0) })
            }
        } catch {
            throw LedgerFailure(error)
        }
    }

    /// Changes read at once: each comes with its chain, of which one with 10,000 keys is some 1 MB.
    static let changesMax = 100
    /// Conflicts that are told by name; there should be none.
    public static let conflictsMax = 20

    private static let selectCursor = Statement(
        "identity_cursor",
        "SELECT relay, cursor, position, reread, synced_at_ms FROM identity_cursors WHERE book_id = $1")
    static let selectAuthority = Statement(
        "identity_authority",
        """
        SELECT b.did, b.dfos_did, b.bound_position, b.bound_at_ms, b.conflict_dfos_did, b.conflict_position,
               b.conflict_at_ms, b.conflict_resolved_at_ms, i.state, i.standings, i.position, i.broken_position
        FROM identity_bindings b JOIN identities i ON i.book_id = b.book_id AND i.dfos_did = b.dfos_did
        WHERE b.book_id = $1 AND b.did = $2
        """)
    private static let selectChanges = Statement(
        "identity_changes",
        """
        SELECT b.did, b.dfos_did, b.bound_position, b.bound_at_ms, b.conflict_dfos_did, b.conflict_position,
               b.conflict_at_ms, b.conflict_resolved_at_ms, i.state, i.standings, i.position, i.broken_position,
               b.changed
        FROM identity_bindings b JOIN identities i ON i.book_id = b.book_id AND i.dfos_did = b.dfos_did
        WHERE b.book_id = $1 AND b.changed > $2
        ORDER BY b.book_id, b.changed LIMIT $3
        """)
    private static let selectLastChange = Statement(
        "identity_last_change", "SELECT coalesce(max(changed), 0) FROM identity_bindings WHERE book_id = $1")
    private static let countBroken = Statement(
        "identities_broken_count",
        "SELECT count(*) FROM identities WHERE book_id = $1 AND broken_position IS NOT NULL")
    private static let selectIsRecorded = Statement(
        "identity_recorded",
        """
        SELECT EXISTS (SELECT 1 FROM accounts WHERE book_id = $1 AND owner = $2)
            OR EXISTS (SELECT 1 FROM manifest_owners WHERE book_id = $1 AND signer = $2)
        """)
    private static let selectBoundKeys = Statement(
        "identity_bound_keys", "SELECT public_key FROM identity_bindings WHERE book_id = $1 LIMIT $2")
    /// Recorded by the same authority, and anchored by the chain that is the signer's.
    private static let selectEvidence = Statement(
        "identity_evidence",
        """
        SELECT (SELECT time_ms FROM manifests WHERE book_id = $1 AND cid = $2 AND signer = $3),
               (SELECT a.position FROM identity_bindings b
                JOIN manifest_anchors a
                  ON a.book_id = b.book_id AND a.manifest_cid = $2 AND a.dfos_did = b.dfos_did
                WHERE b.book_id = $1 AND b.did = $4)
        """)
    private static let countConflicts = Statement(
        "identity_conflicts_count",
        """
        SELECT count(*) FROM identity_bindings
        WHERE book_id = $1 AND conflict_dfos_did IS NOT NULL AND conflict_resolved_at_ms IS NULL
        """)
    private static let selectConflicts = Statement(
        "identity_conflicts",
        """
        SELECT did, dfos_did, bound_position, bound_at_ms, conflict_dfos_did, conflict_position, conflict_at_ms,
               conflict_resolved_at_ms
        FROM identity_bindings
        WHERE book_id = $1 AND conflict_dfos_did IS NOT NULL AND conflict_resolved_at_ms IS NULL ORDER BY did LIMIT $2
        """)
}

extension DIDBinding {
    /// Reads eight columns: the DID, its chain, when, and the conflict.
    init(_ row: Row) throws {
        var conflict: Conflict?
        if let other = try row.textOrNil(4) {
            conflict = Conflict(
                identity: try DFOSDID(other),
                moment: LogMoment(position: try row.int8(5), atMs: try row.int8(6)),
                resolvedAtMs: try row.int8OrNil(7))
        }
        self.init(
            did: try DID(row.text(0)), identity: try DFOSDID(row.text(1)),
            moment: LogMoment(position: try row.int8(2), atMs: try row.int8(3)), conflict: conflict)
    }
}

extension DIDAuthority {
    /// Reads a binding's columns, and the chain's state, standings and position behind them.
    init(_ row: Row) throws {
        self.init(
            try DIDBinding(row),
            try MirroredIdentity(
                state: row.bytea(8), standings: row.bytea(9), position: row.int8(10),
                brokenAtPosition: row.int8OrNil(11)))
    }
}
