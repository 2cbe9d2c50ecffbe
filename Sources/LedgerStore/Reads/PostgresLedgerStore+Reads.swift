public import Cryptography
public import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore {
    /// See ``LedgerStore/settlement(_:)``.
    public func settlement(_ id: String) async throws(LedgerFailure) -> StoredSettlement? {
        let bookID = book.bookID
        return try await read { connection in
            guard let row = try connection.query(Self.settlementByID, [.int8(bookID), .text(id)]).first else {
                return nil
            }
            return StoredSettlement(
                settlementID: id, payer: try DID(row.text(0)), grossMinor: try row.int8(1),
                creditMinor: try row.int8(2), currency: try row.text(3), caller: try row.text(4),
                reply: try row.bytea(5), refundedMinor: try row.int8(6))
        }
    }

    /// See ``LedgerStore/balances(of:)``.
    public func balances(of did: DID) async throws(LedgerFailure) -> [Balance] {
        let bookID = book.bookID
        return try await read { connection in
            var byCurrency: [String: [AccountKind: Counters]] = [:]
            for row in try connection.query(Self.accountsOfOwner, [.int8(bookID), .text(did.string)]) {
                let account = try AccountState(row)
                byCurrency[account.key.currency, default: [:]][account.key.kind] = account.counters
            }
            let restriction = try Self.restriction(of: did, bookID, connection)
            return byCurrency.sorted { $0.key < $1.key }.map {
                Balance(currency: $0.key, accounts: $0.value, restriction: restriction)
            }
        }
    }

    /// See ``LedgerStore/restriction(of:)``.
    public func restriction(of did: DID) async throws(LedgerFailure) -> Restriction {
        try await read { [bookID = book.bookID] connection in try Self.restriction(of: did, bookID, connection) }
    }

    private static func restriction(
        of did: DID, _ bookID: Int64, _ connection: Connection
    ) throws -> Restriction {
        var restriction = Restriction()
        for row in try connection.query(restrictionOf, [.int8(bookID), .text(did.string)]) {
            if let currency = try row.textOrNil(1) {
                restriction.heldBackMinor[currency] = try row.int8(2)
            } else {
                restriction.isFrozen = try row.bool(0)
            }
        }
        return restriction
    }

    /// See ``LedgerStore/transactions(of:before:limit:)``.
    public func transactions(
        of did: DID, before cursor: TransactionCursor?, limit: Int
    ) async throws(LedgerFailure) -> [TransactionLine] {
        let bookID = book.bookID
        return try await read { connection in
            let place = cursor ?? TransactionCursor(seq: .max, accountID: .max, side: .pendingCredit)
            let rows = try connection.query(
                Self.postingsOfOwner,
                [
                    .int8(bookID), .text(did.string), .int8(place.seq), .int8(place.accountID),
                    .int2(place.side.rawValue), .int8(Int64(limit)),
                ])
            return try rows.map { row in
                let kind = try AccountKind(stored: row.text(5))
                return TransactionLine(
                    seq: try row.int8(0), accountID: try row.int8(1), timeMs: try row.int8(2),
                    causeKind: try row.text(3), causeID: try row.text(4), account: kind,
                    currency: try row.text(6), side: try PostingSide(stored: row.int2(7)),
                    amountMinor: try row.int8(8),
                    balanceMinor: try Counters(row, from: 9).balance(kind.accountClass))
            }
        }
    }

    /// See ``LedgerStore/manifest(_:)``.
    public func manifest(_ cid: CID) async throws(LedgerFailure) -> [UInt8]? {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(Self.manifestByCID, [.int8(bookID), .text(cid.string)]).first?.bytea(0)
        }
    }

    /// See ``LedgerStore/gasFacts(cluster:recipient:sinceMs:)``.
    public func gasFacts(
        cluster: DID, recipient: DID, sinceMs: Int64
    ) async throws(LedgerFailure) -> GasFacts {
        let bookID = book.bookID
        return try await read { connection in
            let row = try connection.query(
                Self.gasFacts,
                [
                    .int8(bookID), .text(cluster.string), .text(recipient.string), .int8(sinceMs),
                    .int8(sinceMs + GasWindow.ms - CivilDate.msPerDay),
                ]
            ).one()
            return GasFacts(
                sentCount: Int(try row.int8(0)), sentTodayCount: Int(try row.int8(1)),
                rule: try GasRule(row, standing: 2, perDayMax: 3))
        }
    }

    /// See ``LedgerStore/gasCluster(of:)``.
    public func gasCluster(of sender: DID) async throws(LedgerFailure) -> DID {
        let bookID = book.bookID
        return try await read { connection in
            let rows = try connection.query(Self.gasCluster, [.int8(bookID), .text(sender.string)])
            return try rows.first.map { try DID($0.text(0)) } ?? sender
        }
    }

    private static let settlementByID = Statement(
        "settlement_by_id",
        """
        SELECT s.payer, s.gross, s.credit, s.currency, s.caller, o.body,
               coalesce((SELECT max(refunded_total) FROM refunds r
                         WHERE r.book_id = $1 AND r.settlement_id = s.settlement_id), 0)
        FROM settlements s
        JOIN outcomes o ON o.book_id = $1 AND o.caller = s.caller AND o.idempotency_key = s.idempotency_key
        WHERE s.book_id = $1 AND s.settlement_id = $2
        """)

    private static let restrictionOf = Statement(
        "restriction_of",
        """
        SELECT is_frozen, NULL::text, NULL::bigint FROM restrictions WHERE book_id = $1 AND did = $2
        UNION ALL SELECT NULL, currency, amount FROM held_back WHERE book_id = $1 AND did = $2
        """)
    private static let accountsOfOwner = Statement(
        "accounts_of_owner",
        """
        SELECT a.account_id, a.owner, a.kind, a.detail, a.currency,
               coalesce(p.posted_debits, 0), coalesce(p.posted_credits, 0),
               coalesce(p.pending_debits, 0), coalesce(p.pending_credits, 0)
        FROM accounts a
        LEFT JOIN LATERAL (
            SELECT posted_debits, posted_credits, pending_debits, pending_credits FROM postings
            WHERE book_id = $1 AND account_id = a.account_id
            ORDER BY book_id DESC, account_id DESC, seq DESC, side DESC LIMIT 1
        ) p ON true
        WHERE a.book_id = $1 AND a.owner = $2
        """)

    /// Each account gives its own newest lines by its index; the few accounts of one owner are merged.
    private static let postingsOfOwner = Statement(
        "postings_of_owner",
        """
        SELECT p.seq, p.account_id, e.time_ms, e.cause_kind, e.cause_id, a.kind, a.currency, p.side, p.amount,
               p.posted_debits, p.posted_credits, p.pending_debits, p.pending_credits
        FROM accounts a
        CROSS JOIN LATERAL (
            SELECT * FROM postings
            WHERE book_id = $1 AND account_id = a.account_id
              AND (seq, account_id, side) < ($3, $4, $5) AND seq <= $3
            ORDER BY book_id DESC, account_id DESC, seq DESC, side DESC LIMIT $6
        ) p
        JOIN entries e ON e.book_id = $1 AND e.seq = p.seq
        WHERE a.book_id = $1 AND a.owner = $2
        ORDER BY p.seq DESC, p.account_id DESC, p.side DESC
        LIMIT $6
        """)

    private static let manifestByCID = Statement(
        "manifest_by_cid", "SELECT json FROM manifests WHERE book_id = $1 AND cid = $2")

    private static let gasFacts = Statement(
        "gas_facts",
        """
        SELECT count(g.time_ms), count(g.time_ms) FILTER (WHERE g.time_ms > $5),
               (SELECT standing FROM gas_standings WHERE book_id = $1 AND recipient = $3 AND sender = $2),
               (SELECT per_day_max FROM gas_limits WHERE book_id = $1 AND recipient = $3)
        FROM gas_messages g
        WHERE g.book_id = $1 AND g.cluster = $2 AND g.recipient = $3 AND g.time_ms > $4
        """)

    private static let gasCluster = Statement(
        "gas_cluster", "SELECT founder FROM gas_clusters WHERE book_id = $1 AND sender = $2")
}
