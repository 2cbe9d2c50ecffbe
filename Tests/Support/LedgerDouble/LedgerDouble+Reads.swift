public import Cryptography
public import Kernel
public import Settlement

extension LedgerDouble {
    /// See `LedgerStore`.
    public func settlement(_ id: String) async throws(LedgerFailure) -> StoredSettlement? {
        let book = book
        guard let row = book.settlements[id], let reply = book.outcomes[row.identity]?.outcome.body else { return nil }
        return StoredSettlement(
            settlementID: id, payer: row.order.payer, grossMinor: row.order.grossMinor, creditMinor: row.creditMinor,
            currency: row.order.currency, caller: row.identity.caller, reply: reply,
            refundedMinor: book.refundedTotals[id] ?? 0)
    }

    /// See `LedgerStore`.
    public func balances(of did: DID) async throws(LedgerFailure) -> [Balance] {
        let book = book
        var byCurrency: [String: [AccountKind: Counters]] = [:]
        for account in book.accounts.values where account.key.owner == did.string {
            byCurrency[account.key.currency, default: [:]][account.key.kind] = account.counters
        }
        return byCurrency.sorted { $0.key < $1.key }.map { currency, kinds in
            Balance(currency: currency, accounts: kinds, restriction: book.restrictions[did.string])
        }
    }

    /// See `LedgerStore`.
    public func restriction(of did: DID) async throws(LedgerFailure) -> Restriction {
        book.restrictions[did.string] ?? Restriction()
    }

    /// See `LedgerStore`.
    public func transactions(
        of did: DID, before cursor: TransactionCursor?, limit: Int
    ) async throws(LedgerFailure) -> [TransactionLine] {
        let book = book
        let lines = book.postings.compactMap { posting -> TransactionLine? in
            guard let account = book.accounts[posting.accountID], account.key.owner == did.string else { return nil }
            let entry = book.entries[Int(posting.seq - 1)]
            return TransactionLine(
                seq: posting.seq, accountID: posting.accountID, timeMs: entry.timeMs, causeKind: entry.causeKind,
                causeID: entry.causeID, account: account.key.kind, currency: account.key.currency, side: posting.side,
                amountMinor: posting.amountMinor,
                balanceMinor: posting.counters.balance(account.key.kind.accountClass))
        }
        let newestFirst = lines.sorted { Self.place($0.cursor) > Self.place($1.cursor) }
        let start = cursor.map(Self.place)
        return Array(newestFirst.filter { line in start.map { Self.place(line.cursor) < $0 } ?? true }.prefix(limit))
    }

    /// See `LedgerStore`.
    public func manifest(_ cid: CID) async throws(LedgerFailure) -> [UInt8]? { book.manifests[cid.string]?.json }

    /// See `LedgerStore`.
    public func gasFacts(
        cluster: DID, recipient: DID, sinceMs: Int64
    ) async throws(LedgerFailure) -> GasFacts {
        let book = book
        let key = GasKey(cluster: cluster.string, recipient: recipient.string)
        let times = book.gasMessages.filter { $0.key == key && $0.timeMs > sinceMs }.map(\.timeMs)
        let daySinceMs = sinceMs + Int64(Gas.windowSeconds) * 1000 - CivilDate.msPerDay
        return GasFacts(
            sentCount: times.count, sentTodayCount: times.count { $0 > daySinceMs },
            rule: book.gasRules[key] ?? GasRule())
    }

    /// See `LedgerStore`.
    public func gasCluster(of sender: DID) async throws(LedgerFailure) -> DID {
        guard let founder = book.gasClusters[sender.string] else { return sender }
        return (try? DID(founder)) ?? sender
    }

    private static func place(_ cursor: TransactionCursor) -> (Int64, Int64, Int16) {
        (cursor.seq, cursor.accountID, cursor.side.rawValue)
    }
}
