/// Why a seller cannot be served.
public enum StripeConnectError: Error, Sendable, Equatable {
    /// The seller has no account at Stripe, or has not been through Stripe's form.
    case notOnboarded
    /// Somebody else is onboarding the same seller at this moment.
    case busy
    /// Stripe said no.
    case refused(StripeRefusal)
    /// Stripe could not be asked, or its answer is not known: try again later, nothing is made twice.
    case unavailable(StripeFailure)
    /// The store of accounts could not be reached.
    case storeUnavailable(String)

    /// Stable, for problems.
    public var code: String {
        switch self {
        case .notOnboarded: "connect_not_onboarded"
        case .busy: "connect_busy"
        case .refused: "connect_refused"
        case .unavailable: "connect_unavailable"
        case .storeUnavailable: "connect_store_unavailable"
        }
    }

    /// What to do about it, for the caller; the operator finds the rest in the log.
    public var reason: String {
        switch self {
        case .notOnboarded: "begin with POST /api/connect/onboard and follow its link"
        case .busy: "the same seller is being onboarded by another request: try again in a few seconds"
        case .refused(let refusal): "Stripe refused: \(refusal.message)"
        case .unavailable: "Stripe cannot be reached: try again later"
        case .storeUnavailable: "the accounts cannot be read: try again later"
        }
    }
}
