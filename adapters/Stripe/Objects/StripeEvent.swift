/// Something that happened, as Stripe tells it: by a webhook, or in the list of events.
public struct StripeEvent: StripeObject {
    /// The object that it is about, as it was then, in the version of the webhook's endpoint. Only what finds it is
    /// read: the object itself is fetched again, in our version.
    public struct Object: StripeObject, Equatable {
        /// Its sort, such as `payment_intent`.
        public let object: String
        /// Its identifier; nil where its sort has none, such as `balance`.
        public let id: StripeID?
        /// Ours.
        public let metadata: [String: String]
        /// The payment that it belongs to.
        public let paymentIntent: StripeID?
        /// The charge that it belongs to.
        public let charge: StripeID?
        /// The group that it belongs to: our reference.
        public let transferGroup: String?
        /// Our reference.
        public let clientReferenceID: String?
        /// The account that a capability or a bank account belongs to.
        public let account: StripeID?

        /// See ``StripeObject``.
        public init(_ fields: StripeFields) throws(StripeDecodingError) {
            object = try fields.string("object")
            // Events come of every sort and version: what is not as expected in one of no interest to us must not
            // hold up the others.
            id = try? fields.id()
            metadata = (try? fields.metadata()) ?? [:]
            paymentIntent = try? fields.reference("payment_intent")
            charge = try? fields.reference("charge")
            transferGroup = try? fields.string("transfer_group")
            clientReferenceID = try? fields.string("client_reference_id")
            account = try? fields.reference("account")
        }
    }

    /// `evt_…`
    public let id: StripeID
    /// Its name, such as `payment_intent.succeeded`.
    public let type: String
    /// When it happened.
    public let createdAtMs: Int64
    /// The connected account that it happened on; nil: ours.
    public let account: StripeID?
    /// The version in which the object is written.
    public let apiVersion: String?
    /// Whether it is about real money.
    public let isLive: Bool
    /// The object that it is about.
    public let object: Object

    /// See ``StripeObject``.
    public init(_ fields: StripeFields) throws(StripeDecodingError) {
        try fields.expect(object: "event")
        id = try fields.id()
        type = try fields.string("type")
        createdAtMs = try fields.time("created")
        account = try fields.optionalReference("account")
        apiVersion = try fields.optionalString("api_version")
        isLive = try fields.bool("livemode")
        guard let data = try fields.fields("data") else {
            throw StripeDecodingError(path: "data", expected: "object")
        }
        object = try data.object("object")
    }
}
