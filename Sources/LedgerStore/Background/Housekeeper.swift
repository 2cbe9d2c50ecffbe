import Cryptography
import Foundation
import Kernel
public import Logging
import PostgresClient
public import Settlement

/// Ends what time ends: holds that have lapsed, refusals past their 30 days, authorizations that are over, answers that
/// nobody fetched. Only the process that leads does it.
public final class Housekeeper: Sendable {
    private let store: PostgresLedgerStore
    private let clock: @Sendable () -> Int64
    private let logger: Logger

    /// Between two rounds.
    private static let pause = Duration.seconds(1)
    /// Rows per round and sort, so that a round stays short.
    private static let rowsMax: Int64 = 1000
    /// Rounds between two deletions of old rows.
    private static let deletionEvery = 60

    /// A housekeeper of an open book.
    public init(store: PostgresLedgerStore, clock: @escaping @Sendable () -> Int64, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Works until the task is cancelled.
    public func run() async {
        var round = 0
        while !Task.isCancelled {
            if store.isLeading {
                do {
                    _ = try await expireHolds()
                    if round % Self.deletionEvery == 0 { try await deleteOld() }
                } catch {
                    logger.warning("housekeeping failed", metadata: ["reason": "\(error)"])
                }
            }
            round += 1
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Expires the holds whose time is over; each is an entry of its own. Returns how many ended.
    public func expireHolds() async throws(LedgerFailure) -> Int {
        let (bookID, now) = (store.book.bookID, clock())
        let due = try await store.read { connection in
            try connection.query(Self.dueHolds, [.int8(bookID), .int8(now), .int8(Self.rowsMax)]).map(HoldRow.init)
        }
        guard !due.isEmpty else { return 0 }
        let commands = due.map { hold in
            Command(
                caller: "node", key: "expire/\(hold.holdID)", requestHash: SHA256.hash(Array(hold.holdID.utf8)),
                action: .resolveHold(
                    ResolveHoldOrder(holdID: hold.holdID, from: hold.from, to: hold.to, resolution: .expire)))
        }
        return try await store.submit(commands, atomically: false).count { $0.outcome.isDone }
    }

    private func deleteOld() async throws(LedgerFailure) {
        let (bookID, now) = (store.book.bookID, clock())
        _ = try await store.read { connection in
            try connection.query(Self.deleteRefusals, [.int8(bookID), .int8(now - LedgerState.refusalKeptMs)])
            try connection.query(Self.deleteAuthorizations, [.int8(bookID), .int8(now - CivilDate.msPerDay)])
            try connection.query(Self.deleteAnswers, [.int8(bookID)])
            try connection.query(Self.deleteIntents, [.int8(bookID)])
            return true
        }
    }

    private static let dueHolds = Statement(
        "due_holds",
        """
        SELECT hold_id, from_owner, from_kind, from_detail, to_owner, to_kind, to_detail, currency,
               amount, expires_at_ms, status, posted, made_seq, ended_seq
        FROM holds WHERE book_id = $1 AND status = 'pending' AND expires_at_ms <= $2
        ORDER BY expires_at_ms LIMIT $3
        """)
    private static let deleteRefusals = Statement(
        "delete_refusals", "DELETE FROM outcomes WHERE book_id = $1 AND code IS NOT NULL AND time_ms < $2")
    /// A day later than they end, for the sake of a clock that went back.
    private static let deleteAuthorizations = Statement(
        "delete_authorizations", "DELETE FROM authorizations WHERE book_id = $1 AND not_after_ms < $2")
    /// Nobody waits for them any more; the same key finds out.
    private static let deleteIntents = Statement(
        "delete_old_intents", "DELETE FROM intents WHERE book_id = $1 AND made_at < now() - interval '1 minute'")
    private static let deleteAnswers = Statement(
        "delete_intent_answers",
        "DELETE FROM intent_answers WHERE book_id = $1 AND made_at < now() - interval '1 hour'")
}
