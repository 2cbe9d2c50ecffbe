import Kernel

/// What objects of Stripe mean to the node: the state at the rail, read from the objects themselves, never from events.
enum StripeFacts {
    /// A payment, from its page and, as far as they exist, what is behind it.
    ///
    /// A declined card is no failure: the payer may try another one while the page is open. Without the line of the
    /// balance the fee is not known yet.
    static func payment(_ payment: StripePayment) throws(StripeAmountError) -> RailFacts {
        let session = payment.session
        let reference = session?.id.text ?? payment.intent?.id.text ?? ""
        var facts = RailFacts(standing: .pending, reference: reference, amountMinor: 0)
        if session?.status == .known(.open) { facts.url = session?.url }
        guard let intent = payment.intent, intent.status == .known(.succeeded) else {
            facts.standing = standing(session: session, intent: payment.intent)
            return facts
        }
        let paid = try StripeAmount(amount: intent.amountReceived, currency: intent.currency).money()
        facts.standing = .done
        facts.amountMinor = paid.amountMinor
        facts.currency = paid.currency.code
        facts.source = payment.charge?.id.text
        if let line = payment.line { try facts.take(line, of: paid.currency) }
        return facts
    }

    /// Where a payment that was not made stands.
    private static func standing(session: StripeCheckoutSession?, intent: StripePaymentIntent?) -> RailStanding {
        if session?.status == .known(.expired) || intent?.status == .known(.canceled) { return .cancelled }
        // The page is over and nothing is under way: a debit that the payer's bank did not honour.
        guard session?.status == .known(.complete), session?.paymentStatus == .known(.unpaid), let intent,
            intent.status == .known(.requiresPaymentMethod)
        else { return .pending }
        return .failed(declined(intent.lastPaymentError))
    }

    private static func declined(_ error: StripePaymentError?) -> RailRefusal {
        let code = error?.declineCode ?? error?.code ?? "no reason given"
        return RailRefusal(code: "rail_declined", reason: "the payer's bank declined (\(code))")
    }

    /// Money back to a payer.
    /// - Parameter back: what undid it where it failed.
    static func refund(
        _ refund: StripeRefund, line: StripeBalanceTransaction?, back: StripeBalanceTransaction?
    ) throws(StripeAmountError) -> RailFacts {
        let money = try StripeAmount(amount: refund.amount, currency: refund.currency).money()
        var facts = RailFacts(standing: .pending, reference: refund.id.text, amountMinor: money.amountMinor)
        switch refund.status {
        case .known(.succeeded):
            facts.standing = .done
            facts.feeMinor = 0
            if let line { try facts.take(line, of: money.currency) }
        case .known(.failed):
            if let line { try facts.take(line, of: money.currency) }
            if let back, facts.settledCurrency != nil {
                facts.returnedSettledMinor =
                    try StripeAmount(amount: back.amount, currency: back.currency).money().amountMinor
            }
            let why = refund.failureReason ?? "no reason given"
            facts.standing = .failed(
                RailRefusal(code: "refund_failed", reason: "the payer's bank sent it back (\(why))"))
        case .known(.canceled): facts.standing = .cancelled
        case .known(.pending), .known(.requiresAction), .other, nil: break
        }
        return facts
    }

    /// Money to a connected account: it is there as soon as the transfer is. Taken back whole, it failed; taken back in
    /// part, the rest is still there.
    /// - Parameter recalled: our reference of a reversal that is among what was taken back.
    static func transfer(
        _ transfer: StripeTransfer, recalled: String? = nil
    ) throws(StripeAmountError) -> RailFacts {
        let money = try StripeAmount(amount: transfer.amount, currency: transfer.currency).money()
        var facts = RailFacts(
            standing: .done, reference: transfer.id.text, amountMinor: money.amountMinor, feeMinor: 0)
        facts.recalled = recalled
        if transfer.amountReversed > 0 {
            facts.returnedMinor =
                try StripeAmount(amount: transfer.amountReversed, currency: transfer.currency).money().amountMinor
        }
        if transfer.isReversed {
            facts.standing = .failed(
                RailRefusal(code: "payout_returned", reason: "the transfer was reversed at Stripe"))
        }
        return facts
    }

