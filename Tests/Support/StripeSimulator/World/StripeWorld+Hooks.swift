/// What the world outside the API does: customers, banks, card networks, time. All by calls of a test.
/// Each throws ``StripeHookError`` where the object is unknown or in another state.
extension StripeWorld {
    /// Lets time pass: money becomes available, late balance transactions arrive, sessions expire. Every other call
    /// does so itself.
    public mutating func advance(nowMs: Int64) {}

    /// Puts money onto the platform's available balance (a top-up).
    public mutating func topUp(amountMinor: Int64, currency: String, nowMs: Int64) {}

    /// The customer finishes a Checkout Session. With `.processing` it is complete and unpaid until
    /// ``settle(paymentIntent:succeeds:nowMs:)``. `.declined` leaves the session open.
    public mutating func completeCheckout(_ session: String, payment: StripePayment = .paid, nowMs: Int64)
        throws(StripeHookError)
    {}

    /// The customer confirms a PaymentIntent in the browser.
    public mutating func pay(paymentIntent: String, payment: StripePayment = .paid, nowMs: Int64)
        throws(StripeHookError)
    {}

    /// A payment in processing succeeds or fails; for a session `checkout.session.async_payment_…` follows.
    public mutating func settle(paymentIntent: String, succeeds: Bool, nowMs: Int64) throws(StripeHookError) {}

    /// An account finishes onboarding: it may receive transfers and payouts.
    public mutating func onboard(_ account: String, nowMs: Int64) throws(StripeHookError) {}

    /// A capability changes: `active`, `inactive`, `pending`.
    public mutating func setCapability(_ capability: String, to status: String, of account: String, nowMs: Int64)
        throws(StripeHookError)
    {}

    /// A refund that succeeded fails at the customer's bank: the money comes back (`refund.failed`).
    public mutating func failRefund(_ refund: String, reason: String = "lost_or_stolen_card", nowMs: Int64)
        throws(StripeHookError)
    {}

    /// The customer disputes a charge, whole or in part; the money and the fee are withdrawn at once, unless
    /// `withdrawing` is false (an inquiry). Answers the dispute's id.
    public mutating func openDispute(
        charge: String, amountMinor: Int64? = nil, reason: String = "fraudulent", withdrawing: Bool = true,
        nowMs: Int64
    ) throws(StripeHookError) -> String { "" }

    /// The bank decides a dispute: won brings the money back (the fee stays), lost changes nothing more.
    public mutating func closeDispute(_ dispute: String, won: Bool, nowMs: Int64) throws(StripeHookError) {}

    /// A payout arrives, or fails also after it arrived: then the money comes back.
    public mutating func finishPayout(_ payout: String, paid: Bool, failureCode: String = "account_closed", nowMs: Int64)
        throws(StripeHookError)
    {}

    /// Stripe pays out by itself all that is available: `automatic`, and `payout.reconciliation_completed` follows when
    /// the payout is paid. Answers its id; nil when there is nothing to pay out.
    public mutating func payOutAutomatically(account: String? = nil, currency: String, nowMs: Int64) -> String? { nil }

    /// The secrets of an endpoint from now on: two while one replaces the other.
    public mutating func setSecrets(_ secrets: [String], ofEndpoint id: String) {}
}

/// How a customer pays.
public enum StripePayment: Hashable, Sendable {
    /// At once.
    case paid
    /// Later: a bank debit in processing.
    case processing
    /// Not: declined with this code, such as `insufficient_funds`.
    case declined(code: String)
}

/// A hook was used on an object that is unknown or in another state: a mistake of the test.
public struct StripeHookError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let description: String
}
