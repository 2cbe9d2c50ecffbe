import Cryptography
import Kernel
import LedgerDouble
import Settlement

/// Looks at every commit as an auditor would: from the rows and the hashed bodies alone.
struct Journal {
    /// Time of the last entry, as the model counts it.
    var timeMs: Int64 = 0
    private var seq: Int64 = 0
    private var hash = [UInt8](repeating: 0, count: 32)
    private var lastTimeMs: Int64 = 0
    private var accounts: [Int64: Model.Sums] = [:]
    private var opened: Int64 = 0
    private var causes: Set<String> = []

    func postings(of seq: Int64, in writes: BatchWrites) -> [PostingRow] { writes.postings.filter { $0.seq == seq } }

    /// Takes a commit in; what is wrong with it, or `nil`.
    mutating func take(_ commit: PosterCommit, book: MemoryBook, model: Model) -> String? {
        for opening in commit.writes.accounts {
            opened += 1
            if opening.accountID != opened { return "account \(opening.accountID) is opened after \(opened - 1)" }
        }
        for entry in commit.writes.entries {
            if let why = take(entry, postings(of: entry.seq, in: commit.writes)) { return why }
        }
        if commit.head.seq != seq || commit.head.hash != hash { return "the head is not the last entry" }
        for settlement in commit.writes.settlements
        where !causes.contains("settlement \(settlement.order.settlementID)") {
            return "settlement \(settlement.order.settlementID) has no entry"
        }
        for posting in commit.writes.postings {
            guard let account = book.accounts[posting.accountID] else { return "no account \(posting.accountID)" }
            guard let sums = accounts[posting.accountID], sums == model.sums[account.key] else {
                return "the model and the postings disagree on \(account.key.name)"
            }
            guard sums == Model.Sums(account.counters) else { return "the counters of \(account.key.name) are wrong" }
        }
        return nil
    }

    private mutating func take(_ entry: EntryRow, _ postings: [PostingRow]) -> String? {
        guard entry.seq == seq + 1 else { return "entry \(entry.seq) comes after \(seq)" }
        guard entry.timeMs >= lastTimeMs else { return "entry \(entry.seq) goes back in time" }
        let message = Array("mjn-entry-v1".utf8) + [0] + hash + entry.body
        guard SHA256.hash(message) == entry.hash else { return "the hash of entry \(entry.seq) is wrong" }
        (seq, hash, lastTimeMs) = (entry.seq, entry.hash, entry.timeMs)
        guard causes.insert("\(entry.causeKind) \(entry.causeID)").inserted else {
            return "\(entry.causeKind) \(entry.causeID) happens twice"
        }
        var posted: Int128 = 0
        var held: Int128 = 0
        for posting in postings {
            let amount = posting.side.isDebit ? Int128(posting.amountMinor) : -Int128(posting.amountMinor)
            if posting.side.isPending { held += amount } else { posted += amount }
            accounts[posting.accountID, default: Model.Sums()].add(posting.side, Int128(posting.amountMinor))
            guard accounts[posting.accountID] == Model.Sums(posting.counters) else {
                return "the counters with entry \(entry.seq) are not the sum of account \(posting.accountID)'s postings"
            }
        }
        guard posted == 0, held == 0 else { return "entry \(entry.seq) does not sum to zero" }
        return nil
    }

    /// Builds all sums anew from nothing but the hashed bodies, and compares; what is wrong, or `nil`.
    func rebuild(from book: MemoryBook, model: Model) -> String? {
        var sums: [Int64: Model.Sums] = [:]
        var keys: [Int64: AccountKey] = [:]
        for (offset, entry) in book.entries.enumerated() {
            guard let body = try? DAGCBOR.decode(entry.body) else { return "entry \(entry.seq) is no dag-cbor" }
            guard body["seq"] == .int(Int64(offset + 1)), body["time"] == .int(entry.timeMs),
                body["book"] == .text(People.book.name), body["cause"]?["id"] == .text(entry.causeID)
            else { return "the body of entry \(entry.seq) says something else than its row" }
            for case .array(let opening) in body["opens"].elements {
                guard let (id, key) = opening.account else { return "entry \(entry.seq) opens nothing readable" }
                keys[id] = key
            }
            for case .array(let posting) in body["postings"].elements {
                guard posting.count == 3, case .int(let id) = posting[0], case .int(let raw) = posting[1],
                    case .int(let amount) = posting[2], let side = PostingSide(rawValue: Int16(raw)), keys[id] != nil
                else { return "entry \(entry.seq) has an unreadable posting" }
                sums[id, default: Model.Sums()].add(side, Int128(amount))
            }
        }
        for (id, account) in book.accounts {
            guard keys[id] == account.key else { return "account \(id) is not what its opening says" }
            let rebuilt = sums[id] ?? Model.Sums()
            guard rebuilt == Model.Sums(account.counters), rebuilt == model.sums[account.key] ?? Model.Sums() else {
                return "\(account.key.name) is not the sum of the journal"
            }
        }
        return seq == Int64(book.entries.count) ? nil : "the journal has \(book.entries.count) entries, not \(seq)"
    }
}

extension CBORValue? {
    fileprivate var elements: [CBORValue] {
        if case .array(let elements)? = self { return elements }
        return []
    }
}

extension [CBORValue] {
    fileprivate var account: (Int64, AccountKey)? {
        guard count == 5, case .int(let id) = self[0], case .text(let kind) = self[1], case .text(let owner) = self[2],
            case .text(let detail) = self[3], case .text(let currency) = self[4], let kind = AccountKind(rawValue: kind)
        else { return nil }
        return (id, AccountKey(owner: owner, kind: kind, detail: detail, currency: currency))
    }
}

extension Model.Sums {
    init(_ counters: Counters) {
        self.init(
            debit: Int128(counters.postedDebits), credit: Int128(counters.postedCredits),
            heldDebit: Int128(counters.pendingDebits), heldCredit: Int128(counters.pendingCredits))
    }
}
