public import Cryptography
public import Kernel

/// Where a book lives. One conformance suite runs on the in-memory double and on Postgres.
///
/// Every method may be called from any task. Reads see what was committed before the call.
public protocol LedgerStore: Sendable {
    /// Has commands decided by the book's writer and waits for the commit.
    ///
    /// A retry with the same identity gets the first outcome. With `atomically`, all are done or none is.
    /// - Returns: one decision per command, in order.
    /// - Throws: when there is no answer; the outcome may then be unknown, and the same identity finds it out.
    func submit(_ commands: [Command], atomically: Bool) async throws(LedgerFailure) -> [Decision]

    /// A settlement with its reply and what was refunded of it; `nil` when there is none.
    func settlement(_ id: String) async throws(LedgerFailure) -> StoredSettlement?

    /// A DID's balances, one per currency that it ever held, by currency code.
    func balances(of did: DID) async throws(LedgerFailure) -> [Balance]

    /// What an operator decided about a DID's money.
    func restriction(of did: DID) async throws(LedgerFailure) -> Restriction

    /// A DID's postings, newest first, after `cursor`.
    func transactions(of did: DID, before cursor: TransactionCursor?, limit: Int) async throws(LedgerFailure)
        -> [TransactionLine]

    /// The JSON of a recorded manifest.
    func manifest(_ cid: CID) async throws(LedgerFailure) -> [UInt8]?

    /// What a recipient's rules and the window say about a sender's next message.
    func gasFacts(cluster: DID, recipient: DID, sinceMs: Int64) async throws(LedgerFailure) -> GasFacts

    /// The founding DID that a sender shares with its sister businesses; the sender itself when it declared none.
    func gasCluster(of sender: DID) async throws(LedgerFailure) -> DID
}

/// A settlement as stored.
public struct StoredSettlement: Sendable {
    /// `stl_…`.
    public let settlementID: String
    /// Who paid.
    public let payer: DID
    /// Minor units.
    public let grossMinor: Int64
    /// How much of it was credit.
    public let creditMinor: Int64
    /// Currency code.
    public let currency: String
    /// Who asked.
    public let caller: String
    /// The reply's body.
    public let reply: [UInt8]
    /// Minor units given back so far.
    public let refundedMinor: Int64

    /// A stored settlement.
    public init(
        settlementID: String, payer: DID, grossMinor: Int64, creditMinor: Int64, currency: String, caller: String,
        reply: [UInt8], refundedMinor: Int64
    ) {
        self.settlementID = settlementID
        self.payer = payer
        self.grossMinor = grossMinor
        self.creditMinor = creditMinor
        self.currency = currency
        self.caller = caller
        self.reply = reply
        self.refundedMinor = refundedMinor
    }
}

/// What a DID holds in one currency, minor units.
public struct Balance: Hashable, Sendable {
    /// Currency code.
    public let currency: String
    /// Posted cash.
    public let cashMinor: Int64
    /// Posted credit.
    public let creditMinor: Int64
    /// Reserved by holds.
    public let heldMinor: Int64
    /// What the DID owes the node.
    public let receivableMinor: Int64
    /// Cash that can be paid out: neither held, nor held back by an operator, and nothing while the account is frozen.
    public let withdrawableMinor: Int64

    /// Cash and credit less what is held; `nil` when that does not fit 64 bits.
    public var availableMinor: Int64? {
        Int64(exactly: Int128(cashMinor) + Int128(creditMinor) - Int128(heldMinor))
    }

    /// The balance that a DID's accounts of one currency make.
    /// - Parameter restriction: what an operator decided; `nil`: nothing.
    public init(currency: String, accounts: [AccountKind: Counters], restriction: Restriction?) {
        func balance(_ kind: AccountKind) -> Int64 { accounts[kind]?.balance(kind.accountClass) ?? 0 }
        self.currency = currency
        cashMinor = balance(.cash)
        creditMinor = balance(.credit)
        let cashHeldMinor = accounts[.cash]?.pendingDebits ?? 0
        heldMinor = cashHeldMinor + (accounts[.credit]?.pendingDebits ?? 0)
        receivableMinor = balance(.receivable)
        let free = Int128(cashMinor) - Int128(cashHeldMinor) - Int128(restriction?.heldBackMinor[currency] ?? 0)
        withdrawableMinor = restriction?.isFrozen == true ? 0 : Int64(clamping: max(free, 0))
    }
}

/// One posting of a DID's accounts, for people and scripts.
public struct TransactionLine: Hashable, Sendable {
    /// Entry number.
    public let seq: Int64
    /// Account number.
    public let accountID: Int64
    /// Milliseconds since 1970.
    public let timeMs: Int64
    /// `settlement`, `refund`, …
    public let causeKind: String
    /// `stl_…`, …
    public let causeID: String
    /// The account's kind.
    public let account: AccountKind
    /// Currency code.
    public let currency: String
    /// The counter that moved.
    public let side: PostingSide
    /// Minor units.
    public let amountMinor: Int64
    /// The account's balance after it.
    public let balanceMinor: Int64

    /// A line.
    public init(
        seq: Int64, accountID: Int64, timeMs: Int64, causeKind: String, causeID: String, account: AccountKind,
        currency: String, side: PostingSide, amountMinor: Int64, balanceMinor: Int64
    ) {
        self.seq = seq
        self.accountID = accountID
        self.timeMs = timeMs
        self.causeKind = causeKind
        self.causeID = causeID
        self.account = account
        self.currency = currency
        self.side = side
        self.amountMinor = amountMinor
        self.balanceMinor = balanceMinor
    }

    /// Where this line stands in its DID's list.
    public var cursor: TransactionCursor { TransactionCursor(seq: seq, accountID: accountID, side: side) }
}

/// A place in a DID's list of postings.
public struct TransactionCursor: Hashable, Sendable {
    /// Entry number.
    public let seq: Int64
    /// Account number.
    public let accountID: Int64
    /// Side.
    public let side: PostingSide

    /// A place.
    public init(seq: Int64, accountID: Int64, side: PostingSide) {
        self.seq = seq
        self.accountID = accountID
        self.side = side
    }
}

/// What decides the price of the next message.
public struct GasFacts: Hashable, Sendable {
    /// Messages that the cluster sent to the recipient within the window.
    public let sentCount: Int
    /// Of them, within the last day.
    public let sentTodayCount: Int
    /// The recipient's word.
    public let rule: GasRule

    /// Facts.
    public init(sentCount: Int, sentTodayCount: Int, rule: GasRule) {
        self.sentCount = sentCount
        self.sentTodayCount = sentTodayCount
        self.rule = rule
    }
}
