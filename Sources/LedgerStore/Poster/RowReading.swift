import Kernel
import PostgresClient

extension AccountState {
    /// Columns: account_id, owner, kind, detail, currency, and the four counters.
    init(_ row: Row) throws {
        self.init(
            accountID: try row.int8(0),
            key: AccountKey(
                owner: try row.text(1), kind: try AccountKind(stored: row.text(2)), detail: try row.text(3),
                currency: try row.text(4)),
            counters: try Counters(row, from: 5))
    }
}

extension Counters {
    /// Four columns: posted debits, posted credits, pending debits, pending credits.
    init(_ row: Row, from column: Int) throws {
        self.init(
            postedDebits: try row.int8(column), postedCredits: try row.int8(column + 1),
            pendingDebits: try row.int8(column + 2), pendingCredits: try row.int8(column + 3))
    }
}

extension AccountKind {
    /// A kind from the database; one that this version does not know is an error, not a guess.
    init(stored text: String) throws {
        guard let kind = AccountKind(rawValue: text) else {
            throw PostgresError(.decoding, "account kind \(text) is unknown to this version")
        }
        self = kind
    }
}

extension PostingSide {
    /// A side from the database.
    init(stored value: Int16) throws {
        guard let side = PostingSide(rawValue: value) else {
            throw PostgresError(.decoding, "posting side \(value) is unknown to this version")
        }
        self = side
    }
}

extension HoldRow {
    /// The columns of `load_holds`.
    init(_ row: Row) throws {
        let currency = try row.text(7)
        guard let status = Status(rawValue: try row.text(10)) else {
            throw PostgresError(.decoding, "hold status is unknown to this version")
        }
        self.init(
            holdID: try row.text(0),
            from: AccountKey(
                owner: try row.text(1), kind: try AccountKind(stored: row.text(2)), detail: try row.text(3),
                currency: currency),
            to: AccountKey(
                owner: try row.text(4), kind: try AccountKind(stored: row.text(5)), detail: try row.text(6),
                currency: currency),
            amountMinor: try row.int8(8), expiresAtMs: try row.int8OrNil(9), status: status,
            postedMinor: try row.int8(11), madeSeq: try row.int8(12), endedSeq: try row.int8(13))
    }
}

extension GasRule {
    /// A standing and a limit, both NULL where the recipient said nothing.
    init(_ row: Row, standing: Int, perDayMax: Int) throws {
        let word = try row.textOrNil(standing).flatMap(Standing.init(rawValue:)) ?? .neutral
        self.init(standing: word, perDayMax: try row.int4OrNil(perDayMax).map(Int.init))
    }
}
