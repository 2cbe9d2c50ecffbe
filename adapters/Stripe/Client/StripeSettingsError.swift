/// What is wrong with the settings of the Stripe rail.
public enum StripeSettingsError: Error, Sendable, Hashable {
    /// The key is no secret or restricted key of Stripe.
    case keyInvalid
    /// The file that should hold the key could not be read.
    case keyFileUnreadable(String)
    /// The address of the API is none that may be called.
    case apiBaseInvalid(String)

    /// Stable, for logs and scripts.
    public var code: String {
        switch self {
        case .keyInvalid: "stripe_key_invalid"
        case .keyFileUnreadable: "stripe_key_file_unreadable"
        case .apiBaseInvalid: "stripe_api_base_invalid"
        }
    }

    /// What to do about it. Nothing of a key is in it.
    public var reason: String {
        switch self {
        case .keyInvalid:
            "MJN_STRIPE_SECRET_KEY is no secret key: it begins with sk_ or rk_ and holds letters, digits and _ only"
        case .keyFileUnreadable(let path):
            "the file \(path) of MJN_STRIPE_SECRET_KEY_FILE cannot be read: give it to the node's user, mode 0600"
        case .apiBaseInvalid(let why):
            "MJN_STRIPE_API_BASE \(why); leave it unset for https://api.stripe.com"
        }
    }
}

extension StripeSettingsError: CustomStringConvertible {
    /// The code and the reason.
    public var description: String { "\(code): \(reason)" }
}
