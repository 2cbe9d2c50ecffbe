public import Kernel

/// What came of a claim to make somebody's accounts at a rail, at the node's cost.
public enum OpeningClaim: Hashable, Sendable {
    /// They may be made.
    case granted
    /// Another try for one of them is not at its end, or has made it.
    case triedBefore
    /// The budget is used.
    case overBudget
}

/// One try to make somebody's account of a token at a rail.
public struct RailOpening: Hashable, Sendable {
    /// How a try ended; the stored word.
    public enum Standing: String, Hashable, Sendable {
        /// The account was made.
        case made
        /// It cost something and made nothing.
        case failed
        /// It cost nothing and made nothing, and never will.
        case lapsed
    }
    /// Whose account.
    public let owner: String
    /// The token.
    public let token: String
    /// The rail's name for the try; one try may make several accounts.
    public let reference: String
    /// What the rail's adapter wants back.
    public let prepared: [UInt8]
    /// How it ended; `nil`: that is not known.
    public let standing: Standing?
    /// Who bears what it costs, a DID's text; empty: the node.
    public let bearer: String
    /// What it may cost.
    public let cost: Int64
    /// Milliseconds since 1970.
    public let claimedAtMs: Int64

    /// A try.
    public init(
        owner: String, token: String, reference: String, prepared: [UInt8], standing: Standing?, bearer: String = "",
        cost: Int64 = 0, claimedAtMs: Int64 = 0
    ) {
        self.bearer = bearer
        self.cost = cost
        self.claimedAtMs = claimedAtMs
        self.owner = owner
        self.token = token
        self.reference = reference
        self.prepared = prepared
        self.standing = standing
    }
}

/// What is claimed: one try for all of some owners, or for none of them.
public struct RailOpeningClaim: Hashable, Sendable {
    /// Whose accounts.
    public let owners: [String]
    /// Who bears what each owner's costs, DIDs' texts; empty texts: the node.
    public let bearers: [String]
    /// The token.
    public let token: String
    /// The rail's name for the try.
    public let reference: String
    /// What the rail's adapter wants back.
    public let prepared: [UInt8]
    /// What each may cost, in the unit of the budget.
    public let cost: Int64
    /// What has to be undone once for the first owner, by a name; it is kept with the claim as an opening of that token
    /// without `prepared`, unfinished until it is undone. `nil`: nothing.
    public let undo: String?

    /// A claim.
    public init(
        owners: [String], bearers: [String], token: String, reference: String, prepared: [UInt8], cost: Int64,
        undo: String? = nil
    ) {
        self.owners = owners
        self.bearers = bearers
        self.token = token
        self.reference = reference
        self.prepared = prepared
        self.cost = cost
        self.undo = undo
    }

    /// What the opening is referred to by that is to be undone.
    public static func undoReference(_ name: String, of owner: String) -> String { "\(name) of \(owner)" }
}

/// Remembers tries to make people's accounts at rails, at the node's cost: each is stored before it is made, and
/// followed to its end.
public protocol RailOpeningStore: Sendable {
    /// Claims one try.
    /// - Parameter sinceMs: tries since then count against the budget unless they lapsed, milliseconds since 1970.
    func claim(
        _ claim: RailOpeningClaim, at rail: RailName, budget: Int64, sinceMs: Int64, nowMs: Int64
    ) async throws(LedgerFailure) -> OpeningClaim

    /// All tries for some owners' accounts of a token.
    func openings(at rail: RailName, owners: [String], token: String) async throws(LedgerFailure) -> [RailOpening]

    /// Tries whose end is not known, in the order of their references.
    /// - Parameter after: only those of later references.
    func unfinishedOpenings(
        at rail: RailName, after: String, limit: Int
    ) async throws(LedgerFailure) -> [RailOpening]

    /// Keeps how a try ended, for all accounts of it.
    func finishOpening(
        at rail: RailName, reference: String, _ standing: RailOpening.Standing
    ) async throws(LedgerFailure)
}
