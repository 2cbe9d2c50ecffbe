public import Cryptography
public import Kernel
import PostgresClient
public import Settlement

extension PostgresLedgerStore {
    /// Replaces what a recipient said about senders, from the next message on.
    public func setGasPreferences(
        of recipient: DID, standings: [DID: GasRule.Standing], perDayMax: Int32?
    ) async throws(LedgerFailure) {
        let bookID = book.bookID
        try await read { connection in
            try connection.transaction { connection in
                let whose: [Parameter] = [.int8(bookID), .text(recipient.string)]
                try connection.query(Self.deleteStandings, whose)
                try connection.query(Self.deleteLimit, whose)
                for (sender, standing) in standings where standing != .neutral {
                    try connection.query(Self.insertStanding, whose + [.text(sender.string), .text(standing.rawValue)])
                }
                if let perDayMax { try connection.query(Self.insertLimit, whose + [.int4(perDayMax)]) }
            }
        }
    }

    /// Records that a sender shares a founding DID with its sister businesses: they share one curve from then on.
    public func setGasCluster(of sender: DID, founder: DID) async throws(LedgerFailure) {
        let bookID = book.bookID
        try await read { connection in
            _ = try connection.query(
                Self.upsertCluster, [.int8(bookID), .text(sender.string), .text(founder.string)])
        }
    }

    private static let deleteStandings = Statement(
        "delete_gas_standings", "DELETE FROM gas_standings WHERE book_id = $1 AND recipient = $2")
    private static let deleteLimit = Statement(
        "delete_gas_limit", "DELETE FROM gas_limits WHERE book_id = $1 AND recipient = $2")
    private static let insertStanding = Statement(
        "insert_gas_standing",
        "INSERT INTO gas_standings (book_id, recipient, sender, standing) VALUES ($1, $2, $3, $4)")
    private static let insertLimit = Statement(
        "insert_gas_limit", "INSERT INTO gas_limits (book_id, recipient, per_day_max) VALUES ($1, $2, $3)")
    private static let upsertCluster = Statement(
        "upsert_gas_cluster",
        """
        INSERT INTO gas_clusters (book_id, sender, founder) VALUES ($1, $2, $3)
        ON CONFLICT (book_id, sender) DO UPDATE SET founder = excluded.founder
        """)
}