    /// What a payer's bank takes back. The lines of the balance say what moved; the status, how it stands.
    static func dispute(_ dispute: StripeDispute) throws(StripeAmountError) -> DisputeFacts {
        let contested = try StripeAmount(amount: dispute.amount, currency: dispute.currency).money()
        var facts = DisputeFacts(
            reference: dispute.id.text, standing: .open, amountMinor: contested.amountMinor, withdrawnMinor: 0,
            reinstatedMinor: 0, feeMinor: 0, feeReturnedMinor: 0, reason: dispute.reason)
        let lines = try dispute.balanceTransactions.map { line throws(StripeAmountError) in
            (
                amount: try StripeAmount(amount: line.amount, currency: line.currency).money(),
                fee: try StripeAmount(amount: line.fee, currency: line.currency).money().amountMinor
            )
        }
        for line in lines {
            try add(
                line.amount.amountMinor, to: line.amount.amountMinor < 0 ? \.withdrawnMinor : \.reinstatedMinor,
                of: &facts)
            try add(line.fee, to: line.fee < 0 ? \.feeReturnedMinor : \.feeMinor, of: &facts)
        }
        if let account = lines.first?.amount.currency, account != contested.currency {
            guard lines.allSatisfy({ $0.amount.currency == account }) else { throw .converted(account.code) }
            facts.convert(
                from: account, first: lines.lazy.map(\.amount.amountMinor).first { $0 < 0 }?.magnitude,
                isWon: dispute.status == .known(.won))
        } else if let other = lines.first(where: { $0.amount.currency != contested.currency }) {
            throw .converted(other.amount.currency.code)
        }
        let isKept = facts.withdrawnMinor > facts.reinstatedMinor
        switch dispute.status {
        case .known(.won): facts.standing = .won
        case .known(.lost): facts.standing = .lost
        // A question that ended, or a dispute that was stopped: what was taken and not given back is lost.
        case .known(.warningClosed), .known(.prevented): facts.standing = isKept ? .lost : .won
        case .known, .other: break
        }
        return facts
    }

    /// Adds an amount, whatever its sign, to a total.
    private static func add(
        _ amount: Int64, to total: WritableKeyPath<DisputeFacts, Int64>, of facts: inout DisputeFacts
    ) throws(StripeAmountError) {
        guard let size = Int64(exactly: amount.magnitude) else { throw .overflow }
        let (sum, overflow) = facts[keyPath: total].addingReportingOverflow(size)
        guard !overflow else { throw .overflow }
        facts[keyPath: total] = sum
    }
}

extension DisputeFacts {
    /// Takes totals that were summed in the account's currency as what moved there. In the payment's currency the first
    /// withdrawal is all that is contested, and everything else is in proportion to it.
    /// - Parameter first: what the first withdrawal took from the account; nil: there was none.
    fileprivate mutating func convert(from account: Currency, first: UInt64?, isWon: Bool) {
        settled = SettledDispute(
            currency: account.code, withdrawnMinor: withdrawnMinor, reinstatedMinor: reinstatedMinor)
        guard let first else { return (withdrawnMinor, reinstatedMinor) = (0, 0) }
        func contested(_ moved: Int64) -> Int64 {
            Int64(clamping: Int128(amountMinor) * Int128(moved) / Int128(first))
        }
        withdrawnMinor = contested(withdrawnMinor)
        // Whatever the rate of the day: won is all of it.
        let isAllBack = isWon && reinstatedMinor > 0
        reinstatedMinor = isAllBack ? withdrawnMinor : min(contested(reinstatedMinor), withdrawnMinor)
    }
}

extension RailFacts {
    /// Takes the fee from the line of the balance, and what was settled where Stripe converted.
    fileprivate mutating func take(
        _ line: StripeBalanceTransaction, of currency: Currency
    ) throws(StripeAmountError) {
        let fee = try StripeAmount(amount: line.fee, currency: line.currency).money()
        feeMinor = fee.amountMinor
        guard fee.currency != currency else { return }
        settledCurrency = fee.currency.code
        let amount = try StripeAmount(amount: line.amount, currency: line.currency).money().amountMinor
        // What leaves the balance is negative there.
        guard let size = Int64(exactly: amount.magnitude) else { throw .overflow }
        settledMinor = size
    }
}

/// A payment as far as it exists at Stripe.
struct StripePayment: Sendable {
    /// Its page.
    var session: StripeCheckoutSession?
    /// What the payer's tries belong to.
    var intent: StripePaymentIntent?
    /// The try that succeeded.
    var charge: StripeCharge?
    /// What that did to our balance.
    var line: StripeBalanceTransaction?
}
