package import Kernel
import LedgerDouble
package import Settlement

/// What every world of rails asks of its ledger.
extension FlakyLedger {
    /// Submits a command until it is done, however often its answer is lost.
    package func untilDone(_ command: Command) async {
        for _ in 0..<1000 {
            if (try? await submit([command], atomically: false))?.first?.outcome.isDone == true { return }
        }
    }

    /// Makes a payment.
    package func open(_ payment: Payment) async {
        await untilDone(
            LifecycleCommands.open(
                .openPayment(payment), id: payment.id, owners: [], caller: payment.creator, key: payment.id,
                requestHash: LifecycleCommands.hash(payment.id)))
    }

    /// A payment as it stands; nil: there is none.
    package func payment(_ id: String) -> Payment? {
        if case .payment(let payment)? = inner.book.lifecycles[id]?.lifecycle { payment } else { nil }
    }

    /// An account's balance; 0 where there is none.
    package func balance(_ key: AccountKey) -> Int64 {
        inner.book.accounts.values.first { $0.key == key }.map { $0.counters.balance(key.kind.accountClass) } ?? 0
    }
}

extension PlainSettling {
    /// The shop gives money back: what is unspent, or else from those whom the settlement paid. Tried once.
    package func refund(_ payment: Payment, _ amountMinor: Int64, as id: String) async {
        if payment.unspentMinor >= amountMinor {
            let owners = ["", payment.payer].map { OwnerKey(owner: $0, currency: payment.currency) }
            let command = LifecycleCommands.open(
                .openRefund(amountMinor: amountMinor, reason: "asked", creator: payment.creator, done: nil), id: id,
                owners: owners, related: [payment.id], caller: payment.creator, key: id,
                requestHash: LifecycleCommands.hash(id))
            _ = try? await ledger.submit([command], atomically: false)
        } else if !payment.settlementID.isEmpty {
            _ = try? await takeBack(
                settlement: payment.settlementID, amountMinor: amountMinor,
                to: .rail(refundID: id, paymentID: payment.id, rail: payment.rail), reason: "asked", key: id)
        }
    }
}
