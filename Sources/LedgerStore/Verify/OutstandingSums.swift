import Kernel

/// What lifecycles and holds say that stands in accounts: reserved sums, and the balances of the accounts that are made
/// of nothing else. Memory grows with the accounts that have something outstanding.
struct OutstandingSums {
    private var balances: [UInt64: Int128] = [:]
    private var pendingDebits: [UInt64: Int128] = [:]
    private var pendingCredits: [UInt64: Int128] = [:]

    /// Accounts whose whole balance is that of lifecycles and of holds that were posted.
    private static func isExplained(_ kind: AccountKind) -> Bool {
        switch kind {
        case .payments, .suspense, .disputed, .escrow: true
        case .cash, .credit, .receivable, .clearing, .fees, .gas, .exchange, .railFees, .promotions, .devFunding,
            .external:
            false
        }
    }

    mutating func add(_ lifecycle: Lifecycle) {
        switch lifecycle {
        case .payment(let payment):
            add(payment.unspentMinor, to: &balances, of: payment.home)
            add(payment.returningMinor, to: &balances, of: payment.home)
        case .payout(let payout):
            switch payout.status {
            case .held, .sending, .sent:
                reserve(
                    payout.amountMinor, from: .cash(payout.payee, payout.currency),
                    to: .clearing(payout.rail, payout.currency))
            case .paid, .failed, .stopped, .cancelled: break
            }
        case .refund(let refund):
            switch refund.status {
            case .held, .sending, .sent:
                reserve(refund.amountMinor, from: refund.home, to: refund.counterpart)
            case .done, .failed: break
            }
        case .dispute(let dispute):
            let account = AccountKey.disputed(dispute.rail, dispute.currency)
            add(dispute.withdrawnMinor, to: &balances, of: account)
            add(-Int128(dispute.reinstatedMinor), to: &balances, of: account)
            add(-Int128(dispute.chargedBackMinor), to: &balances, of: account)
            add(dispute.regainedMinor ?? 0, to: &balances, of: account)
        case .escrow(let escrow):
            let account = AccountKey.escrow(escrow.payer, escrow.currency)
            add(escrow.amountMinor, to: &balances, of: account)
            add(-Int128(escrow.releasedMinor), to: &balances, of: account)
            add(-Int128(escrow.refundedMinor), to: &balances, of: account)
        case .payee, .arrival, .cost: break
        }
    }

    mutating func addHold(from: AccountKey, to: AccountKey, pendingMinor: Int64, postedMinor: Int64) {
        reserve(pendingMinor, from: from, to: to)
        guard postedMinor != 0 else { return }
        for (account, credit) in [(from, -Int128(postedMinor)), (to, Int128(postedMinor))]
        where Self.isExplained(account.kind) {
            add(account.kind.accountClass.isDebitNormal ? -credit : credit, to: &balances, of: account)
        }
    }

    private mutating func reserve(_ amountMinor: Int64, from: AccountKey, to: AccountKey) {
        add(amountMinor, to: &pendingDebits, of: from)
        add(amountMinor, to: &pendingCredits, of: to)
    }

    /// Adds to a sum; one that comes to nothing is forgotten. Sums of numbers that somebody made up do not trap.
    private func add(
        _ amountMinor: some BinaryInteger, to sums: inout [UInt64: Int128], of account: AccountKey
    ) {
        guard amountMinor != 0 else { return }
        let key = JournalCheck.identity(account)
        let sum = sums[key, default: 0] &+ Int128(amountMinor)
        sums[key] = sum == 0 ? nil : sum
    }

    /// Compares with the accounts as the entries make them.
    mutating func compare(with journal: JournalCheck, _ report: inout VerificationReport) {
        for (index, account) in journal.accounts.enumerated() {
            guard let account else { continue }
            let counters = account.counters
            let key = account.identity
            let debits = pendingDebits.removeValue(forKey: key) ?? 0
            let credits = pendingCredits.removeValue(forKey: key) ?? 0
            if Int128(counters.pendingDebits) != debits || Int128(counters.pendingCredits) != credits {
                report.add(
                    .balanceUnexplained,
                    "account \(index + 1) has \(counters.pendingDebits) and \(counters.pendingCredits) reserved; "
                        + "holds, payouts and refunds make it \(debits) and \(credits)")
            }
            let balance = balances.removeValue(forKey: key) ?? 0
            let stored = Int128(counters.balance(account.kind.accountClass))
            if Self.isExplained(account.kind), stored != balance {
                report.add(
                    .balanceUnexplained,
                    "account \(index + 1) (\(account.kind.rawValue)) has \(stored); what stands in it makes \(balance)")
            }
        }
        let missing = balances.count + pendingDebits.count + pendingCredits.count
        if missing > 0 { report.add(.balanceUnexplained, "\(missing) sums stand in accounts that were never opened") }
    }
}
