/// One request to Stripe as it will be sent, byte for byte. A value: it is stored, with its idempotency key, before it
/// goes out, and sent again as it was stored.
public struct StripeCall: Sendable, Equatable {
    /// What the request does.
    public enum Method: String, Sendable, Equatable {
        /// Reads; parameters stand in the query.
        case get = "GET"
        /// Writes; parameters stand in the body.
        case post = "POST"
    }

    /// What the request does.
    public let method: Method
    /// The path, such as `/v1/transfers`.
    public let path: String
    /// The parameters, encoded.
    public let parameters: String
    /// The connected account that it acts on; nil: our own.
    public let account: StripeID?

    init(_ method: Method, _ path: String, _ form: StripeForm = StripeForm(), account: StripeID? = nil) {
        self.method = method
        self.path = path
        self.parameters = form.encoded
        self.account = account
    }

    /// The path, with the parameters of a GET as its query.
    var target: String { method == .get && !parameters.isEmpty ? "\(path)?\(parameters)" : path }
}
