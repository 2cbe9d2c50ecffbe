import Cryptography
import Kernel
import PostgresClient

/// What the entries say, taken in one after the other.
struct JournalCheck {
    /// An account as its opening and its postings make it.
    struct Account {
        let identity: UInt64
        /// A hash of the owner.
        let owner: UInt64
        let kind: AccountKind
        /// Index of the currency.
        let currency: Int32
        var counters = Counters()
    }

    private(set) var seq: Int64 = 0
    private(set) var hash = Entry.genesisHash
    private(set) var postingsCount: Int64 = 0
    /// Sums of the postings' hashes by block of entries, to say where a difference is.
    private(set) var blocks: [UInt64] = []
    private(set) var accounts: [Account?] = []
    private(set) var accountsCount = 0
    private var timeMs = Int64.min
    private var currencies: [String: Int32] = [:]

    /// Entries per block.
    static let blockEntries: Int64 = 1024

    func account(_ id: Int64) -> Account? {
        id > 0 && id <= accounts.count ? accounts[Int(id - 1)] : nil
    }

    mutating func take(_ row: Row, book: String, _ report: inout VerificationReport) throws {
        let (seq, body, hash) = (try row.int8(0), try row.bytea(5), try row.bytea(6))
        if seq != self.seq + 1 { report.add(.sequenceGap, "entry \(seq) follows entry \(self.seq)") }
        if Entry.hash(previousHash: self.hash, body: body) != hash {
            report.add(.hashMismatch, "entry \(seq) does not hash to what is stored")
        }
        self.seq = seq
        self.hash = hash
        guard let entry = try? Entry(body: body), entry.body() == body else {
            report.add(.entryMalformed, "entry \(seq) has an unreadable body")
            return
        }
        let sameColumns =
            try
            (entry.seq == seq && entry.book == book && entry.timeMs == row.int8(1)
            && entry.effectiveOn == Int64(row.int4(2)) && entry.cause.kind == row.text(3)
            && entry.cause.id == row.text(4))
        if !sameColumns { report.add(.entryMalformed, "entry \(seq) has columns that its body does not have") }
        if entry.timeMs < timeMs { report.add(.entryMalformed, "entry \(seq) is earlier than the one before it") }
        timeMs = max(timeMs, entry.timeMs)
        for opening in entry.opens { open(opening, seq, &report) }
        post(entry, &report)
    }

    private mutating func open(_ opening: AccountOpening, _ seq: Int64, _ report: inout VerificationReport) {
        // Numbers are given one after the other, so that a gap is a finding and not a huge array.
        guard opening.accountID == Int64(accounts.count) + 1 else {
            return report.add(.accountMismatch, "entry \(seq) opens account \(opening.accountID) out of turn")
        }
        let next = Int32(currencies.count)
        let currency = currencies[opening.key.currency, default: next]
        currencies[opening.key.currency] = currency
        accounts.append(
            Account(
                identity: Self.identity(opening.key), owner: Self.hash(of: opening.key.owner), kind: opening.key.kind,
                currency: currency))
        accountsCount += 1
    }

    private mutating func post(_ entry: Entry, _ report: inout VerificationReport) {
        var posted: [Int32: Int128] = [:]
        var pending: [Int32: Int128] = [:]
        let block = Int((max(entry.seq, 1) - 1) / Self.blockEntries)
        while blocks.count <= block && blocks.count <= Int(seq / Self.blockEntries) { blocks.append(0) }
        for posting in entry.postings {
            postingsCount += 1
            let at = Int(posting.accountID - 1)
            guard accounts.indices.contains(at), var account = accounts[at] else {
                report.add(.accountMismatch, "entry \(entry.seq) posts to account \(posting.accountID), never opened")
                continue
            }
            let signed = posting.side.isDebit ? Int128(posting.amountMinor) : -Int128(posting.amountMinor)
            if posting.side.isPending {
                pending[account.currency, default: 0] += signed
            } else {
                posted[account.currency, default: 0] += signed
            }
            guard let counters = account.counters.applying(posting.side, posting.amountMinor) else {
                report.add(.runningBalance, "entry \(entry.seq) takes account \(posting.accountID) out of range")
                continue
            }
            account.counters = counters
            accounts[at] = account
            if blocks.indices.contains(block) {
                blocks[block] &+= Self.mix(
                    posting.accountID, entry.seq, posting.side.rawValue, posting.amountMinor)
            }
        }
        if posted.values.contains(where: { $0 != 0 }) || pending.values.contains(where: { $0 != 0 }) {
            report.add(.entryUnbalanced, "entry \(entry.seq) has debits that differ from its credits")
        }
    }

    /// A hash of an account's identity.
    static func identity(_ key: AccountKey) -> UInt64 {
        let text = [key.kind.rawValue, key.owner, key.detail, key.currency].joined(separator: "\u{1f}")
        return hash(of: text)
    }

    /// The first 64 bits of a text's SHA-256.
    static func hash(of text: String) -> UInt64 {
        SHA256.hash(Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What an entry gives each owner, all accounts together, credits less debits; zeros left out. And what it takes
    /// from its owners' credit.
    func movements(of entry: Entry) -> (byOwner: [UInt64: Int128], creditByOwner: [UInt64: Int128]) {
        var byOwner: [UInt64: Int128] = [:]
        var creditByOwner: [UInt64: Int128] = [:]
        for posting in entry.postings where !posting.side.isPending {
            guard let account = account(posting.accountID) else { continue }
            let signed = posting.side.isDebit ? -Int128(posting.amountMinor) : Int128(posting.amountMinor)
            byOwner[account.owner, default: 0] += signed
            if account.kind == .credit { creditByOwner[account.owner, default: 0] += signed }
        }
        return (byOwner.filter { $0.value != 0 }, creditByOwner.filter { $0.value != 0 })
    }

    /// A well-mixed hash of a posting (the finalizer of splitmix64 over its four numbers).
    static func mix(_ account: Int64, _ seq: Int64, _ side: Int16, _ amount: Int64) -> UInt64 {
        var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
        for word in [account, seq, Int64(side), amount] {
            hash = (hash ^ UInt64(bitPattern: word)) &* 0xbf58_476d_1ce4_e5b9
            hash = (hash ^ (hash >> 29)) &* 0x94d0_49bb_1331_11eb
            hash ^= hash >> 32
        }
        return hash
    }
}
