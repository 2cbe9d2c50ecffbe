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
    /// The key that asked for it; nil: it was stored before that was noted, and was the one that the DID is.
    public let signer: Ed25519PublicKey?
    /// The HMAC key.
    public let secret: [UInt8]
    /// Milliseconds since 1970.
    public let expiresAtMs: Int64

    /// A session key.
    public init(keyID: String, did: DID, signer: Ed25519PublicKey?, secret: [UInt8], expiresAtMs: Int64) {
        self.keyID = keyID
        self.did = did
        self.signer = signer
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
                    .int8(key.expiresAtMs), .text(nonce), .bytea(key.signer?.rawBytes ?? []),
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
                keyID: keyID, did: try DID(row.text(0)),
                signer: try? Ed25519PublicKey(rawBytes: try row.bytea(3)), secret: try row.bytea(1),
                expiresAtMs: try row.int8(2))
        }
    }

    /// Forgets all session keys of a DID but those that the `kept` keys asked for.
    public func revokeSessionKeys(of did: DID, keeping kept: [Ed25519PublicKey] = []) async throws(LedgerFailure) {
        let bookID = book.bookID
        // What was stored without a signer was asked for by the key that the DID is.
        let isOwnKept = did.publicKey.map { kept.contains($0) } ?? false
        let signers = kept.map(\.rawBytes) + (isOwnKept ? [[]] : [])
        try await read { connection in
            _ = try connection.query(Self.deleteRetired, [.int8(bookID), .text(did.string), .byteas(signers)])
        }
    }

    private static let insertSessionKey = Statement(
        "insert_session_key",
        """
        INSERT INTO session_keys (book_id, key_id, did, secret, expires_at_ms, nonce, signer)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (book_id, did, nonce) DO NOTHING
        """)
    private static let selectSessionKey = Statement(
        "select_session_key",
        "SELECT did, secret, expires_at_ms, signer FROM session_keys WHERE book_id = $1 AND key_id = $2")
    private static let deleteRetired = Statement(
        "delete_retired_session_keys",
        "DELETE FROM session_keys WHERE book_id = $1 AND did = $2 AND signer <> ALL ($3::bytea[])")
    private static let deleteOverdue = Statement(
        "delete_overdue_session_keys", "DELETE FROM session_keys WHERE book_id = $1 AND expires_at_ms < $2")
}
