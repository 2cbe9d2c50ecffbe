public import Cryptography
import Kernel
import PostgresClient
public import Settlement

/// A session key as stored.
public struct StoredSessionKey: Sendable {
    /// Its name in requests.
    public let keyID: String
    /// Whom it stands for.
    public let did: DID
    /// The HMAC key.
    public let secret: [UInt8]
    /// Milliseconds since 1970.
    public let expiresAtMs: Int64

    /// A session key.
    public init(keyID: String, did: DID, secret: [UInt8], expiresAtMs: Int64) {
        self.keyID = keyID
        self.did = did
        self.secret = secret
        self.expiresAtMs = expiresAtMs
    }
}

extension PostgresLedgerStore {
    /// Stores a session key, so that every process of the node knows it; forgets those that are over.
    ///
    /// - Parameter nonce: of the request that asked for it. Keys outlive the window in which that request is valid.
    /// - Returns: `false` when the same request got a key before: it is a replay.
    public func save(_ key: StoredSessionKey, nonce: String, nowMs: Int64) async throws(LedgerFailure) -> Bool {
        let bookID = book.bookID
        return try await read { connection in
            try connection.query(Self.deleteOverdue, [.int8(bookID), .int8(nowMs)])
            return try connection.query(
                Self.insertSessionKey,
                [
                    .int8(bookID), .text(key.keyID), .text(key.did.string), .bytea(key.secret),
                    .int8(key.expiresAtMs), .text(nonce),
                ]
            ).affected == 1
        }
    }

    /// A session key by name.
    public func sessionKey(_ keyID: String) async throws(LedgerFailure) -> StoredSessionKey? {
        let bookID = book.bookID
        return try await read { connection in
            guard let row = try connection.query(Self.selectSessionKey, [.int8(bookID), .text(keyID)]).first else {
                return nil
            }
            return StoredSessionKey(
                keyID: keyID, did: try DID(row.text(0)), secret: try row.bytea(1), expiresAtMs: try row.int8(2))
        }
    }

    /// Forgets all session keys of a DID.
    public func revokeSessionKeys(of did: DID) async throws(LedgerFailure) {
        let bookID = book.bookID
        try await read { connection in
            _ = try connection.query(Self.deleteSessionKeys, [.int8(bookID), .text(did.string)])
        }
    }

    private static let insertSessionKey = Statement(
        "insert_session_key",
        """
        INSERT INTO session_keys (book_id, key_id, did, secret, expires_at_ms, nonce) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (book_id, did, nonce) DO NOTHING
        """)
    private static let selectSessionKey = Statement(
        "select_session_key", "SELECT did, secret, expires_at_ms FROM session_keys WHERE book_id = $1 AND key_id = $2")
    private static let deleteOverdue = Statement(
        "delete_overdue_session_keys", "DELETE FROM session_keys WHERE book_id = $1 AND expires_at_ms < $2")
}
