import Cryptography
import Kernel

extension RailWorker {
    /// Takes in what a payer moved: for the payment that it names, once; anything else becomes a payment of its own,
    /// which a person looks at. The same arrival again changes nothing.
    func arrived(_ arrival: RailArrival, _ rail: RailName) async throws(LedgerFailure) -> NewsOutcome {
        guard arrival.facts.standing == .done else { return .ignored("\(arrival.movement) has moved nothing") }
        if try await ledger.lifecycle(Self.claim(arrival, rail)) != nil { return .applied }
        guard let id = arrival.paymentID else { return try await deposit(arrival, rail, beside: nil) }
        for _ in 0..<Self.racesMax {
            guard let (row, _) = try await ledger.lifecycle(id), case .payment(let payment) = row.lifecycle else {
                return .parked("there is no \(id)")
            }
            guard payment.receivedMinor == 0 else {
                return try await deposit(arrival, rail, beside: payment)
            }
            // What the rail has not been called for yet is not paid by it either, but by whoever guessed its name.
            if payment.status == .opening, payment.attempt == nil { return .parked("\(id) is not open yet") }
            guard payment.disclaimed?.contains(arrival.movement) != true else {
                return .ignored("\(arrival.movement) paid another payment")
            }
            if try await submit(row, .observed(arrival.facts)) {
                try await drive(id)
                try await tellOfSuspense(id)
            }
        }
        return .parked("\(id) keeps changing")
    }

    private static func claim(_ arrival: RailArrival, _ rail: RailName) -> String {
        Arrival.id(rail, arrival.movement, arrival.currency)
    }

    /// Books what nobody asked for, in suspense: opened and received together, or not at all.
    /// - Parameter payment: the payment that it names, which was paid by something else before.
    private func deposit(
        _ arrival: RailArrival, _ rail: RailName, beside payment: Payment?
    ) async throws(LedgerFailure) -> NewsOutcome {
        // New for each try: what keeps it from being booked twice is the movement's claim.
        let id = makeID("pay_")
        guard let payer = try? DID(kind: .soft, id: id) else { return .ignored("\(id) names nobody") }
        var deposit = Payment(
            id: id, rail: rail, creator: LifecycleCommands.node, payer: payer.string,
            amountMinor: arrival.facts.amountMinor, surchargeMinor: 0, currency: arrival.currency, purpose: .unmatched,
            feeBearer: .node, isDirect: false, service: "", type: payment?.id ?? "", metadataJSON: [], successURL: "",
            cancelURL: "", expiresAtMs: arrival.timeMs)
        deposit.reference = arrival.movement
        var facts = arrival.facts
        facts.reference = arrival.movement
        if let landed = facts.landed {
            let reason = payment.map { "\($0.id) was paid before, by \($0.source)" } ?? "nothing of ours names it"
            facts.landed = LandedSplit(
                nodeMinor: landed.nodeMinor, parts: landed.parts,
                refusal: RailRefusal(code: "payment_duplicate", reason: reason))
        }
        let open = LifecycleCommands.open(
            .openPayment(deposit), id: id, owners: [], caller: LifecycleCommands.node, key: "\(id)/open",
            requestHash: LifecycleCommands.hash("open", id))
        let opened = LifecycleRow(
            lifecycle: .payment(deposit), version: 1, madeAtMs: arrival.timeMs, changedAtMs: arrival.timeMs)
        let receive = LifecycleCommands.step(.payment(.observed(facts)), of: opened)
        let decisions = try await ledger.submit([open, receive], atomically: true)
        guard decisions.allSatisfy({ $0.outcome.isDone }) else {
            if try await ledger.lifecycle(Self.claim(arrival, rail)) != nil { return .applied }
            return .parked(decisions.map { String(decoding: $0.outcome.body, as: UTF8.self) }.joined(separator: " "))
        }
        try await tellOfSuspense(id)
        return .applied
    }
}
