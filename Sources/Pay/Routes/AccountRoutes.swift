import Cryptography
import Kernel
import Service
import Settlement

extension PayService {
    var balanceRoute: Route {
        Route(
            .get, "/api/balance/{did}", id: "getBalance", summary: "What a DID holds, by currency.",
            description: "`available` is cash and credit less what is held. A DID that was never seen holds nothing.",
            tag: "accounts", auth: .signed(scopes: ["read"], note: "the DID itself"),
            parameters: [.path("did", .did, "Whose balance.")],
            responses: [.json(200, "Its balances.", PaySchema.balances)],
            errors: [.callerNotAllowed, .databaseUnavailable]
        ) { call in
            let did = try Self.did("did", call)
            try rules.requireReading(did, by: try call.requireCaller().did)
            let balances = try await read { () throws(LedgerFailure) in try await store.balances(of: did) }
            return .json { out in
                out.beginObject()
                out.field("did", did)
                out.array("balances") { out in
                    for balance in balances { Self.write(balance, &out) }
                }
                out.endObject()
            }
        }
    }

    private static func write(_ balance: Balance, _ out: inout JSONWriter) {
        out.beginObject()
        out.field("currency", balance.currency)
        out.field("cash", balance.cashMinor)
        out.field("credit", balance.creditMinor)
        out.field("held", balance.heldMinor)
        // Three 64-bit numbers: their sum may need more, and is written whole.
        let available = Int128(balance.cashMinor) + Int128(balance.creditMinor) - Int128(balance.heldMinor)
        out.field("available", raw: String(available).utf8)
        out.field("withdrawable", balance.withdrawableMinor)
        out.field("receivable", balance.receivableMinor)
        out.endObject()
    }

    var transactionsRoute: Route {
        Route(
            .get, "/api/transactions/{did}", id: "listTransactions", summary: "A DID's postings, newest first.",
            tag: "accounts", auth: .signed(scopes: ["read"], note: "the DID itself"),
            parameters: [.path("did", .did, "Whose postings.")] + Parameter.page,
            responses: [.json(200, "A page of postings.", PaySchema.transactions)],
            errors: [.callerNotAllowed, .limitInvalid, .cursorInvalid, .databaseUnavailable]
        ) { call in
            let did = try Self.did("did", call)
            try rules.requireReading(did, by: try call.requireCaller().did)
            let page = try call.page()
            let cursor = try page.cursor.map { bytes throws(Problem) in
                guard let cursor = TransactionCursor(bytes: bytes) else {
                    throw Problem(.cursorInvalid, "cursor is not one that a previous page gave")
                }
                return cursor
            }
            // One more than asked for tells whether there is a next page.
            let lines = try await read { () throws(LedgerFailure) in
                try await store.transactions(of: did, before: cursor, limit: page.limit + 1)
            }
            let shown = lines.prefix(page.limit)
            return .page(shown.map(\.json), next: lines.count > page.limit ? shown.last?.cursor.bytes : nil)
        }
    }

    /// A path parameter that is a DID.
    static func did(_ name: String, _ call: Call) throws(Problem) -> DID {
        do throws(CryptographyError) {
            return try DID(call.parameter(name))
        } catch {
            throw Problem(.queryInvalid, "\(name) is not a DID")
        }
    }
}

extension TransactionLine {
    /// The line as a member of a list.
    var json: [UInt8] {
        var out = JSONWriter()
        out.beginObject()
        out.field("entry_seq", seq)
        out.field("created_at", CivilDate(ms: timeMs).rfc3339)
        out.field("kind", causeKind)
        out.field("reference", causeID)
        out.field("account", account.rawValue)
        out.field("currency", currency)
        out.field("side", side.text)
        out.field("amount", amountMinor)
        out.field("balance", balanceMinor)
        out.endObject()
        return out.bytes
    }
}

extension PostingSide {
    /// As replies write it.
    var text: String {
        switch self {
        case .debit: "debit"
        case .credit: "credit"
        case .pendingDebit: "pending_debit"
        case .pendingCredit: "pending_credit"
        }
    }

    /// Every text.
    static let texts = ["debit", "credit", "pending_debit", "pending_credit"]
}

extension TransactionCursor {
    /// 18 bytes, big-endian: entry number, account number, side.
    var bytes: [UInt8] {
        [seq, accountID].flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
            + [UInt8(truncatingIfNeeded: side.rawValue >> 8), UInt8(truncatingIfNeeded: side.rawValue)]
    }

    /// Reads what `bytes` gives; nil for anything else.
    init?(bytes: [UInt8]) {
        guard bytes.count == 18 else { return nil }
        func number(_ range: Range<Int>) -> Int64 { bytes[range].reduce(0) { $0 << 8 | Int64($1) } }
        guard let side = PostingSide(rawValue: Int16(truncatingIfNeeded: number(16..<18))) else { return nil }
        self.init(seq: number(0..<8), accountID: number(8..<16), side: side)
    }
}
