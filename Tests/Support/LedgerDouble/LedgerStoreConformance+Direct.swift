import Cryptography
import Kernel
import Settlement

extension LedgerStoreConformance {
    /// A payer pays two payees past the node, and the node's fee to it.
    @Sendable static func passesBy(_ probe: inout Probe) async throws {
        let (payer, one, two) = (probe.did("by-payer"), probe.did("by-one"), probe.did("by-two"))
        var payment = RailCommands.payment(
            probe.key("by"), payer: payer, 1000, purpose: .settle(manifestCID: "bafytest"), feeBearer: .node)
        let parts = [(one, 700), (two, 290)] as [(DID, Int64)]
        payment.direct = DirectSplit(
            settlementID: "stl_\(probe.key("by"))", manifestDigest: [1],
            parts: parts.map { DirectSplit.Part(did: $0.0.string, address: "a", amountMinor: $0.1) }, nodeMinor: 10)
        guard let direct = payment.direct else { return }
        var exact = RailCommands.facts(.done, "ref_\(payment.id)", 1000, feeMinor: 0)
        (exact.movement, exact.landed) = ("sig_\(payment.id)", LandedSplit(exactly: direct))
        var outcomes = [
            try await probe.open(.openPayment(payment), payment.id, of: payer),
            try await probe.step(.payment(.began(prepared: [1])), payment.id),
            try await probe.step(.payment(.observed(exact)), payment.id),
        ]
        let other = Commands.settle(
            probe.key("by-other"), payer: payer, to: [(one, 690), (two, 300)],
            fees: [FeePart(kind: .node, amountMinor: 10)], id: direct.settlementID,
            funding: .payment(id: payment.id, rail: payment.rail))
        let refused = try await probe.run(other)
        probe.expect(refused.code == "payment_mismatch", "another split got \(refused.code ?? "done")")
        let settle = Commands.settle(
            probe.key("by-settle"), payer: payer, to: parts, fees: [FeePart(kind: .node, amountMinor: 10)],
            id: direct.settlementID, funding: .payment(id: payment.id, rail: payment.rail))
        outcomes.append(try await probe.run(settle))
        probe.expect(outcomes.allSatisfy(\.isDone), "it came to \(outcomes)")
        for (did, _) in parts {
            let balance = try await probe.balance(did)
            probe.expect(balance.cashMinor == 0 && balance.receivableMinor == 0, "\(did) has \(balance)")
        }
        let back = try await probe.run(
            Commands.refund(
                probe.key("by-refund"), of: settle, 100,
                destination: .rail(refundID: "rrf_\(probe.key("by"))", paymentID: payment.id, rail: payment.rail)))
        probe.expect(back.code == "refund_needs_payee", "its refund got \(back.code ?? "done")")
        let life = try await probe.life(payment.id)
        probe.expect(
            life == [
                "payment_opened opening", "payment_began opening", "payment_received received", "settlement settled",
            ], "its life is \(life)")
        // The same movement pays nobody else.
        let rival = RailCommands.payment(probe.key("by-rival"), payer: payer, 1000, purpose: .topUp)
        _ = try await probe.open(.openPayment(rival), rival.id, of: payer)
        _ = try await probe.step(.payment(.began(prepared: [1])), rival.id)
        var claimed = RailCommands.facts(.done, "ref_\(rival.id)", 1000, feeMinor: 0)
        claimed.movement = exact.movement
        let second = try await probe.step(.payment(.observed(claimed)), rival.id)
        probe.expect(second.code == "movement_claimed", "the second claim got \(second.code ?? "done")")
        let disclaimed = try await probe.step(
            .payment(.disclaimed(movement: claimed.movement ?? "")), rival.id)
        let deaf = try await probe.step(.payment(.observed(claimed)), rival.id)
        let waiting = try await probe.payment(rival.id)
        probe.expect(
            disclaimed.isDone && deaf.isDone && waiting?.receivedMinor == 0, "it is \(String(describing: waiting))")
        let arrival = try await probe.store.lifecycle(
            rail: payment.rail, reference: exact.movement ?? "", kind: .arrival)
        probe.expect(arrival?.lifecycle.facts.parent == payment.id, "the movement is \(String(describing: arrival))")
    }

    /// What was paid past the node otherwise than asked stands as it landed.
    @Sendable static func standsAsItLanded(_ probe: inout Probe) async throws {
        let (payer, payee) = (probe.did("as-payer"), probe.did("as-payee"))
        var payment = RailCommands.payment(
            probe.key("as"), payer: payer, 1000, purpose: .settle(manifestCID: "bafytest"), feeBearer: .node)
        payment.direct = DirectSplit(
            settlementID: "stl_\(probe.key("as"))", manifestDigest: [1],
            parts: [DirectSplit.Part(did: payee.string, address: "a", amountMinor: 990)], nodeMinor: 10)
        var facts = RailCommands.facts(.done, "ref_\(payment.id)", 507, feeMinor: 0)
        facts.movement = "sig_\(payment.id)"
        facts.landed = LandedSplit(
            nodeMinor: 7, parts: [.init(did: payee.string, amountMinor: 500)],
            refusal: RailRefusal(code: "payment_partial", reason: "less"))
        let outcomes = [
            try await probe.open(.openPayment(payment), payment.id, of: payer),
            try await probe.step(.payment(.began(prepared: [1])), payment.id),
            try await probe.step(.payment(.observed(facts)), payment.id),
        ]
        let landed = try await probe.payment(payment.id)
        probe.expect(outcomes.allSatisfy(\.isDone), "it came to \(outcomes)")
        probe.expect(
            landed?.status == .suspended && landed?.unspentMinor == 7 && landed?.receivedMinor == 507
                && landed?.refusal?.code == "payment_partial", "it is \(String(describing: landed))")
        let given = try await probe.step(
            .payment(.assigned(did: payee.string, actor: "operator")), payment.id)
        let balance = try await probe.balance(payee)
        probe.expect(given.isDone && balance.cashMinor == 7, "given, there is \(balance)")
    }
}
