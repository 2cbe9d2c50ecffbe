public import Kernel
import PostgresClient
public import Settlement

/// A token that the node deals in at a rail, as it was when it first did.
public struct RailToken: Hashable, Sendable {
    /// The rail's name for it: on Solana, its mint.
    public let token: String
    /// What keeps it there: on Solana, the token program.
    public let program: String
    /// Decimal places.
    public let decimals: UInt8

    /// A token.
    public init(token: String, program: String, decimals: UInt8) {
        self.token = token
        self.program = program
        self.decimals = decimals
    }
}

extension PostgresLedgerStore {
    /// The tokens of a rail, by currency code.
    public func tokens(of rail: RailName) async throws(LedgerFailure) -> [String: RailToken] {
        try await read { [bookID = book.bookID] connection in
            let rows = try connection.query(Self.selectTokens, [.int8(bookID), .text(rail.rawValue)])
            var tokens: [String: RailToken] = [:]
            for row in rows {
                tokens[try row.text(0)] = RailToken(
                    token: try row.text(1), program: try row.text(2), decimals: UInt8(clamping: try row.int8(3)))
            }
            return tokens
        }
    }

    /// Fixes which token a currency is at a rail, unless it is fixed.
    public func pin(_ token: RailToken, as currency: String, of rail: RailName) async throws(LedgerFailure) {
        try await read { [bookID = book.bookID] connection in
            _ = try connection.query(
                Self.insertToken,
                [
                    .int8(bookID), .text(rail.rawValue), .text(currency), .text(token.token), .text(token.program),
                    .int8(Int64(token.decimals)),
                ])
        }
    }

    private static let selectTokens = Statement(
        "select_rail_tokens",
        "SELECT currency, token, program, decimals::bigint FROM rail_tokens WHERE book_id = $1 AND rail = $2")
    private static let insertToken = Statement(
        "insert_rail_token",
        """
        INSERT INTO rail_tokens (book_id, rail, currency, token, program, decimals)
        VALUES ($1, $2, $3, $4, $5, $6::bigint)
        ON CONFLICT (book_id, rail, currency) DO NOTHING
        """)
}
