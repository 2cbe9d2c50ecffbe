/// What an event tells us: which object to fetch again, in our pinned version, and whose it is. Never what its state
/// is: events come late, twice, out of order, and in the version of the webhook's endpoint.
public struct StripeEventNotice: Sendable, Equatable {
    /// `evt_…`; the same event is one notice.
    public let eventID: StripeID
    /// Its name.
    public let type: String
    /// When it happened.
    public let happenedAtMs: Int64
    /// Whether it is about real money: compared with the key's mode before anything is done.
    public let isLive: Bool
    /// What it is about.
    public let subject: StripeSubject
    /// The object to fetch; nil where there is none by that name (a balance).
    public let object: StripeID?
    /// The connected account on which it happened; nil: ours.
    public let account: StripeID?
    /// Our reference, where the object carries one.
    public let reference: String?
    /// Our payment's identifier, by which the object is grouped.
    public let group: String?
    /// The payment behind it.
    public let paymentIntent: StripeID?
    /// The charge behind it.
    public let charge: StripeID?
    /// Whether the account took its leave of us: it cannot be fetched any more.
    public var isLeave: Bool { type == "account.application.deauthorized" }

    /// Interprets an event. Nil where it is none that concerns us.
    public init?(_ event: StripeEvent) {
        guard let subject = StripeEventTable.subjects[event.type] else { return nil }
        self.subject = subject
        eventID = event.id
        type = event.type
        happenedAtMs = event.createdAtMs
        isLive = event.isLive
        account = event.account
        let body = event.object
        // Capabilities, bank accounts and leaves are about an account, whatever object they carry.
        object = subject == .account ? event.account ?? body.account ?? body.id : body.id
        reference = body.metadata[StripeCall.referenceName] ?? body.clientReferenceID
        group = body.transferGroup ?? body.clientReferenceID
        paymentIntent = subject == .paymentIntent ? body.id : body.paymentIntent
        charge = subject == .charge ? body.id : body.charge
    }
}
