public import Cryptography
public import Kernel

/// What a caller asks for, read and checked for form.
public struct SettlementTerms: Sendable {
    /// Who pays.
    public let payer: DID
    /// Minor units, 1 … `Money.amountMaxMinor`.
    public let grossMinor: Int64
    /// The currency.
    public let currency: Currency
    /// The service's name, as the caller gave it.
    public let service: String
    /// The transaction's type, which may name a right of the manifest.
    public let type: String
    /// The request's `metadata` as received, or empty.
    public let metadataJSON: [UInt8]

    /// Terms.
    public init(
        payer: DID, grossMinor: Int64, currency: Currency, service: String, type: String, metadataJSON: [UInt8]
    ) {
        self.payer = payer
        self.grossMinor = grossMinor
        self.currency = currency
        self.service = service
        self.type = type
        self.metadataJSON = metadataJSON
    }
}

/// Why a plan cannot be made.
public enum PlanFailure: Error, Hashable, Sendable {
    /// The manifest cannot be split for this type.
    case manifest(ManifestError)
    /// The amount cannot be split.
    case money(MoneyError)

    /// Stable code.
    public var code: String {
        switch self {
        case .manifest(let error): error.code
        case .money(let error): error.code
        }
    }

    /// One sentence for a person.
    public var reason: String {
        switch self {
        case .manifest(let error): error.reason
        case .money(let error): error.reason
        }
    }
}

/// Plans settlements by verified manifests. Pure: the same input gives the same order.
public struct SettlementPlanner: Sendable {
    /// What the node takes.
    public let fees: FeeSchedule
    /// The node, which pays the rails' fees; `nil`: it has no rails.
    public let node: DID?

    /// A planner.
    public init(fees: FeeSchedule, node: DID? = nil) {
        self.fees = fees
        self.node = node
    }

    /// Divides the terms' amount by a manifest: fees first, then the manifest's lines over what is left.
    /// - Parameter payment: the payment that funds it, if one does: what its payees bear of the rail's fee comes off
    ///   before the split.
    /// - Throws: `contributor_not_payable`, `manifest_malformed` and `chain_invalid` for lists that contradict each
    ///   other for this type, `chain_too_deep`; `amount_invalid`.
    public func plan(
        _ terms: SettlementTerms, manifest: KnownManifest, payment: Payment? = nil
    ) throws(PlanFailure) -> SettlementPlan {
        let prepared: PreparedSplit
        do throws(ManifestError) {
            prepared = try manifest.split(forType: terms.type)
        } catch {
            throw .manifest(error)
        }
        do throws(MoneyError) {
            let split = try Split(
                grossMinor: terms.grossMinor, plan: prepared.plan, fees: fees, buyer: terms.payer,
                // A fee without anybody who paid it is not in the split; the book refuses it then.
                railFeeMinor: node == nil ? 0 : payment?.payeesFeeMinor ?? 0, railPayer: node)
            return SettlementPlan(
                terms: terms, manifest: manifest, split: split, payment: payment, prepared: prepared)
        } catch {
            throw .money(error)
        }
    }
}

/// A settlement that can be split; only the payer's consent is wanting.
public struct SettlementPlan: Sendable {
    /// What was asked for.
    public let terms: SettlementTerms
    /// By which manifest.
    public let manifest: KnownManifest
    /// Who gets what.
    public let split: Split
    /// The payment that funds it; `nil`: the payer's balance.
    public let payment: Payment?
    let prepared: PreparedSplit

    /// The order that carries it out.
    /// - Parameters:
    ///   - settlementID: `stl_…`, new.
    ///   - consent: by what right the payer's money is taken.
    public func order(consent: Consent, settlementID: String) -> SettleOrder {
        var feeParts: [FeePart] = []
        for fee in split.feeLines where fee.amountMinor > 0 {
            feeParts.append(FeePart(kind: fee.kind, amountMinor: fee.amountMinor))
        }
        var order = SettleOrder(
            settlementID: settlementID, payer: terms.payer, grossMinor: terms.grossMinor,
            currency: terms.currency.code, service: terms.service, type: terms.type, manifestCID: manifest.cidText,
            manifests: manifest.records, consent: consent, fees: feeParts,
            parts: split.payeeTotals.map { PayeePart(did: $0.did, amountMinor: $0.amountMinor) },
            breakdownJSON: prepared.breakdown(split), metadataJSON: terms.metadataJSON)
        if let payment { order.funding = .payment(id: payment.id, rail: payment.rail) }
        return order
    }
}
