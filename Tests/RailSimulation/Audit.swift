import Kernel
import LedgerDouble
import RailWorld
import Settlement
import Synchronization

/// What must be true when everything has come to rest.
struct Audit {
    private(set) var findings: [String] = []

    init(_ world: World) {
        let book = world.ledger.inner.book
        findings += world.rail.core.withLock { $0.mistakes }
        for currency in [World.currency, World.foreign] {
            equal("clearing and the rail", world.balance(.clearing(.stripe, currency)), world.rail.balance(currency))
        }
        var sums: [AccountKey: Int64] = [:]
        for row in book.lifecycles.values.sorted(by: { $0.id < $1.id }) {
            switch row.lifecycle {
            case .payment(let payment):
                sums[payment.home, default: 0] += payment.unspentMinor
                check(payment, world)
            case .payout(let payout): check(payout, world)
            case .refund(let refund):
                if refund.status != .done && refund.status != .failed {
                    findings.append("\(refund.id) is left \(refund.status)")
                }
                check(refund, world)
            case .dispute(let dispute):
                sums[.disputed(.stripe, dispute.currency), default: 0] += dispute.contestedMinor
                if dispute.status == .open || dispute.contestedMinor != 0 {
                    findings.append("\(dispute.id) is left \(dispute.status) with \(dispute.contestedMinor)")
                }
            case .escrow, .payee, .arrival, .cost: break
            }
        }
        for (id, facts) in world.refundsAtRail where book.lifecycles["rrf_\(facts.reference)"] == nil {
            findings.append("the refund that the rail made of \(id) is not in the book")
        }
        for currency in [World.currency, World.foreign] {
            for key in [
                AccountKey.payments(.stripe, currency), .suspense(.stripe, currency), .disputed(.stripe, currency),
            ] {
                equal(key.name, world.balance(key), sums[key] ?? 0)
            }
        }
        for account in book.accounts.values
        where account.counters.pendingDebits != 0 || account.counters.pendingCredits != 0 {
            findings.append("\(account.key.name) still has money set aside")
        }
        // Debits and credits of the whole book are equal, in each currency.
        for (currency, accounts) in Dictionary(grouping: book.accounts.values, by: { $0.key.currency }) {
            let sum = accounts.reduce(Int128(0)) {
                $0 + Int128($1.counters.postedDebits) - Int128($1.counters.postedCredits)
            }
            if sum != 0 { findings.append("the book is off by \(sum) \(currency)") }
        }
    }

    private mutating func equal(_ what: String, _ left: Int64, _ right: Int64) {
        if left != right { findings.append("\(what): \(left) and \(right)") }
    }

    /// A payment that the rail has is in the ledger, and one that it has not is not.
    private mutating func check(_ payment: Payment, _ world: World) {
        let accepted = world.rail.core.withLock { $0.accepted["\(payment.id)-1"] }
        let isPaid = accepted?.facts.standing == .done
        if isPaid != (payment.receivedMinor > 0) {
            findings.append("\(payment.id) is \(payment.status), and the rail says \(String(describing: accepted))")
        }
        if payment.status == .opening || payment.status == .pending {
            findings.append("\(payment.id) is left \(payment.status)")
        }
    }

    /// Of all tries of a payout at most one has the money, and the ledger knows which.
    private mutating func check(_ payout: Payout, _ world: World) {
        let tries = world.rail.core.withLock { core in
            core.accepted.filter { $0.key.hasPrefix("\(payout.id)-") && $0.value.facts.standing == .done }.map(\.key)
        }
        if tries.count > 1 { findings.append("\(payout.id) was paid \(tries.count) times") }
        if (tries.count == 1) != (payout.status == .paid) {
            findings.append("\(payout.id) is \(payout.status), and the rail paid \(tries)")
        }
        let returned = tries.first.flatMap { id in world.rail.core.withLock { $0.accepted[id]?.facts.returnedMinor } }
        if payout.status == .paid, payout.returnedMinor != returned {
            findings.append("\(payout.id): \(payout.returnedMinor ?? 0) of \(returned ?? 0) came back")
        }
        if ![.paid, .stopped, .cancelled].contains(payout.status), payout.status != .failed {
            findings.append("\(payout.id) is left \(payout.status)")
        }
    }

    private mutating func check(_ refund: RailRefund, _ world: World) {
        // What the rail did by itself was no attempt of ours.
        guard !(refund.attempt == nil && refund.status == .done) else { return }
        let isDone = world.rail.core.withLock { $0.accepted["\(refund.id)-1"]?.facts.standing == .done }
        if isDone != (refund.status == .done) { findings.append("\(refund.id) is \(refund.status), rail: \(isDone)") }
    }
}
