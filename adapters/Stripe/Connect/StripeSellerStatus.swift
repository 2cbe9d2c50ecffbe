/// How far a seller is with Stripe.
public struct StripeSellerStatus: Sendable, Equatable {
    /// In one word.
    public enum State: String, Sendable, Equatable, CaseIterable {
        /// No account yet.
        case none
        /// Stripe's form is not filled in.
        case incomplete
        /// Stripe is looking at what was filled in.
        case verifying
        /// Transfers are taken.
        case ready
        /// Stripe holds the account back: something is due or overdue.
        case restricted
        /// The account took its leave, or Stripe closed it.
        case gone
    }

    /// In one word.
    public let state: State
    /// `acct_…`: the destination of payouts by this rail.
    public let account: StripeID?
    /// Whether a transfer to it is taken (`capabilities.transfers`).
    public let takesTransfers: Bool
    /// Whether Stripe pays out to the seller's bank.
    public let arePayoutsEnabled: Bool
    /// What Stripe wants to know now, in Stripe's names.
    public let due: [String]
    /// What is overdue.
    public let overdue: [String]
    /// Why the account is held back, in Stripe's word.
    public let disabledReason: String?

    static let none = StripeSellerStatus(state: .none)

    /// A status without an account to read it from.
    public init(state: State, account: StripeID? = nil) {
        self.state = state
        self.account = account
        takesTransfers = false
        arePayoutsEnabled = false
        due = []
        overdue = []
        disabledReason = nil
    }

    /// Reads an account.
    init(_ account: StripeAccount) {
        self.account = account.id
        takesTransfers = account.takesTransfers
        arePayoutsEnabled = account.arePayoutsEnabled
        due = account.requirements?.currentlyDue ?? []
        overdue = account.requirements?.pastDue ?? []
        disabledReason = account.requirements?.disabledReason
        state =
            if account.takesTransfers {
                .ready
            } else if !account.areDetailsSubmitted {
                .incomplete
            } else if due.isEmpty && overdue.isEmpty && disabledReason?.hasPrefix("rejected") != true {
                .verifying
            } else {
                .restricted
            }
    }
}
