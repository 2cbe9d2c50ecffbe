import Cryptography
import Kernel

extension Model {
    /// Keeps what later commands depend on.
    mutating func note(_ action: Action, _ now: Circumstances) {
        switch action {
        case .settle(let order): note(order, now)
        case .refund(let order):
            let before = refunded[order.settlementID] ?? 0
            refunded[order.settlementID] = before + (order.amountMinor ?? (order.grossMinor - before))
        case .hold(let order): holds[order.holdID] = Hold(order: order)
        case .resolveHold(let order):
            let ends: [HoldRow.Status] = [.posted, .voided, .expired]
            holds[order.holdID]?.status = ends[order.resolution.index]
        case .chargeGas(let order):
            let key = GasKey(cluster: order.cluster.string, recipient: order.recipient.string)
            let time = max(now.nowMs, counted(order, now).max() ?? now.nowMs)
            messages[key, default: []].append(time)
        case .allow(let order):
            let key = AllowanceKey(
                payer: order.payer.string, service: order.service.string, currency: order.currency)
            let before = allowances[key]
            allowances[key] = Allowance(order: order, day: before?.day ?? .min, spent: before?.spent ?? 0)
        case .restrict(let order):
            let did = order.did.string
            switch order.change {
            case .freeze: frozen.insert(did)
            case .unfreeze: frozen.remove(did)
            case .holdBack(let currency, let amountMinor): heldBack[did, default: [:]][currency] = amountMinor
            }
        case .recordManifests(let manifests):
            for manifest in manifests where manifestSigners[manifest.manifestID] == nil {
                manifestSigners[manifest.manifestID] = manifest.signer
            }
        case .fund, .refuse, .transfer, .advance: break
        }
    }

    private mutating func note(_ order: SettleOrder, _ now: Circumstances) {
        settlements[order.settlementID] = order
        refunded[order.settlementID] = 0
        for manifest in order.manifests where manifestSigners[manifest.manifestID] == nil {
            manifestSigners[manifest.manifestID] = manifest.signer
        }
        switch order.consent {
        case .payer, .trustedService: break
        case .authorization(let nonce, _, _):
            spentAuthorizations.insert(AuthorizationKey(payer: order.payer.string, nonce: nonce))
        case .allowance(let service):
            let key = AllowanceKey(payer: order.payer.string, service: service, currency: order.currency)
            let today = now.nowMs.utcDay
            guard var allowance = allowances[key] else { return }
            allowance.spent = (allowance.day >= today ? allowance.spent : 0) + order.grossMinor
            allowance.day = max(allowance.day, today)
            allowances[key] = allowance
        }
    }
}
