import Cryptography
import Kernel
import LedgerStore

/// A journal for hledger. Account names are those of `ledger balances`; the entry's number is the transaction's code.
struct HledgerFormat: JournalFormat {
    private var accounts: Set<AccountKey> = []
    private var currencies: Set<String> = []

    mutating func head(book: String, node: String) -> String {
        "; MJN book \(book) of \(node)\n; Debits are positive. Holds have moved nothing and stand in comments.\n"
    }

    mutating func entry(_ entry: EntryLine) -> String {
        var text = ""
        for line in entry.lines { declare(line.account, &text) }
        if !text.isEmpty { text = "\n" + text }
        let tags = "time:\(CivilDate(ms: entry.timeMs).rfc3339), hash:\(Hex.encode(entry.hash))"
        let date = EntryText.date(CivilDate(ms: entry.timeMs).basic)
        let effective = EntryText.date(entry.effectiveOn)
        let head = "\(date)\(effective == date ? "" : "=\(effective)") (\(entry.seq)) \(Self.plain(entry.cause.kind))"
        let title = "\(head) \(Self.plain(entry.cause.id))"
        let moved = entry.moved
        text += moved.isEmpty ? "\n; \(title), \(tags)\n" : "\n\(title)  ; \(tags)\n"
        for line in moved { text += "    \(line.account.name)  \(line.signedAmount)\n" }
        for line in entry.held { text += "    ; held: \(line.account.name)  \(line.signedAmount)\n" }
        return text
    }

    private mutating func declare(_ account: AccountKey, _ text: inout String) {
        if currencies.insert(account.currency).inserted {
            let exponent = Currency.named(account.currency)?.exponent ?? 0
            text += "commodity 1000.\(String(repeating: "0", count: exponent)) \(account.currency)\n"
        }
        guard accounts.insert(account).inserted else { return }
        let type =
            switch account.kind.accountClass {
            case .asset: "A"
            case .liability: "L"
            case .income: "R"
            case .expense: "X"
            }
        text += "account \(account.name)  ; type:\(type)"
        if !account.owner.isEmpty { text += ", owner:\(account.owner)" }
        text += "\n"
    }

    /// Characters that would end a description are left out; identifiers of the ledger have none.
    private static func plain(_ text: String) -> String {
        String(text.map { $0 == ";" || $0 == "|" || $0.isNewline ? "_" : $0 })
    }
}
