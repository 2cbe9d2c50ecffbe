import Cryptography
import Kernel
import Service
import Settlement

/// What the rails' worker asks of pay: settles payments by their frozen manifests, and takes settlements back.
struct PaymentSettler: PaymentSettling {
    let library: ManifestLibrary
    let planner: SettlementPlanner
    let store: any LedgerStore
    let makeID: @Sendable (_ prefix: String) -> String

    func settle(_ payment: Payment) async -> PaymentSettlement {
        guard case .settle(let text) = payment.purpose, let cid = try? CID(text), let payer = try? DID(payment.payer),
            let currency = Currency.named(payment.currency)
        else { return .refused(RailRefusal(code: "payment_mismatch", reason: "the payment names no manifest")) }
        let manifest: KnownManifest
        do throws(ManifestFailure) {
            manifest = try await library.recorded(cid, links: [])
        } catch {
            return Self.settlement(error)
        }
        let terms = SettlementTerms(
            payer: payer, grossMinor: payment.amountMinor, currency: currency, service: payment.service,
            type: payment.type, metadataJSON: payment.metadataJSON)
        let plan: SettlementPlan
        do throws(PlanFailure) {
            plan = try planner.plan(terms, manifest: manifest, payment: payment)
        } catch {
            return .refused(RailRefusal(code: error.code, reason: error.reason))
        }
        // The payer agreed by paying.
        let order = plan.order(consent: .payer, settlementID: payment.direct?.settlementID ?? makeID("stl_"))
        let command = Command(
            caller: payment.creator, key: "payment:\(payment.id)",
            requestHash: LifecycleCommands.hash("payment", payment.id), action: .settle(order))
        do throws(LedgerFailure) {
            return Self.settlement(try await store.submit([command], atomically: false)[0].outcome)
        } catch {
            return .later("the ledger did not answer: \(error)")
        }
    }

    /// What cannot be verified now may be later; what is refused stays so.
    private static func settlement(_ failure: ManifestFailure) -> PaymentSettlement {
        switch failure {
        case .store(let failure): return .later("the ledger did not answer: \(failure)")
        case .refused(let error):
            switch error {
            case .chainUnresolved, .keyUnavailable, .chainInvalid(_, .keyUnavailable):
                return .later("\(error.code): \(error.reason)")
            default: return .refused(RailRefusal(code: error.code, reason: error.reason))
            }
        }
    }

    private static func settlement(_ outcome: Outcome) -> PaymentSettlement {
        guard let code = outcome.code else { return .settled }
        let reason = String(decoding: outcome.body, as: UTF8.self)
        switch outcome.status {
        case 402, 403, 422: return .refused(RailRefusal(code: code, reason: reason))
        // Its service was faster, or it moved on meanwhile: the worker reads it again.
        default: return .later("\(code): \(reason)")
        }
    }

    func parts(ofSettlement id: String) async throws(LedgerFailure) -> [PayeePart] {
        try await found(id).payeeParts
    }

    func takeBack(
        settlement id: String, amountMinor: Int64, to destination: RefundDestination, reason: String, key: String
    ) async throws(LedgerFailure) -> Outcome {
        let found = try await found(id)
        guard
            let order = found.refundOrder(
                refundID: makeID("rfd_"), amountMinor: amountMinor, reason: reason, destination: destination)
        else { throw .rejected("the reply of \(id) is not one of a settlement") }
        let command = Command(
            caller: LifecycleCommands.node, key: key, requestHash: LifecycleCommands.hash("take back", id, key),
            action: .refund(order))
        return try await store.submit([command], atomically: false)[0].outcome
    }

    private func found(_ id: String) async throws(LedgerFailure) -> FoundSettlement {
        guard let stored = try await store.settlement(id) else { throw .rejected("there is no settlement \(id)") }
        do throws(Problem) {
            return try FoundSettlement(stored)
        } catch {
            throw .rejected("the reply of \(id) is no JSON")
        }
    }
}
