public import Cryptography
public import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore {
    /// A payer's allowances for a service, one per currency.
    public func allowances(of payer: DID, for service: DID) async throws(LedgerFailure) -> [AllowanceRow] {
        let bookID = book.bookID
        return try await read { connection in
            let rows = try connection.query(
                Self.allowances, [.int8(bookID), .text(payer.string), .text(service.string)])
            return try rows.map { row in
                AllowanceRow(
                    key: AllowanceKey(payer: payer.string, service: service.string, currency: try row.text(0)),
                    maxAmountMinor: try row.int8(1), perDayMinor: try row.int8(2), notAfterMs: try row.int8(3),
                    spentDay: try row.int8(4), spentMinor: try row.int8(5))
            }
        }
    }

    private static let allowances = Statement(
        "allowances_of_payer",
        """
        SELECT currency, max_amount, per_day, not_after_ms, spent_day, spent FROM allowances
        WHERE book_id = $1 AND payer = $2 AND service = $3 ORDER BY currency
        """)
}
