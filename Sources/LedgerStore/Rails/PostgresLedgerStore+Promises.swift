public import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore: RailPromiseStore {
    /// How long a promise counts without the journal knowing that the payout is under way, milliseconds: longer than a
    /// call of a rail takes.
    public static let promiseMs: Int64 = 2 * RailTiming.callMs

    /// See `RailPromiseStore`.
    public func promise(
        payout: String, _ amountMinor: Int64, _ currency: String, by rail: RailName, maxMinor: Int64, sinceMs: Int64,
        nowMs: Int64
    ) async throws(LedgerFailure) -> PayoutPromise {
        try await read { [bookID = book.bookID] connection in
            try connection.transaction { connection in
                _ = try connection.query(Self.lockPromises, [.int8(bookID)])
                let scope: [Parameter] = [.int8(bookID), .text(rail.rawValue), .text(currency)]
                _ = try connection.query(Self.deletePromises, scope + [.int8(nowMs - Self.promiseMs)])
                let sums = try connection.query(Self.sumPromised, scope + [.int8(sinceMs), .text(payout)]).one()
                let sent = (try sums.int128OrNil(0) ?? 0) + (try sums.int128OrNil(1) ?? 0)
                guard sent + Int128(amountMinor) <= Int128(maxMinor) else {
                    return .refused(sentMinor: Int64(clamping: sent))
                }
                _ = try connection.query(Self.upsertPromise, scope + [.text(payout), .int8(amountMinor), .int8(nowMs)])
                return .given
            }
        }
    }

    private static let lockPromises = Statement(
        "lock_rail_promises", "SELECT pg_advisory_xact_lock(hashtextextended('rail_promises', $1))")
    private static let deletePromises = Statement(
        "delete_rail_promises",
        "DELETE FROM rail_promises WHERE book_id = $1 AND rail = $2 AND currency = $3 AND promised_at_ms <= $4")
    // Both sums are of one moment: a payout that is begun leaves one and enters the other.
    private static let sumPromised = Statement(
        "sum_rail_promises",
        """
        SELECT
            (SELECT sum(amount) FROM lifecycles
             WHERE book_id = $1 AND rail = $2 AND currency = $3 AND changed_at_ms >= $4 AND lifecycle_id <> $5
               AND kind = 'payout' AND status IN ('sending', 'sent', 'paid')),
            (SELECT sum(p.amount) FROM rail_promises p
             WHERE p.book_id = $1 AND p.rail = $2 AND p.currency = $3 AND p.payout <> $5
               AND NOT EXISTS (
                   SELECT FROM lifecycles l
                   WHERE l.book_id = p.book_id AND l.lifecycle_id = p.payout AND l.changed_at_ms >= $4
                     AND l.status IN ('sending', 'sent', 'paid')))
        """)
    private static let upsertPromise = Statement(
        "upsert_rail_promise",
        """
        INSERT INTO rail_promises (book_id, rail, currency, payout, amount, promised_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (book_id, rail, payout) DO UPDATE
        SET currency = excluded.currency, amount = excluded.amount, promised_at_ms = excluded.promised_at_ms
        """)
}
