/// Sellers and their accounts at Stripe: onboarding, status, dashboard.
///
/// Safe from any thread and in any number of processes: a seller gets one account, whatever is called how often. Links
/// are good for one visit and are minted for each call, never kept.
public struct StripeConnect: Sendable {
    /// A link for one visit.
    public struct Link: Sendable, Equatable {
        /// Where the seller goes.
        public let url: String
        /// When it ends, milliseconds since 1970; nil where Stripe does not say.
        public let expiresAtMs: Int64?
        /// The seller's account.
        public let account: StripeID
    }

    private let client: StripeClient
    private let store: any StripeAccountStore
    private let nowMs: @Sendable () -> Int64
    private let newKey: @Sendable () -> String

    /// Listing accounts begins this long before the first try: clocks differ.
    static let clockMarginMs: Int64 = 3_600_000

    /// Makes the use cases.
    ///
    /// - Parameter newKey: a new idempotency key for each call, for links.
    public init(
        client: StripeClient, store: any StripeAccountStore, nowMs: @escaping @Sendable () -> Int64,
        newKey: @escaping @Sendable () -> String
    ) {
        self.client = client
        self.store = store
        self.nowMs = nowMs
        self.newKey = newKey
    }

    /// Makes the seller's account where there is none, and a link to Stripe's form.
    ///
    /// Called again, it takes up what was begun: no second account is made, also not after a crash or a lost answer. An
    /// account that is gone at Stripe is replaced by a new one.
    ///
    /// - Parameters:
    ///   - seller: the seller's DID.
    ///   - country: ISO 3166-1, two capital letters; counts when the account is made, nil: the seller says.
    ///   - refreshURL: where Stripe sends a seller whose link is used up; it must call this again.
    ///   - returnURL: where Stripe sends a seller who is done, or gave up: ask for the status then.
    /// - Throws: every code of `StripeConnectError`.
    public func onboard(
        seller: String, country: String?, email: String?, refreshURL: String, returnURL: String
    ) async throws(StripeConnectError) -> Link {
        let account = try await makeAccount(seller: seller, country: country, email: email)
        do throws(StripeConnectError) {
            return try await form(of: account, refreshURL: refreshURL, returnURL: returnURL)
        } catch {
            guard case .refused(let refusal) = error, refusal.isAccountGone else { throw error }
        }
        try await forget(account, of: seller)
        let next = try await makeAccount(seller: seller, country: country, email: email)
        return try await form(of: next, refreshURL: refreshURL, returnURL: returnURL)
    }

    private func form(
        of account: StripeID, refreshURL: String, returnURL: String
    ) async throws(StripeConnectError) -> Link {
        let call = StripeCall.createAccountLink(account, refreshURL: refreshURL, returnURL: returnURL)
        let link = try await mint(call, as: StripeAccountLink.self)
        return Link(url: link.url, expiresAtMs: link.expiresAtMs, account: account)
    }

    private func forget(_ account: StripeID, of seller: String) async throws(StripeConnectError) {
        guard var entry = try await entry(of: seller), entry.account == account else { return }
        try await put(&entry) { $0.account = nil }
    }

    /// How far the seller is, asked of Stripe at this moment.
    ///
    /// - Throws: `connect_unavailable`, `connect_refused`, `connect_store_unavailable`.
    public func status(seller: String) async throws(StripeConnectError) -> StripeSellerStatus {
        guard let account = try await entry(of: seller)?.account else { return .none }
        do throws(StripeReadError) {
            return StripeSellerStatus(try await client.read(.account(account), as: StripeAccount.self))
        } catch {
            if case .refused(let refusal) = error, refusal.isAccountGone {
                return StripeSellerStatus(state: .gone, account: account)
            }
            throw Self.error(error)
        }
    }

