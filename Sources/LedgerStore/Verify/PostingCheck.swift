import Kernel
import PostgresClient

/// Compares the postings, read account by account, with what the journal says.
struct PostingCheck {
    private let journal: JournalCheck
    private var accountID: Int64 = 0
    private var counters = Counters()
    private var blocks: [UInt64]
    private var outside = 0

    init(journal: JournalCheck) {
        self.journal = journal
        blocks = journal.blocks.map { _ in 0 }
    }

    mutating func take(_ row: Row, _ report: inout VerificationReport) throws {
        let (id, seq) = (try row.int8(0), try row.int8(1))
        guard let side = PostingSide(rawValue: try row.int2(2)), seq > 0 else {
            return report.add(.postingMismatch, "account \(id), entry \(seq): no such side, or no such entry")
        }
        let amount = try row.int8(3)
        if id != accountID {
            close(&report)
            accountID = id
            counters = Counters()
        }
        let stored = try Counters(row, from: 4)
        if counters.applying(side, amount) != stored {
            report.add(.runningBalance, "account \(id), entry \(seq): the counters do not follow from those before")
        }
        counters = stored
        let block = Int((seq - 1) / JournalCheck.blockEntries)
        if blocks.indices.contains(block) {
            blocks[block] &+= JournalCheck.mix(id, seq, side.rawValue, amount)
        } else {
            outside += 1
        }
    }

    mutating func finish(_ count: Int64, _ report: inout VerificationReport) {
        close(&report)
        if count != journal.postingsCount {
            report.add(.postingMismatch, "\(count) postings are stored, the entries have \(journal.postingsCount)")
        }
        if outside > 0 { report.add(.postingMismatch, "\(outside) postings belong to entries that do not exist") }
        for (block, (stored, expected)) in zip(blocks, journal.blocks).enumerated() where stored != expected {
            let first = Int64(block) * JournalCheck.blockEntries + 1
            let last = first + JournalCheck.blockEntries - 1
            report.add(.postingMismatch, "the postings of entries \(first)-\(last) are not those of the entries")
        }
    }

    private func close(_ report: inout VerificationReport) {
        guard accountID != 0 else { return }
        guard let account = journal.account(accountID) else {
            return report.add(.accountMismatch, "postings of account \(accountID), which no entry opened")
        }
        if account.counters != counters {
            report.add(.postingMismatch, "account \(accountID) ends at other counters than the entries give it")
        }
        if let floor = account.kind.floorMinor, counters.available(account.kind.accountClass) < floor {
            report.add(.floorCrossed, "account \(accountID) has less than its floor of \(floor)")
        }
    }
}
