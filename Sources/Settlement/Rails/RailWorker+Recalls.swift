import Cryptography
import Kernel

/// What payees were paid of a payment on the rail itself, and owe since it was refunded, is taken back there, where the
/// rail can. Each payout is taken back by steps of its own: nobody's refund waits for them.
extension RailWorker {
    /// Asks for it: of each payee no more than it owes, and no more of its part than was refunded. As totals: to ask
    /// again asks for nothing more, whoever asks at the same time. Payouts that are on their way are taken back when
    /// they have arrived.
    func recall(_ paymentID: String) async throws(LedgerFailure) {
        guard case .payment(let payment)? = try await ledger.lifecycle(paymentID)?.row.lifecycle, payment.isDirect,
            let rail = rails[payment.rail], rail.capabilities.contains(.recall),
            let settlement = try await ledger.settlement(payment.settlementID), settlement.refundedMinor > 0
        else { return }
        let parts = try await settling.parts(ofSettlement: payment.settlementID)
        for _ in 0..<Self.racesMax {
            let commands = try await recalls(of: payment, parts, settlement)
            guard !commands.isEmpty else { return }
            _ = try await ledger.submit(commands, atomically: false)
        }
    }

    private func recalls(
        of payment: Payment, _ parts: [PayeePart], _ settlement: StoredSettlement
    ) async throws(LedgerFailure) -> [Command] {
        var owed: [DID: Int64] = [:]
        var commands: [Command] = []
        for (index, part) in parts.enumerated() {
            // Before the payout: what comes back between the two is then counted twice, and the part bounds it.
            if owed[part.did] == nil {
                owed[part.did] =
                    try await ledger.balances(of: part.did).first { $0.currency == payment.currency }?.receivableMinor
            }
            guard let owes = owed[part.did], owes > 0,
                let row = try await ledger.lifecycle(Payout.id(of: payment.id, part: index))?.row,
                case .payout(let payout) = row.lifecycle, payout.mayBeRecalled
            else { continue }
            let whole = Int128(payout.amountMinor) * Int128(settlement.refundedMinor)
            let gross = Int128(settlement.grossMinor)
            let refunded = Int64(clamping: (whole + gross - 1) / gross)
            let returned = payout.returnedMinor ?? 0
            let amount = min(owes, min(refunded, payout.amountMinor) - returned)
            guard amount > 0 else { continue }
            owed[part.did] = owes - amount
            guard returned + amount > payout.recall?.targetMinor ?? 0 else { continue }
            commands.append(LifecycleCommands.step(.payout(.recall(.asked(targetMinor: returned + amount))), of: row))
        }
        return commands
    }
}

extension Payout {
    /// Whether its payee has the money, or will have it.
    fileprivate var mayBeRecalled: Bool {
        switch status {
        case .held, .sending, .sent, .paid: true
        case .failed, .stopped, .cancelled: false
        }
    }
}
