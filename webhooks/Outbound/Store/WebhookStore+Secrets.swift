public import Cryptography
public import PostgresClient

/// What became of a rotation.
public enum RotationResult: Hashable, Sendable {
    /// The new secret signs, beside those that are valid still.
    case done
    /// No such endpoint of that owner.
    case unknown
    /// ``WebhookStore/secretsMax`` are valid already.
    case tooMany
}

extension WebhookStore {
    /// Secrets of an endpoint that are valid at once: each attempt carries a signature by each.
    public static let secretsMax = 4
    /// How long the old secrets stay valid beside the new one, unless the owner says otherwise: a day, milliseconds.
    public static let overlapMs: Int64 = 86_400_000

    /// Gives an endpoint a new secret. The old ones end after `overlapMs`, or when they would have ended anyway.
    public func rotate(
        _ id: String, of owner: DID, to secret: WebhookSecret, overlapMs: Int64, nowMs: Int64
    ) async throws(PostgresError) -> RotationResult {
        let bookID = bookID
        return try await transaction { connection in
            let row = try connection.query(Self.lockEndpoint, [.int8(bookID), .text(id)]).first
            guard let row, try row.text(0) == owner.string else { return .unknown }
            let last = try connection.query(Self.secretNumbers, [.int8(bookID), .text(id)]).first?.int8(0) ?? 0
            try connection.query(Self.deleteExpiredSecrets, [.int8(bookID), .text(id), .int8(nowMs)])
            let valid = try connection.query(Self.secretNumbers, [.int8(bookID), .text(id)]).count
            // With no overlap the new one takes the place of all.
            guard valid < Self.secretsMax || overlapMs == 0 else { return .tooMany }
            try connection.query(Self.expireSecrets, [.int8(bookID), .text(id), .int8(nowMs + overlapMs)])
            try connection.query(Self.insertSecret, [.int8(bookID), .text(id), .int8(last + 1), .bytea(secret.bytes)])
            return .done
        }
    }

    /// The secrets that sign now, by endpoint, newest first.
    static func secrets(
        of endpoints: [String], _ bookID: Int64, nowMs: Int64, on connection: Connection
    ) throws -> [String: [WebhookSecret]] {
        var secrets: [String: [WebhookSecret]] = [:]
        for row in try connection.query(validSecrets, [.int8(bookID), .texts(endpoints), .int8(nowMs)]) {
            guard let secret = WebhookSecret(bytes: try row.bytea(1)) else {
                throw PostgresError(.decoding, "a webhook secret has a length that none has")
            }
            secrets[try row.text(0), default: []].append(secret)
        }
        return secrets
    }
}
