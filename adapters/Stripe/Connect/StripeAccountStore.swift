/// Which account at Stripe is whose, and which request made it. One entry for each seller, kept for ever.
public protocol StripeAccountStore: Sendable {
    /// The entry of a seller; nil: there is none.
    func entry(of seller: String) async throws(StripeAccountStoreError) -> StripeAccountEntry?

    /// Stores an entry where the stored one has the version before it (0: none is stored). Atomic.
    ///
    /// - Returns: false where the stored one is another by now; nothing was changed then.
    func put(_ entry: StripeAccountEntry) async throws(StripeAccountStoreError) -> Bool
}

/// The store cannot be reached, or it is not known whether it stored.
public struct StripeAccountStoreError: Error, Sendable, Equatable {
    /// For a log, without secrets.
    public let reason: String

    /// Makes an error.
    public init(_ reason: String) { self.reason = reason }
}

/// A seller's account at Stripe, made or being made.
public struct StripeAccountEntry: Sendable, Equatable {
    /// A request that makes an account and whose answer is not known: stored before it is sent, sent again as it was
    /// stored.
    public struct Attempt: Sendable, Equatable {
        /// The request.
        public let call: StripeCall
        /// Its idempotency key.
        public let key: String
        /// When it was first sent, milliseconds since 1970.
        public let firstSentAtMs: Int64

        /// Makes an attempt.
        public init(call: StripeCall, key: String, firstSentAtMs: Int64) {
            self.call = call
            self.key = key
            self.firstSentAtMs = firstSentAtMs
        }
    }

    /// The seller's DID.
    public let seller: String
    /// 1 for the first one stored, one more for each after it.
    public var version: Int64
    /// The request under way; nil where there is none.
    public var attempt: Attempt?
    /// The account, once it is known.
    public var account: StripeID?

    /// Makes an entry.
    public init(seller: String, version: Int64, attempt: Attempt?, account: StripeID?) {
        self.seller = seller
        self.version = version
        self.attempt = attempt
        self.account = account
    }
}
