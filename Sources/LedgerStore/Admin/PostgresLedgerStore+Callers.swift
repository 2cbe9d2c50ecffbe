public import Cryptography
import Kernel
import PostgresClient
public import Settlement

/// A grant with its history.
public struct CallerRecord: Hashable, Sendable {
    /// The grant.
    public let grant: CallerGrant
    /// Milliseconds since 1970.
    public let allowedAtMs: Int64
    /// Milliseconds since 1970; `nil`: in force.
    public let revokedAtMs: Int64?
}

extension PostgresLedgerStore {
    static let callersChannel = "mjn_callers"

    /// Grants a service its rights, replacing earlier ones. Running servers see it at once.
    public func allow(_ grant: CallerGrant) async throws(LedgerFailure) {
        let bookID = book.bookID
        try await read { connection in
            try connection.query(
                Self.upsertCaller,
                [
                    .int8(bookID), .text(grant.did.string), .text(grant.name),
                    .text(grant.scopes.map(\.rawValue).sorted().joined(separator: ",")),
                    .text(grant.spendsFrom.text), .int8(grant.maxAmountMinor),
                ])
            try connection.notify(Self.callersChannel, payload: "")
        }
    }

    /// Takes a service's rights away, and any DID's session keys. Running servers see it at once.
    /// - Returns: whether there was anything to take.
    public func revoke(_ did: DID) async throws(LedgerFailure) -> Bool {
        let bookID = book.bookID
        return try await read { connection in
            let rows = try connection.query(Self.revokeCaller, [.int8(bookID), .text(did.string)])
            let keys = try connection.query(Self.deleteSessionKeys, [.int8(bookID), .text(did.string)])
            // By name, for those who have session keys and no grant.
            try connection.notify(Self.callersChannel, payload: did.string)
            return rows.affected + keys.affected > 0
        }
    }

    /// All grants, by name.
    public func callers() async throws(LedgerFailure) -> [CallerRecord] {
        let bookID = book.bookID
        return try await read { try Self.callers(bookID, on: $0) }
    }

    static func callers(_ bookID: Int64, on connection: Connection) throws -> [CallerRecord] {
        try connection.query(selectCallers, [.int8(bookID)]).map { row in
            let scopes = try row.text(2).split(separator: ",").compactMap { Scope(rawValue: String($0)) }
            guard let spendsFrom = SpendsFrom(text: try row.text(3)) else {
                throw PostgresError(.decoding, "a caller's spends_from is neither empty, any, nor a DID")
            }
            return CallerRecord(
                grant: CallerGrant(
                    did: try DID(row.text(0)), name: try row.text(1), scopes: Set(scopes), spendsFrom: spendsFrom,
                    maxAmountMinor: try row.int8OrNil(4)),
                allowedAtMs: try row.unixMilliseconds(5), revokedAtMs: try row.unixMillisecondsOrNil(6))
        }
    }

    private static let upsertCaller = Statement(
        "upsert_caller",
        """
        INSERT INTO callers (book_id, did, name, scopes, spends_from, max_amount, allowed_at)
        VALUES ($1, $2, $3, $4, $5, $6, now())
        ON CONFLICT (book_id, did) DO UPDATE
            SET name = excluded.name, scopes = excluded.scopes, spends_from = excluded.spends_from,
                max_amount = excluded.max_amount, allowed_at = excluded.allowed_at, revoked_at = NULL
        """)
    private static let revokeCaller = Statement(
        "revoke_caller",
        "UPDATE callers SET revoked_at = now() WHERE book_id = $1 AND did = $2 AND revoked_at IS NULL")
    private static let selectCallers = Statement(
        "select_callers",
        """
        SELECT did, name, scopes, spends_from, max_amount, allowed_at, revoked_at FROM callers
        WHERE book_id = $1 ORDER BY name, did
        """)
    static let deleteSessionKeys = Statement(
        "delete_session_keys", "DELETE FROM session_keys WHERE book_id = $1 AND did = $2")
}
