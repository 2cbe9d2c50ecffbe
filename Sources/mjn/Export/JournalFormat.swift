import Kernel
import LedgerStore

/// Writes a book as text of another program, entry by entry.
///
/// Memory grows with the accounts that were met, because each is declared once, not with the entries.
protocol JournalFormat {
    /// What stands before the first entry.
    mutating func head(book: String, node: String) -> String
    /// One entry, with the declarations that it is the first to need.
    mutating func entry(_ entry: EntryLine) -> String
}

extension EntryLine {
    /// The postings that moved money; holds have moved nothing yet.
    var moved: [Line] { lines.filter { !$0.side.isPending } }
    /// The postings of holds.
    var held: [Line] { lines.filter { $0.side.isPending } }
}

extension EntryLine.Line {
    /// The amount with its sign, decimals and currency: debits are positive, as plain-text accounting has it.
    var signedAmount: String {
        Decimal.text((side.isDebit ? 1 : -1) * Int128(amountMinor), currency: account.currency)
    }
}
