public import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore: RailNonceStore {
    /// See `RailNonceStore`. Until a payout's call may be over it is not known whether it was begun.
    public func claimNonce(
        at rail: RailName, account: String, value: String, for payout: String, insteadOf former: String?, nowMs: Int64
    ) async throws(LedgerFailure) -> Bool {
        try await read { [bookID = book.bookID] connection in
            try connection.query(
                Self.upsertNonce,
                [
                    .int8(bookID), .text(rail.rawValue), .text(account), .text(value), .text(payout), .int8(nowMs),
                    .int8(nowMs - RailTiming.callMs), .text(former ?? payout),
                ]
            ).count > 0
        }
    }

    private static let upsertNonce = Statement(
        "claim_rail_nonce",
        """
        INSERT INTO rail_nonces AS n (book_id, rail, account, value, payout, claimed_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (book_id, rail, account) DO UPDATE
        SET value = EXCLUDED.value, payout = EXCLUDED.payout, claimed_at_ms = EXCLUDED.claimed_at_ms
        WHERE n.value <> EXCLUDED.value OR n.payout IN (EXCLUDED.payout, $8)
           OR n.claimed_at_ms <= $7 AND NOT EXISTS (
                SELECT 1 FROM lifecycles
                WHERE book_id = $1 AND lifecycle_id = n.payout AND status IN ('sending', 'sent'))
        RETURNING account
        """)
}
