package import Cryptography
package import Kernel
import LedgerDouble
package import Settlement

/// Settles payments without manifests: seven tenths to one payee, the rest to another, the rail's fee first.
package struct PlainSettling: PaymentSettling {
    let ledger: FlakyLedger

    /// Over a ledger.
    package init(ledger: FlakyLedger) { self.ledger = ledger }

    package static let payees = [People.ada, People.bob]

    package static func parts(_ payment: Payment) -> (fees: [FeePart], parts: [PayeePart]) {
        let fee = payment.payeesFeeMinor
        let net = payment.amountMinor - fee
        let first = net * 7 / 10
        return (
            fee > 0 ? [FeePart(kind: .rail, amountMinor: fee)] : [],
            [PayeePart(did: payees[0], amountMinor: first), PayeePart(did: payees[1], amountMinor: net - first)]
                .filter { $0.amountMinor > 0 }
        )
    }

    package static func id(_ payment: Payment) -> String { "stl_\(payment.id)" }

    package func settle(_ payment: Payment) async -> PaymentSettlement {
        guard let payer = try? DID(payment.payer) else {
            return .refused(RailRefusal(code: "payer_invalid", reason: payment.payer))
        }
        let (fees, parts) = Self.parts(payment)
        var order = SettleOrder(
            settlementID: Self.id(payment), payer: payer, grossMinor: payment.amountMinor, currency: payment.currency,
            service: payment.service, type: payment.type, manifestCID: "bafytest", manifests: [], consent: .payer,
            fees: fees, parts: parts, breakdownJSON: Commands.breakdown(parts, fees), metadataJSON: [])
        order.funding = .payment(id: payment.id, rail: payment.rail)
        let command = Command(
            caller: payment.creator, key: "payment:\(payment.id)",
            requestHash: LifecycleCommands.hash("settle", payment.id), action: .settle(order))
        do {
            let outcome = try await ledger.submit([command], atomically: false)[0].outcome
            if outcome.isDone { return .settled }
            let reason = String(decoding: outcome.body, as: UTF8.self)
            return .refused(RailRefusal(code: outcome.code ?? "", reason: reason))
        } catch {
            return .later("\(error)")
        }
    }

    package func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] {
        let paymentID = String(id.dropFirst("stl_".count))
        guard case .payment(let payment)? = try await ledger.lifecycle(paymentID)?.row.lifecycle else { return [] }
        return Self.parts(payment).parts
    }

    package func takeBack(
        settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
    ) async throws(LedgerFailure) -> Outcome {
        let paymentID = String(id.dropFirst("stl_".count))
        guard case .payment(let payment)? = try await ledger.lifecycle(paymentID)?.row.lifecycle,
            let payer = try? DID(payment.payer)
        else { return Outcome(status: 404, code: "settlement_unknown", body: []) }
        let (fees, parts) = Self.parts(payment)
        var order = RefundOrder(
            refundID: "rfd_\(key)", settlementID: id, payer: payer, currency: payment.currency,
            grossMinor: payment.amountMinor, creditMinor: 0,
            sources: fees.map {
                RefundSource(fee: $0.kind, did: People.node, role: "rail", amountMinor: $0.amountMinor)
            }
                + parts.map { RefundSource(fee: nil, did: $0.did, role: "maker", amountMinor: $0.amountMinor) },
            amountMinor: amountMinor, reason: reason)
        order.destination = destination
        let command = Command(
            caller: LifecycleCommands.node, key: key, requestHash: LifecycleCommands.hash("take back", key),
            action: .refund(order))
        return try await ledger.submit([command], atomically: false)[0].outcome
    }
}
