public import Cryptography

/// What the book's single writer knows: its head, and what it has loaded of accounts, holds, allowances and replies.
///
/// A value without I/O. `missing(for:)` says what must be loaded before a command can be decided, `decide` decides it
/// and collects what must be written. When a commit fails or its outcome is unknown, the state is thrown away and
/// loaded anew.
public struct LedgerState: Sendable {
    /// What does not change while a book is open.
    public let book: BookIdentity
    /// The last entry.
    public var head: BookHead
    /// The next account's number.
    public var nextAccountID: Int64
    /// What the current batch writes so far.
    public var writes = BatchWrites()

    var accounts: [AccountState] = []
    /// Where an owner's accounts stand in `slots`.
    var owners: [OwnerKey: Int] = [:]
    var slots: [OwnerSlot] = []
    var outcomes: [CommandIdentity: OutcomeRow?] = [:]
    var restrictions: [String: Restriction] = [:]
    var manifestOwners: [ByteText: String?] = [:]
    var customers: [CustomerKey: Bool] = [:]
    var allowances: [AllowanceKey: AllowanceRow?] = [:]
    var authorizations: [AuthorizationKey: Bool] = [:]
    var refundedTotals: [String: Int64?] = [:]
    var holds: [String: HoldRow?] = [:]
    var lifecycles: [String: LifecycleRow?] = [:]
    var gasTimes: [GasKey: [Int64]] = [:]
    var gasRules: [GasKey: GasRule] = [:]
    /// Steps that undo the current atomic group, filled only while one runs.
    var undo: [@Sendable (inout LedgerState) -> Void]?

    /// Refusals are replayed for 30 days; then the store deletes them.
    public static let refusalKeptMs: Int64 = 30 * 86_400_000
    /// Owners kept in memory: about 300 bytes each. Past it everything loaded is forgotten and loaded again on demand.
    public static let ownersMax = 150_000
    /// Other loaded facts kept in memory, per sort.
    public static let factsMax = 40_000

    /// A state that has loaded nothing yet.
    public init(book: BookIdentity, head: BookHead, nextAccountID: Int64) {
        self.book = book
        self.head = head
        self.nextAccountID = nextAccountID
    }

    /// Takes the collected writes and starts a new batch. Call it when the commit is certain or the state is thrown
    /// away.
    public mutating func takeWrites() -> BatchWrites {
        defer { writes = BatchWrites() }
        return writes
    }

    /// Forgets what is looked up anew for every load: stored replies, gas (recipients' rules change beside the book),
    /// and settlements that were not found, which the next commit may make.
    ///
    /// Right as long as nothing is loaded for a command that a batch which is not durable yet also touches.
    public mutating func forgetTransient() {
        outcomes.removeAll(keepingCapacity: true)
        gasTimes.removeAll(keepingCapacity: true)
        gasRules.removeAll(keepingCapacity: true)
        if refundedTotals.contains(where: { $0.value == nil }) {
            refundedTotals = refundedTotals.filter { $0.value != nil }
        }
    }

    /// Whether more is kept than the bounds allow: `trim` is due.
    public var isOverfull: Bool {
        owners.count > Self.ownersMax || customers.count > Self.factsMax || manifestOwners.count > Self.factsMax
            || allowances.count > Self.factsMax || authorizations.count > Self.factsMax
            || refundedTotals.count > Self.factsMax || holds.count > Self.factsMax
            || lifecycles.count > Self.factsMax
    }

    /// Forgets what grew past its bound. Only when everything decided is durable: what is loaded again comes from the
    /// database.
    public mutating func trim() {
        precondition(writes.isEmpty, "a batch is still open")
        if owners.count > Self.ownersMax {
            owners.removeAll()
            slots.removeAll()
            accounts.removeAll()
            restrictions.removeAll()
        }
        if customers.count > Self.factsMax { customers.removeAll() }
        if manifestOwners.count > Self.factsMax { manifestOwners.removeAll() }
        if allowances.count > Self.factsMax { allowances.removeAll() }
        if authorizations.count > Self.factsMax { authorizations.removeAll() }
        if refundedTotals.count > Self.factsMax { refundedTotals.removeAll() }
        if holds.count > Self.factsMax { holds.removeAll() }
        if lifecycles.count > Self.factsMax { lifecycles.removeAll() }
    }
}

/// A book's fixed facts.
public struct BookIdentity: Hashable, Sendable {
    /// Number, the first column of every key.
    public let bookID: Int64
    /// Name, as in replies and hashes.
    public let name: String
    /// The node's DID, issuer of attestations.
    public let node: DID

    /// A book.
    public init(bookID: Int64, name: String, node: DID) {
        self.bookID = bookID
        self.name = name
        self.node = node
    }
}

/// The last entry of a book.
public struct BookHead: Hashable, Sendable {
    /// Its number; 0 when there is none.
    public var seq: Int64
    /// Its hash.
    public var hash: [UInt8]
    /// Its time, milliseconds since 1970.
    public var timeMs: Int64

    /// A head.
    public init(seq: Int64, hash: [UInt8], timeMs: Int64) {
        self.seq = seq
        self.hash = hash
        self.timeMs = timeMs
    }

    /// The head of a book without entries.
    public static let genesis = BookHead(seq: 0, hash: Entry.genesisHash, timeMs: 0)
}

/// An account as the writer knows it.
public struct AccountState: Hashable, Sendable {
    /// Its number.
    public let accountID: Int64
    /// Its identity.
    public let key: AccountKey
    /// Its counters after the last entry.
    public var counters: Counters

    /// An account.
    public init(accountID: Int64, key: AccountKey, counters: Counters) {
        self.accountID = accountID
        self.key = key
        self.counters = counters
    }

    /// Balance less holds, on the normal side.
    public var availableMinor: Int64 { counters.available(key.kind.accountClass) }
}

/// What the operator holds back of a DID's money.
public struct Restriction: Hashable, Sendable {
    /// Nothing may be spent.
    public var isFrozen: Bool
    /// Minor units that stay, by currency.
    public var heldBackMinor: [String: Int64]

    /// Restrictions of one DID.
    public init(isFrozen: Bool = false, heldBackMinor: [String: Int64] = [:]) {
        self.isFrozen = isFrozen
        self.heldBackMinor = heldBackMinor
    }
}

/// What a recipient wants of a sender's cluster.
public struct GasRule: Hashable, Sendable {
    /// The recipient's word on this sender.
    public enum Standing: String, Sendable {
        /// Nothing said.
        case neutral
        /// Welcome without charge or limit.
        case whitelisted
        /// Shut out, whatever is paid.
        case blacklisted
    }
    /// The recipient's word on this sender.
    public var standing: Standing
    /// Messages per rolling day that the recipient takes from one cluster; `nil`: no limit.
    public var perDayMax: Int?

    /// What holds for a sender within a cluster: either may be shut out, only the sender itself can be welcome.
    public static func holding(sender: GasRule, cluster: GasRule) -> GasRule {
        let isShutOut = sender.standing == .blacklisted || cluster.standing == .blacklisted
        return GasRule(
            standing: isShutOut ? .blacklisted : sender.standing, perDayMax: cluster.perDayMax ?? sender.perDayMax)
    }

    /// A rule.
    public init(standing: Standing = .neutral, perDayMax: Int? = nil) {
        self.standing = standing
        self.perDayMax = perDayMax
    }
}
