import Cryptography
import PostgresClient
import ProofChain

/// A sign request in the mailbox.
struct MailboxRow: Sendable {
    let sequence: Int64
    let cid: String
    let token: String
    let depositedAtMs: Int64
    let isDeclined: Bool
}

/// A sign request that can be answered.
struct OpenRequest: Sendable {
    let subjectDID: String
    let payloadType: String
    let payload: [UInt8]
    let isDeclined: Bool
    let response: String?
}

/// What became of putting something into the mailbox.
enum MailboxResult: Sendable {
    case stored
    /// The same was there already.
    case same
    /// Something else is there.
    case conflict
    /// The mailbox, or the requester, has too many unanswered requests.
    case full
    /// There is no such request, or none that is in time.
    case unknown
}

/// The signing mailbox. Nothing is served past its expiry.
extension RelayStore {
    func deposit(_ request: SignRequest, token: String, nowMs: Int64) async throws(RelayFailure) -> MailboxResult {
        try await write { connection in
            let known = try connection.query(Self.selectToken, [.text(request.cid.string), .int8(nowMs)]).first
            if let known { return try known.text(0).utf8.elementsEqual(token.utf8) ? .same : .conflict }
            // Without the lock two deposits could both find the last place free.
            _ = try connection.query(Self.lock).one()
            let counts = try connection.query(
                Self.countOpen, [.text(request.subject), .text(request.requester.string), .int8(nowMs)]
            ).one()
            guard try counts.int8(0) < RelayLimits.mailboxPerSubject,
                try counts.int8(1) < RelayLimits.mailboxPerRequester
            else { return .full }
            let inserted = try connection.query(
                Self.insertRequest,
                [
                    .text(request.cid.string), .text(request.requester.string), .text(request.subject),
                    .text(StoredText.encode(request.payloadType)), .bytea(request.payload),
                    .int8(request.expiresAt.millisecondsSinceEpoch), .int8(nowMs), .text(token),
                ]
            ).affected
            return inserted == 1 ? .stored : .same
        }
    }

    /// Unanswered requests to a subject, oldest first.
    func openRequests(
        to subject: String, after sequence: Int64, limit: Int, nowMs: Int64
    ) async throws(RelayFailure) -> [MailboxRow] {
        let values: [Parameter] = [.text(subject), .int8(sequence), .int8(nowMs), .int8(Int64(limit))]
        return try await read { connection in
            try connection.query(Self.selectOpen, values).map {
                MailboxRow(
                    sequence: try $0.int8(0), cid: try $0.text(1), token: try $0.text(2),
                    depositedAtMs: try $0.int8(3), isDeclined: try $0.bool(4))
            }
        }
    }

    func signRequest(_ cid: String, nowMs: Int64) async throws(RelayFailure) -> OpenRequest? {
        try await read { connection in
            try connection.query(Self.selectRequest, [.text(cid), .int8(nowMs)]).first.map {
                OpenRequest(
                    subjectDID: try $0.text(0), payloadType: StoredText.decode(try $0.text(1)),
                    payload: try $0.bytea(2), isDeclined: try $0.bool(3), response: try $0.textOrNil(4))
            }
        }
    }

    /// Stores a verified response; the first one stays.
    func respond(to cid: String, with token: String, nowMs: Int64) async throws(RelayFailure) -> MailboxResult {
        try await write { connection in
            let stored = try connection.query(Self.setResponse, [.text(cid), .int8(nowMs), .text(token)]).affected
            if stored == 1 { return .stored }
            guard let row = try connection.query(Self.selectResponse, [.text(cid), .int8(nowMs)]).first,
                let response = try row.textOrNil(0)
            else { return .unknown }
            return response.utf8.elementsEqual(token.utf8) ? .same : .conflict
        }
    }

    func decline(_ cid: String, nowMs: Int64) async throws(RelayFailure) -> MailboxResult {
        try await write { connection in
            let declined = try connection.query(Self.setDeclined, [.text(cid), .int8(nowMs)]).affected
            if declined == 1 { return .stored }
            return try connection.query(Self.selectResponse, [.text(cid), .int8(nowMs)]).count > 0
                ? .conflict : .unknown
        }
    }

    /// Forgets requests whose time is over, and everything about them.
    func forgetExpiredRequests(nowMs: Int64) async throws(RelayFailure) {
        try await write { _ = try $0.query(Self.deleteExpiredRequests, [.int8(nowMs)]) }
    }

    private static let selectToken = Statement(
        "registry_request_token", "SELECT token FROM sign_requests WHERE cid = $1 AND expires_at_ms > $2")
    private static let countOpen = Statement(
        "registry_count_requests",
        """
        SELECT count(*) FILTER (WHERE subject_did = $1), count(*) FILTER (WHERE requester_did = $2)
        FROM sign_requests
        WHERE (subject_did = $1 OR requester_did = $2) AND response IS NULL AND expires_at_ms > $3
        """)
    private static let insertRequest = Statement(
        "registry_insert_request",
        """
        INSERT INTO sign_requests (cid, requester_did, subject_did, payload_type, payload, expires_at_ms,
            deposited_at_ms, token)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (cid) DO NOTHING
        """)
    private static let selectOpen = Statement(
        "registry_open_requests",
        """
        SELECT sequence, cid, token, deposited_at_ms, is_declined FROM sign_requests
        WHERE subject_did = $1 AND sequence > $2 AND expires_at_ms > $3 AND response IS NULL
        ORDER BY sequence LIMIT $4
        """)
    private static let selectRequest = Statement(
        "registry_request",
        """
        SELECT subject_did, payload_type, payload, is_declined, response FROM sign_requests
        WHERE cid = $1 AND expires_at_ms > $2
        """)
    private static let selectResponse = Statement(
        "registry_response", "SELECT response FROM sign_requests WHERE cid = $1 AND expires_at_ms > $2")
    private static let setResponse = Statement(
        "registry_set_response",
        "UPDATE sign_requests SET response = $3 WHERE cid = $1 AND expires_at_ms > $2 AND response IS NULL")
    private static let setDeclined = Statement(
        "registry_set_declined",
        "UPDATE sign_requests SET is_declined = true WHERE cid = $1 AND expires_at_ms > $2 AND response IS NULL")
    private static let deleteExpiredRequests = Statement(
        "registry_delete_requests", "DELETE FROM sign_requests WHERE expires_at_ms <= $1")
}
