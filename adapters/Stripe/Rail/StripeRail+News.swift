import Kernel
public import Settlement

extension StripeRail {
    /// What an event means for the ledger: the object is read again, in our version, as it is now.
    ///
    /// - Parameter body: a webhook's body after its signature was found good, or an event of Stripe's list.
    /// - Throws: `stripe_event_thin`, `stripe_event_malformed`.
    public func news(of body: [UInt8]) async throws(StripeEventError) -> RailNews {
        switch try StripeEvents.read(body) {
        case .notice(let notice): await news(of: notice)
        case .passedOver(_, let type): .nothing("\(type) does not concern the rail")
        }
    }

    /// What an event means for the ledger.
    public func news(of notice: StripeEventNotice) async -> RailNews {
        guard notice.isLive == client.isLive else {
            return .nothing("it is of \(notice.isLive ? "live" : "test") mode, and our key is not")
        }
        guard notice.account == nil, let id = notice.object else {
            return .nothing("\(notice.type) is about a connected account or no object")
        }
        do throws(StripeReadError) {
            switch notice.subject {
            case .checkoutSession: return try await payment(try await reader.payment(id))
            case .paymentIntent: return try await payment(intent: id)
            case .charge:
                let charge = try await client.read(.charge(id), as: StripeCharge.self)
                guard let intent = charge.paymentIntent else { return .nothing("a charge without a payment") }
                return try await payment(intent: intent)
            case .refund: return try await refund(id)
            case .dispute: return try await dispute(id)
            case .transfer:
                let transfer = try await client.read(.transfer(id), as: StripeTransfer.self)
                return try instruction(transfer.metadata) { () throws(StripeAmountError) in
                    try StripeFacts.transfer(transfer)
                }
            case .payout, .account, .applicationFee, .balance, .topup, .report, .review:
                return .nothing("\(notice.type) changes no lifecycle")
            }
        } catch {
            // Also where Stripe has no such object: what is not known yet may be money.
            return .unknown(error.description)
        }
    }

    private func payment(intent id: StripeID) async throws(StripeReadError) -> RailNews {
        var payment = try await reader.payment(intent: id)
        payment.session = try await reader.session(of: id)
        return try await self.payment(payment)
    }

    private func payment(_ payment: StripePayment) async throws(StripeReadError) -> RailNews {
        let metadata = payment.session?.metadata ?? payment.intent?.metadata ?? [:]
        return try instruction(metadata) { () throws(StripeAmountError) in try StripeFacts.payment(payment) }
    }

    private func refund(_ id: StripeID) async throws(StripeReadError) -> RailNews {
        let refund = try await client.read(.refund(id), as: StripeRefund.self)
        let (line, back) = try await reader.lines(of: refund)
        let facts = try Self.facts { () throws(StripeAmountError) in
            try StripeFacts.refund(refund, line: line, back: back)
        }
        if let reference = refund.metadata[StripeCall.referenceName] {
            return .instruction(reference: reference, facts)
        }
        // Made by hand in the dashboard, or by Stripe.
        guard let paymentID = try await paymentID(charge: refund.charge) else {
            return .nothing("a refund of a payment that is not ours")
        }
        return .refund(paymentID: paymentID, facts)
    }

    private func dispute(_ id: StripeID) async throws(StripeReadError) -> RailNews {
        let dispute = try await client.read(.dispute(id), as: StripeDispute.self)
        guard let paymentID = try await paymentID(charge: dispute.charge) else {
            return .nothing("a dispute of a payment that is not ours")
        }
        let facts = try Self.facts { () throws(StripeAmountError) in try StripeFacts.dispute(dispute) }
        return .dispute(paymentID: paymentID, facts)
    }

    /// Our payment behind a charge: what it is grouped by.
    private func paymentID(charge: StripeID?) async throws(StripeReadError) -> String? {
        guard let charge else { return nil }
        let group = try await client.read(.charge(charge), as: StripeCharge.self).transferGroup
        return group.flatMap { $0.hasPrefix("pay_") ? $0 : nil }
    }

    private func instruction(
        _ metadata: [String: String], _ facts: () throws(StripeAmountError) -> RailFacts
    ) throws(StripeReadError) -> RailNews {
        guard let reference = metadata[StripeCall.referenceName] else { return .nothing("it is not ours") }
        return .instruction(reference: reference, try Self.facts(facts))
    }

    private static func facts<Facts>(
        _ read: () throws(StripeAmountError) -> Facts
    ) throws(StripeReadError) -> Facts {
        do throws(StripeAmountError) {
            return try read()
        } catch {
            throw .failed(StripeFailure(.answerMalformed, "\(error.code): \(error.reason)"))
        }
    }
}