    /// A link to the seller's dashboard at Stripe.
    ///
    /// - Throws: `connect_not_onboarded` where the form was not filled in; the others as `status`.
    public func dashboard(seller: String) async throws(StripeConnectError) -> Link {
        let status = try await status(seller: seller)
        guard let account = status.account, ![.none, .incomplete, .gone].contains(status.state) else {
            throw .notOnboarded
        }
        let link = try await mint(.createLoginLink(account), as: StripeLoginLink.self)
        return Link(url: link.url, expiresAtMs: nil, account: account)
    }

    private func makeAccount(
        seller: String, country: String?, email: String?
    ) async throws(StripeConnectError) -> StripeID {
        var entry =
            try await entry(of: seller) ?? StripeAccountEntry(seller: seller, version: 0, attempt: nil, account: nil)
        if let account = entry.account { return account }
        let attempt: StripeAccountEntry.Attempt
        if let begun = entry.attempt {
            attempt = begun
        } else {
            let call = StripeCall.createAccount(country: country, email: email, reference: seller)
            let key = "account-\(seller)-\(entry.version + 1)"
            attempt = StripeAccountEntry.Attempt(call: call, key: key, firstSentAtMs: nowMs())
            try await put(&entry) { $0.attempt = attempt }
        }
        let key: String
        switch StripeKeyAge.step(key: attempt.key, firstSentAtMs: attempt.firstSentAtMs, nowMs: nowMs()) {
        case .send(let first): key = first
        case .lookUpThenSend(let next):
            if let account = try await lookUp(seller, attempt) { return try await complete(entry, account) }
            key = next
        case .rest:
            if let account = try await lookUp(seller, attempt) { return try await complete(entry, account) }
            throw .unavailable(StripeFailure(.busy, "the key of the account's request rests for an hour"))
        }
        switch await client.write(attempt.call, idempotencyKey: key, as: StripeAccount.self) {
        case .done(let account, _): return try await complete(entry, account.id)
        case .refused(let refusal):
            // Stripe keeps a refusal under its key: the seller's next try is another request.
            try await put(&entry) { $0.attempt = nil }
            throw .refused(refusal)
        case .notCarriedOut(let failure), .unknown(let failure): throw .unavailable(failure)
        }
    }

    private func complete(
        _ entry: StripeAccountEntry, _ account: StripeID
    ) async throws(StripeConnectError) -> StripeID {
        var entry = entry
        try await put(&entry) { ($0.attempt, $0.account) = (nil, account) }
        return account
    }

    private func lookUp(
        _ seller: String, _ attempt: StripeAccountEntry.Attempt
    ) async throws(StripeConnectError) -> StripeID? {
        let filter = StripeFilter(createdFromMs: attempt.firstSentAtMs - Self.clockMarginMs)
        do throws(StripeReadError) {
            return try await client.find(seller, in: .accounts, filter)?.id
        } catch {
            throw Self.error(error)
        }
    }

    private func mint<Object: StripeObject>(
        _ call: StripeCall, as: Object.Type
    ) async throws(StripeConnectError) -> Object {
        switch await client.write(call, idempotencyKey: newKey(), as: Object.self) {
        case .done(let object, _): return object
        case .refused(let refusal): throw .refused(refusal)
        case .notCarriedOut(let failure), .unknown(let failure): throw .unavailable(failure)
        }
    }

    private func entry(of seller: String) async throws(StripeConnectError) -> StripeAccountEntry? {
        do throws(StripeAccountStoreError) {
            return try await store.entry(of: seller)
        } catch {
            throw .storeUnavailable(error.reason)
        }
    }

    private func put(
        _ entry: inout StripeAccountEntry, _ change: (inout StripeAccountEntry) -> Void
    ) async throws(StripeConnectError) {
        change(&entry)
        entry.version += 1
        let isStored: Bool
        do throws(StripeAccountStoreError) {
            isStored = try await store.put(entry)
        } catch {
            throw .storeUnavailable(error.reason)
        }
        guard isStored else { throw .busy }
    }

    private static func error(_ error: StripeReadError) -> StripeConnectError {
        switch error {
        case .refused(let refusal): .refused(refusal)
        case .failed(let failure): .unavailable(failure)
        }
    }
}
