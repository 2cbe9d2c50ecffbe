import Settlement

/// Reads what our instructions became at Stripe. Moves nothing.
struct StripeReader: Sendable {
    let client: StripeClient

    /// How far clocks may differ: windows of time begin so much earlier.
    static let skewMs: Int64 = 3_600_000
    /// Within this time about the first call nearly every object was made: looked through first.
    static let firstWindowMs: ClosedRange<Int64> = -60_000...300_000

    /// A page and what is behind it.
    func payment(_ session: StripeID) async throws(StripeReadError) -> StripePayment {
        try await payment(of: try await client.read(.checkoutSession(session), as: StripeCheckoutSession.self))
    }

    /// What is behind a page.
    func payment(of session: StripeCheckoutSession) async throws(StripeReadError) -> StripePayment {
        guard let intent = session.paymentIntent else { return StripePayment(session: session) }
        var payment = try await payment(intent: intent)
        payment.session = session
        return payment
    }

    /// A payment without its page.
    func payment(intent id: StripeID) async throws(StripeReadError) -> StripePayment {
        let intent = try await client.read(.paymentIntent(id), as: StripePaymentIntent.self)
        var payment = StripePayment(intent: intent)
        guard intent.status == .known(.succeeded), let charge = intent.latestCharge else { return payment }
        payment.charge = try await client.read(.charge(charge), as: StripeCharge.self)
        guard let line = payment.charge?.balanceTransaction else { return payment }
        payment.line = try await client.read(.balanceTransaction(line), as: StripeBalanceTransaction.self)
        return payment
    }

    /// The page of a payment; nil where it came from none.
    func session(of intent: StripeID) async throws(StripeReadError) -> StripeCheckoutSession? {
        let call = StripeCall.checkoutSessions(of: intent)
        return try await client.read(call, as: StripeList<StripeCheckoutSession>.self).data.first
    }

    /// The payment behind the rail's name for it: that of a page, or its own.
    func paymentIntent(_ reference: String) async throws(StripeReadError) -> StripeID? {
        guard let id = StripeID(reference) else { return nil }
        if reference.hasPrefix("pi_") { return id }
        return try await client.read(.checkoutSession(id), as: StripeCheckoutSession.self).paymentIntent
    }

    /// The page of a payment, by Stripe's name for it where that is known; nil where it is certainly not there. Stripe
    /// lists pages by time alone.
    func session(
        _ collect: CollectInstruction, reference: String
    ) async throws(StripeReadError) -> StripeCheckoutSession? {
        if let id = StripeID(reference) {
            return try ours(
                try await client.read(.checkoutSession(id), as: StripeCheckoutSession.self), collect.reference)
        }
        let window = Self.firstWindowMs
        let first = StripeFilter(
            createdFromMs: collect.beganAtMs + window.lowerBound, untilMs: collect.beganAtMs + window.upperBound)
        if let found = try await client.find(collect.reference, in: .checkoutSessions, first) { return found }
        let all = StripeFilter(createdFromMs: collect.beganAtMs - Self.skewMs)
        return try await client.find(collect.reference, in: .checkoutSessions, all)
    }

    /// The transfer of a payout.
    func transfer(
        _ payOut: PayOutInstruction, reference: String
    ) async throws(StripeReadError) -> StripeTransfer? {
        if let id = StripeID(reference) {
            return try ours(try await client.read(.transfer(id), as: StripeTransfer.self), payOut.reference)
        }
        return try await client.find(payOut.reference, in: .transfers, StripeFilter().group(payOut.group))
    }

    /// The transfer that a reversal of ours took back; nil where there is certainly no such reversal.
    func transfer(takenBackBy recall: RecallInstruction) async throws(StripeReadError) -> StripeTransfer? {
        guard let id = StripeID(recall.payoutReference),
            try await client.find(recall.reference, in: .reversals(of: id), StripeFilter()) != nil
        else { return nil }
        return try await client.read(.transfer(id), as: StripeTransfer.self)
    }

    /// The refund of a payment.
    func refund(_ refund: RefundInstruction, reference: String) async throws(StripeReadError) -> StripeRefund? {
        if let id = StripeID(reference) {
            return try ours(try await client.read(.refund(id), as: StripeRefund.self), refund.reference)
        }
        guard let intent = try await paymentIntent(refund.paymentReference) else { return nil }
        return try await client.find(refund.reference, in: .refunds, StripeFilter().paymentIntent(intent))
    }

    /// Guards against a name that belongs to something else: what is read by Stripe's name carries our reference. A
    /// refund that was made by hand carries none.
    private func ours<Object: StripeListed>(_ object: Object, _ reference: String) throws(StripeReadError) -> Object {
        let written = object.metadata[StripeCall.referenceName] ?? reference
        guard written == reference else {
            throw .failed(StripeFailure(.answerMalformed, "\(object.id) belongs to \(written), not to \(reference)"))
        }
        return object
    }

    /// What a refund did to our balance, and what undid it where it failed; nil where nothing has.
    func lines(
        of refund: StripeRefund
    ) async throws(StripeReadError) -> (line: StripeBalanceTransaction?, back: StripeBalanceTransaction?) {
        (try await line(refund.balanceTransaction), try await line(refund.failureBalanceTransaction))
    }

    private func line(_ id: StripeID?) async throws(StripeReadError) -> StripeBalanceTransaction? {
        guard let line = id else { return nil }
        return try await client.read(.balanceTransaction(line), as: StripeBalanceTransaction.self)
    }
}
