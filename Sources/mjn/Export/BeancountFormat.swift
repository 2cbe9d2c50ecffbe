import Cryptography
import Foundation
import Kernel
import LedgerStore

/// A file for Beancount. Its account names take letters, digits and hyphens only, each part beginning in upper case:
/// DIDs are respelled, and stand whole in the metadata of `open`.
struct BeancountFormat: JournalFormat {
    private var accounts: Set<AccountKey> = []
    private var currencies: Set<String> = []

    mutating func head(book: String, node: String) -> String {
        """
        ; Debits are positive. Holds have moved nothing and stand in comments.
        option "title" "MJN book \(book) of \(node)"

        """
    }

    mutating func entry(_ entry: EntryLine) -> String {
        let date = EntryText.date(CivilDate(ms: entry.timeMs).basic)
        var text = ""
        for line in entry.lines { declare(line.account, on: date, &text) }
        if !text.isEmpty { text = "\n" + text }
        let moved = entry.moved
        let title = "\(Self.quoted(entry.cause.kind)) \(Self.quoted(entry.cause.id))"
        guard !moved.isEmpty else {
            text += "\n; \(date) \(title) entry \(entry.seq), hash \(Hex.encode(entry.hash))\n"
            for line in entry.held { text += ";   held: \(Self.name(line.account)) \(line.signedAmount)\n" }
            return text
        }
        text += "\n\(date) * \(title)\n  seq: \(entry.seq)\n  time: \"\(CivilDate(ms: entry.timeMs).rfc3339)\"\n"
        text += "  effective: \(EntryText.date(entry.effectiveOn))\n  hash: \"\(Hex.encode(entry.hash))\"\n"
        for line in moved { text += "  \(Self.name(line.account))  \(line.signedAmount)\n" }
        for line in entry.held { text += "  ; held: \(Self.name(line.account)) \(line.signedAmount)\n" }
        return text
    }

    private mutating func declare(_ account: AccountKey, on date: String, _ text: inout String) {
        if currencies.insert(account.currency).inserted { text += "\(date) commodity \(account.currency)\n" }
        guard accounts.insert(account).inserted else { return }
        text += "\(date) open \(Self.name(account)) \(account.currency)\n"
        if !account.owner.isEmpty { text += "  did: \(Self.quoted(account.owner))\n" }
        text += "  ledger-account: \(Self.quoted(account.name))\n"
    }

    /// The account's name in Beancount's grammar; different accounts have different names.
    static func name(_ account: AccountKey) -> String {
        let root =
            switch account.kind.accountClass {
            case .asset: "Assets"
            case .liability: "Liabilities"
            case .income: "Income"
            case .expense: "Expenses"
            }
        var parts = [root, account.kind.rawValue.split(separator: "_").map(\.capitalized).joined()]
        if !account.detail.isEmpty { parts.append(part(account.detail)) }
        if !account.owner.isEmpty { parts.append(part(account.owner)) }
        parts.append(part(account.currency))
        return parts.joined(separator: ":")
    }

    /// One part: letters and digits stay, a colon becomes a hyphen, every other byte `-x`, its two hexadecimal digits
    /// and a hyphen; so does a colon before an `x`, so that `-x` can be told. The first letter becomes upper case: DIDs
    /// and kinds all begin in lower case, so nothing is lost.
    private static func part(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out = ""
        for (index, byte) in bytes.enumerated() {
            let isBeforeX = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "x")
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: out.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ":") where !isBeforeX: out += "-"
            default: out += "-x" + Hex.encode([byte]) + "-"
            }
        }
        return out.prefix(1).uppercased() + out.dropFirst()
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
