public import Cryptography

/// Sellers' accounts at a rail that wants to know them: each closure is one use case of the rail's adapter.
public struct PayeeOnboarding: Sendable {
    /// Makes the seller's account where there is none, and a link to the rail's form. Called again it takes up what was
    /// begun: no second account.
    public var onboard: @Sendable (OnboardingRequest) async throws(OnboardingFailure) -> OnboardingLink
    /// How far the seller is, asked of the rail at this moment.
    public var status: @Sendable (_ seller: DID) async throws(OnboardingFailure) -> OnboardingStatus
    /// A link to the seller's dashboard at the rail.
    public var dashboard: @Sendable (_ seller: DID) async throws(OnboardingFailure) -> OnboardingLink

    /// Groups the closures.
    public init(
        onboard: @escaping @Sendable (OnboardingRequest) async throws(OnboardingFailure) -> OnboardingLink,
        status: @escaping @Sendable (_ seller: DID) async throws(OnboardingFailure) -> OnboardingStatus,
        dashboard: @escaping @Sendable (_ seller: DID) async throws(OnboardingFailure) -> OnboardingLink
    ) {
        self.onboard = onboard
        self.status = status
        self.dashboard = dashboard
    }
}

/// What a seller says when it begins.
public struct OnboardingRequest: Hashable, Sendable {
    /// The seller.
    public let seller: DID
    /// ISO 3166-1, two capital letters; nil: the seller says it at the rail.
    public let country: String?
    /// For the rail's form.
    public let email: String?
    /// Where the rail sends a seller whose link is used up.
    public let refreshURL: String
    /// Where it sends a seller who is done, or gave up.
    public let returnURL: String
}

/// A link for one visit.
public struct OnboardingLink: Hashable, Sendable {
    /// Where the seller goes.
    public let url: String
    /// When it ends, milliseconds since 1970; nil where the rail does not say.
    public let expiresAtMs: Int64?
    /// The seller's account in the rail's own form: the address of payouts.
    public let account: String

    /// A link.
    public init(url: String, expiresAtMs: Int64?, account: String) {
        self.url = url
        self.expiresAtMs = expiresAtMs
        self.account = account
    }
}

/// How far a seller is.
public struct OnboardingStatus: Hashable, Sendable {
    /// In one word: `none`, `incomplete`, `verifying`, `ready`, `restricted`, `gone`.
    public let state: String
    /// The account in the rail's own form; nil: none yet.
    public let account: String?
    /// Whether the node can pay it.
    public let takesTransfers: Bool
    /// Whether the rail pays out to the seller's bank.
    public let arePayoutsEnabled: Bool
    /// What the rail wants to know now, in its names.
    public let due: [String]
    /// What is overdue.
    public let overdue: [String]
    /// Why the account is held back, in the rail's word.
    public let disabledReason: String?

    /// The words of `state`.
    static let states = ["none", "incomplete", "verifying", "ready", "restricted", "gone"]

    /// A status.
    public init(
        state: String, account: String? = nil, takesTransfers: Bool = false, arePayoutsEnabled: Bool = false,
        due: [String] = [], overdue: [String] = [], disabledReason: String? = nil
    ) {
        self.state = state
        self.account = account
        self.takesTransfers = takesTransfers
        self.arePayoutsEnabled = arePayoutsEnabled
        self.due = due
        self.overdue = overdue
        self.disabledReason = disabledReason
    }
}

/// Why a seller cannot be served; the texts are for the seller.
public enum OnboardingFailure: Error, Hashable, Sendable {
    /// The seller has not been through the rail's form.
    case notOnboarded
    /// Another request for the same seller is under way.
    case busy
    /// The rail said no.
    case refused(String)
    /// The rail or the store of accounts could not be asked: try again later, nothing is made twice.
    case unavailable(String)
}
