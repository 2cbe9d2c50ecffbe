/// Every name of an event that concerns us, and what it is about. Others are passed over: Stripe adds names.
///
/// `transfer.paid` and `transfer.failed` are not here: the version that we speak has no such events.
enum StripeEventTable {
    static let subjects: [String: StripeSubject] = {
        let names: [(StripeSubject, [String])] = [
            (
                .checkoutSession,
                [
                    "checkout.session.completed", "checkout.session.async_payment_succeeded",
                    "checkout.session.async_payment_failed", "checkout.session.expired",
                ]
            ),
            (
                .paymentIntent,
                [
                    "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled",
                    "payment_intent.processing", "payment_intent.amount_capturable_updated",
                ]
            ),
            (
                .charge,
                [
                    "charge.succeeded", "charge.captured", "charge.failed", "charge.updated", "charge.refunded",
                    "charge.pending", "charge.expired",
                ]
            ),
            (.refund, ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]),
            (
                .dispute,
                [
                    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
                    "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
                ]
            ),
            (.transfer, ["transfer.created", "transfer.updated", "transfer.reversed"]),
            (
                .payout,
                [
                    "payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled",
                    "payout.reconciliation_completed",
                ]
            ),
            (
                .account,
                [
                    "account.updated", "capability.updated", "account.application.deauthorized",
                    "account.external_account.created", "account.external_account.updated",
                    "account.external_account.deleted",
                ]
            ),
            (
                .applicationFee,
                ["application_fee.created", "application_fee.refunded", "application_fee.refund.updated"]
            ),
            (.balance, ["balance.available"]),
            (
                .topup,
                ["topup.created", "topup.succeeded", "topup.failed", "topup.canceled", "topup.reversed"]
            ),
            (.report, ["reporting.report_run.succeeded", "reporting.report_run.failed"]),
            (.review, ["review.opened", "review.closed"]),
        ]
        var subjects: [String: StripeSubject] = [:]
        for (subject, names) in names { for name in names { subjects[name] = subject } }
        return subjects
    }()
}

/// What an event is about, and so what is fetched again.
public enum StripeSubject: String, Sendable, Equatable, CaseIterable {
    /// A page on which somebody pays.
    case checkoutSession = "checkout.session"
    /// A payment.
    case paymentIntent = "payment_intent"
    /// A charge; of one of our payments, or on a connected account what a transfer became.
    case charge
    /// Money on its way back to a payer.
    case refund
    /// A dispute.
    case dispute
    /// Money to a connected account.
    case transfer
    /// Money to a bank account.
    case payout
    /// A connected account, its capabilities, its bank accounts, or its leave.
    case account
    /// What we kept of a connected account's charge.
    case applicationFee = "application_fee"
    /// Money became available.
    case balance
    /// Money that we added.
    case topup
    /// A report is ready.
    case report = "reporting.report_run"
    /// Stripe looks at a payment.
    case review
}
