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
            let rail = rails[payment.rail], rail.capabilities.contains(.recall), !payment.settlementID.isEmpty
        else { return }
        let parts = try await settling.parts(ofSettlement: payment.settlementID)
        for _ in 0..<Self.racesMax {
            // Read each time: what another refund asked for since is not to be asked for less.
            guard let settlement = try await ledger.settlement(payment.settlementID), settlement.refundedMinor > 0
            else { return }
            let commands = try await recalls(of: payment, parts, settlement)
            guard !commands.isEmpty else { return }
            _ = try await ledger.submit(commands, atomically: false)
        }
    }

    /// What a payout's payee owes the node now, minor units of the payout's currency.
    func owed(_ row: LifecycleRow) async throws(LedgerFailure) -> Int64 {
        guard case .payout(let payout) = row.lifecycle, let did = try? DID(payout.payee) else { return 0 }
        return try await ledger.balances(of: did).first { $0.currency == payout.currency }?.receivableMinor ?? 0
    }

    static let nothingOwed = RailRefusal(code: "nothing_owed", reason: "the payee owes nothing any more")

    /// What was refused may have been asked for after somebody had taken a part back at the rail: then the rest is
    /// asked for.
    func lookAgain(_ row: LifecycleRow) async throws(LedgerFailure) {
        guard case .payout(let payout) = row.lifecycle, payout.status == .paid, let attempt = payout.attempt,
            case .direct(let paymentID, _) = payout.cause, let rail = rails[payout.rail]
        else { return }
        let answer = await rail.fetch(
            .payOut(PayOutInstruction(payout, nowMs: clock())), prepared: attempt.prepared,
            reference: payout.reference, nowMs: clock())
        guard case .found(let facts) = answer, facts.returnedMinor ?? 0 > payout.returnedMinor ?? 0 else { return }
        _ = try await observe(attempt.reference, facts)
        try await recall(paymentID)
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
