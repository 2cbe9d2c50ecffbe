import Cryptography
import LedgerStore

/// Walks over a range of the book, page by page: memory holds one page, however long the book is.
struct EntryPages: Sendable {
    let moment: MomentOptions
    let did: DID?
    let after: Int64
    let limit: Int

    /// Entries of one page: some 500 KB of five-way settlements.
    private static let pageEntries = 1000

    init(moment: MomentOptions, did: DID? = nil, after: Int64 = 0, limit: Int = .max) {
        self.moment = moment
        self.did = did
        self.after = after
        self.limit = limit
    }

    /// Calls `body` with each entry, in the order of the book.
    func forEach(_ store: PostgresLedgerStore, _ body: (EntryLine) throws -> Void) async throws {
        var seq = after
        var left = limit
        let last: Int64 = if case .seq(let last) = moment.moment { last } else { .max }
        while left > 0 {
            let size = min(left, Self.pageEntries)
            let page = try await store.entries(after: seq, until: last, of: did, limit: size)
            for entry in page {
                guard moment.includes(entry.seq, entry.timeMs) else { return }
                try body(entry)
                seq = entry.seq
            }
            left -= page.count
            if page.count < size { return }
        }
    }
}

/// Parts of entries as text.
enum EntryText {
    /// `YYYY-MM-DD` of the number `YYYYMMDD`.
    static func date(_ basic: Int64) -> String {
        func pad(_ number: Int64, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return pad(basic / 10_000, 4) + "-" + pad(basic / 100 % 100, 2) + "-" + pad(basic % 100, 2)
    }
}
