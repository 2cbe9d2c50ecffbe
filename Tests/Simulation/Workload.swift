import Cryptography
import Kernel
import LedgerDouble

/// What clients wish for: random commands that mostly make sense in the book as it is, and sometimes do not.
enum Workload {
    enum Kind: CaseIterable {
        case fund, settle, refund, hold, resolve, gas, allow, restrict, refuse, record, rule
    }

    static let currencies = ["USD", "MJN"]

    /// The same command, making things under other ids: what a server does with a retry whose first try it does not
    /// know.
    static func fresh(_ command: Command, _ suffix: String) -> Command {
        let action: Action
        switch command.action {
        case .settle(let order):
            action = .settle(
                SettleOrder(
                    settlementID: "\(order.settlementID)-\(suffix)", payer: order.payer, grossMinor: order.grossMinor,
                    currency: order.currency, service: order.service, type: order.type, manifestCID: order.manifestCID,
                    manifests: order.manifests, consent: order.consent, fees: order.fees, parts: order.parts,
                    breakdownJSON: order.breakdownJSON, metadataJSON: order.metadataJSON))
        case .refund(let order):
            action = .refund(
                RefundOrder(
                    refundID: "\(order.refundID)-\(suffix)", settlementID: order.settlementID, payer: order.payer,
                    currency: order.currency, grossMinor: order.grossMinor, creditMinor: order.creditMinor,
                    sources: order.sources, amountMinor: order.amountMinor, reason: order.reason))
        case .hold(let order):
            action = .hold(
                HoldOrder(
                    holdID: order.holdID.contains("again") ? order.holdID : "\(order.holdID)-\(suffix)",
                    from: order.from, to: order.to, amountMinor: order.amountMinor, expiresAtMs: order.expiresAtMs))
        case .fund(let order):
            action = .fund(
                FundOrder(
                    fundID: "\(order.fundID)-\(suffix)", did: order.did, amountMinor: order.amountMinor,
                    currency: order.currency, asCredit: order.asCredit))
        case .chargeGas(let order):
            action = .chargeGas(
                GasOrder(
                    chargeID: "\(order.chargeID)-\(suffix)", sender: order.sender, cluster: order.cluster,
                    recipient: order.recipient, tier: order.tier, baseMinor: order.baseMinor, currency: order.currency))
        case .resolveHold, .allow, .restrict, .recordManifests, .refuse, .transfer, .advance:
            action = command.action
        }
        return Command(caller: command.caller, key: command.key, requestHash: command.requestHash, action: action)
    }

    /// A settlement's lines as its reply showed them: some DIDs stand in two lines. Always the same for one settlement.
    static func lines(of order: SettleOrder) -> [RefundSource] {
        Commands.sources(of: order).flatMap { source -> [RefundSource] in
            let third = source.amountMinor / 3
            guard source.fee == nil, third > 0, source.amountMinor % 2 == 0 else { return [source] }
            return [source.amountMinor - third, third].map {
                RefundSource(fee: nil, did: source.did, role: source.role, amountMinor: $0)
            }
        }
    }
}
