import Kernel
public import Settlement

extension StripeRail {
    /// See ``Rail/prepare(_:nowMs:)``. Reads the account and the balance that a payout needs; moves nothing.
    public func prepare(_ instruction: RailInstruction, nowMs: Int64) async -> RailPreparation {
        do throws(NotReady) {
            let call: StripeCall =
                switch instruction {
                case .collect(let collect): try prepare(collect, nowMs: nowMs)
                case .payOut(let payOut): try await prepare(payOut)
                case .refund(let refund): try await prepare(refund)
                case .recall(let recall): try prepare(recall)
                }
            return .ready(call.bytes)
        } catch {
            switch error {
            case .refused(let refusal): return .refused(refusal)
            case .unavailable(let why): return .unavailable(why)
            }
        }
    }

    /// Why there is no call.
    private enum NotReady: Error {
        case refused(RailRefusal)
        case unavailable(String)

        init(_ code: String, _ reason: String) { self = .refused(RailRefusal(code: code, reason: reason)) }
    }

    /// Stripe takes half an hour to a day; the minute is for the way there.
    private static let pageLifeMs: ClosedRange<Int64> = 31 * 60_000...24 * 3_600_000 - 60_000
    /// What a page shows of a description; Stripe takes more.
    private static let titleCharactersMax = 200

    private func prepare(_ collect: CollectInstruction, nowMs: Int64) throws(NotReady) -> StripeCall {
        let amount = try amount(collect.amountMinor, collect.currency, for: .charge)
        let title = collect.description.prefix(Self.titleCharactersMax)
        // A page that ends before its payment does is closed by `cancel`; one that would live longer, by Stripe.
        let life = min(max(collect.expiresAtMs - nowMs, Self.pageLifeMs.lowerBound), Self.pageLifeMs.upperBound)
        return .createCheckoutSession(
            StripeCheckout(
                amount: amount, title: title.isEmpty ? "Payment" : String(title), reference: collect.reference,
                paymentID: collect.paymentID, successURL: collect.successURL, cancelURL: collect.cancelURL,
                expiresAtMs: nowMs + life))
    }

    private func prepare(_ payOut: PayOutInstruction) async throws(NotReady) -> StripeCall {
        let amount = try amount(payOut.amountMinor, payOut.currency, for: .transfer)
        guard payOut.destination.hasPrefix("acct_"), let account = StripeID(payOut.destination) else {
            throw NotReady("destination_not_payable", "\(payOut.destination) is no account at Stripe (acct_…)")
        }
        try await check(account)
        guard let drawnOn = payOut.drawnOn else {
            try await checkBalance(covers: amount)
            return .createTransfer(amount, to: account, reference: payOut.reference, group: payOut.group)
        }
        let source = try await check(source: drawnOn.source, settledIn: amount.currency)
        return .createTransfer(
            amount, to: account, reference: payOut.reference, group: payOut.group, source: source)
    }

    private func prepare(_ refund: RefundInstruction) async throws(NotReady) -> StripeCall {
        let amount = try amount(refund.amountMinor, refund.currency, for: .refund)
        let intent = try await read { () async throws(StripeReadError) in
            try await reader.paymentIntent(refund.paymentReference)
        }
        guard let intent else {
            throw NotReady("payment_unknown", "Stripe has no payment behind \(refund.paymentReference)")
        }
        return .createRefund(of: intent, amount: amount.amount, reference: refund.reference)
    }

    /// Takes back what is whole in Stripe's steps; the payee goes on owing the rest.
    private func prepare(_ recall: RecallInstruction) throws(NotReady) -> StripeCall {
        guard let transfer = StripeID(recall.payoutReference) else {
            throw NotReady("payout_unknown", "\(recall.payoutReference) is no transfer at Stripe (tr_…)")
        }
        let step = Currency.named(recall.currency).flatMap { try? StripeCurrency($0) }?.stepMinor(for: .transfer) ?? 1
        let whole = recall.amountMinor - recall.amountMinor % step
        let amount = try amount(whole, recall.currency, for: .transfer)
        return .createTransferReversal(of: transfer, amount: amount.amount, reference: recall.reference)
    }

    private func amount(
        _ minor: Int64, _ code: String, for purpose: StripeAmount.Purpose
    ) throws(NotReady) -> StripeAmount {
        guard let currency = Currency.named(code) else {
            throw NotReady("currency_unknown", "no currency is called \(code)")
        }
        do throws(StripeAmountError) {
            let money = Money(amountMinor: minor, currency: currency)
            return try StripeAmount(money, for: purpose, limits: policy.limits)
        } catch {
            let code =
                switch error {
                case .tooSmall: "amount_below_minimum"
                case .tooLarge: "amount_above_maximum"
                case .currencyUnsupported: "currency_unsupported"
                default: "amount_invalid"
                }
            throw NotReady(code, error.reason)
        }
    }

    /// Whether an account takes transfers: its capability decides, not whether it can be charged.
    private func check(_ account: StripeID) async throws(NotReady) {
        let facts = try await read { () async throws(StripeReadError) in
            try await client.read(.account(account), as: StripeAccount.self)
        }
        guard facts.takesTransfers else {
            throw .unavailable("stripe: account \(account) takes no transfers yet; its owner has to see Stripe's form")
        }
    }

    /// Whether what is available covers a transfer. It may be gone when the transfer comes: then Stripe refuses it.
    private func checkBalance(covers amount: StripeAmount) async throws(NotReady) {
        let balance = try await read { () async throws(StripeReadError) in
            try await client.read(.balance(), as: StripeBalance.self)
        }
        let available = balance.available.first { $0.currency == amount.currency }?.amount ?? 0
        guard available >= amount.amount else {
            throw .unavailable("stripe: \(available) of \(amount.currency) are available, \(amount.amount) are needed")
        }
    }

    /// The charge that a transfer is drawn on. The transfer must be in the currency that it was settled in.
    private func check(source: String, settledIn currency: String) async throws(NotReady) -> StripeID {
        guard let id = StripeID(source) else {
            throw NotReady("source_unknown", "\(source) is no charge at Stripe")
        }
        let line = try await read { () async throws(StripeReadError) -> StripeBalanceTransaction? in
            let charge = try await client.read(.charge(id), as: StripeCharge.self)
            guard let line = charge.balanceTransaction else { return nil }
            return try await client.read(.balanceTransaction(line), as: StripeBalanceTransaction.self)
        }
        guard let line else { throw .unavailable("stripe: charge \(id) is not settled yet") }
        guard line.currency == currency else {
            throw NotReady("currency_mismatch", "charge \(id) was settled in \(line.currency), not in \(currency)")
        }
        return id
    }

    /// Reads; what Stripe does not have is refused, what is not known makes it wait.
    private func read<Object>(
        _ read: () async throws(StripeReadError) -> Object
    ) async throws(NotReady) -> Object {
        do throws(StripeReadError) {
            return try await read()
        } catch {
            switch error {
            case .refused(let refusal) where refusal.stripeCode == "account_invalid":
                throw NotReady("destination_not_payable", "the account is not connected to us (any more)")
            case .refused(let refusal) where refusal.isMissing:
                throw NotReady("destination_not_payable", "Stripe does not know it: \(refusal.message)")
            case .refused(let refusal): throw .refused(Self.refusal(refusal))
            case .failed(let failure): throw .unavailable(failure.description)
            }
        }
    }
}
