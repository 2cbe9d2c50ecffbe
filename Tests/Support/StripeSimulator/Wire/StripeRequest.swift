/// One request to Stripe's API, as its bytes and the headers that Stripe looks at.
public struct StripeRequest: Hashable, Sendable {
    /// `GET`, `POST` or `DELETE`.
    public var method: String
    /// The path without its query: `/v1/transfers`.
    public var path: String
    /// The query, percent-encoded, without the question mark; of `GET` and `DELETE`.
    public var query: String
    /// The body, `application/x-www-form-urlencoded`; of `POST`.
    public var form: [UInt8]
    /// `Authorization`: `Bearer sk_…`, or Basic with the key as the user.
    public var authorization: String?
    /// `Stripe-Version`.
    public var version: String?
    /// `Stripe-Account`: the connected account that the request acts as; nil: the platform.
    public var account: String?
    /// `Idempotency-Key`.
    public var idempotencyKey: String?
    /// `Content-Type`; where it is given with a body it must be that of a form.
    public var contentType: String?

    /// Makes a request. `target` may carry its query: `/v1/events?limit=3`.
    public init(
        method: String, target: String, form: [UInt8] = [], authorization: String? = nil, version: String? = nil,
        account: String? = nil, idempotencyKey: String? = nil, contentType: String? = nil
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        path = String(parts.first ?? "")
        query = parts.count > 1 ? String(parts[1]) : ""
        self.form = form
        self.authorization = authorization
        self.version = version
        self.account = account
        self.idempotencyKey = idempotencyKey
        self.contentType = contentType
    }
}
