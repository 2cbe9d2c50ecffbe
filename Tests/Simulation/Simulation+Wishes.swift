import Cryptography
import Kernel
import LedgerDouble
import Settlement

extension Simulation {
    /// What the next client asks for; nothing when the wish was fulfilled on the spot.
    func wish(_ id: Int) -> (members: [Command], isAtomic: Bool) {
        if random.chance(perMille: swarm.keyReusePerMille), let other = random.pick(clients.operations) {
            // A key that somebody used, with a body of its own.
            guard let command = command("reuse\(id)") else { return ([], false) }
            let identity = other.members[random.below(other.members.count)].identity
            let renamed = Command(
                caller: identity.caller, key: identity.key, requestHash: command.requestHash, action: command.action)
            return ([renamed], false)
        }
        if random.chance(perMille: swarm.atomicPerMille) {
            let members = (0..<(2 + random.below(4))).compactMap { command("k\(id).\($0)") }
            if members.count > 1 { return (members, true) }
        }
        guard let command = command("k\(id)") else { return ([], false) }
        return ([command], false)
    }

    private func command(_ key: String) -> Command? {
        switch Workload.Kind.allCases[random.weighted(swarm.weights)] {
        case .fund:
            return Commands.fund(key, person(), amount(), currency(), asCredit: random.chance(perMille: 250))
        case .settle: return settle(key)
        case .refund: return refund(key) ?? settle(key)
        case .hold: return hold(key)
        case .resolve: return resolve(key) ?? hold(key)
        case .gas:
            let cluster = random.chance(perMille: 300) ? person() : nil
            let base = random.chance(perMille: 300) ? 0 : amount()
            return Commands.gas(
                key, from: person(), to: person(), tier: 1 + random.below(3),
                baseMinor: min(base, 1_000_000_000_000_000),
                cluster: cluster, currency: currency())
        case .allow:
            let notAfterMs = Self.startMs + random.within(-10_000...200 * 86_400_000)
            return Commands.allow(
                key, payer: person(), max: amount(), perDay: amount(), currency(), notAfterMs: notAfterMs)
        case .restrict: return restrict(key)
        case .refuse:
            let (status, code) = random.chance(perMille: 700) ? (422, "manifest_unsigned") : (503, "chain_unresolved")
            return Commands.refuse(key, status: status, code: code)
        case .record:
            return Commands.command(key: key, body: "record \(key)", .recordManifests([manifest()]))
        case .rule:
            let gas = GasKey(cluster: person().string, recipient: person().string)
            let standings: [GasRule.Standing] = [.neutral, .whitelisted, .blacklisted]
            let perDayMax = random.chance(perMille: 500) ? random.below(4) : nil
            let rule = GasRule(standing: random.pick(standings) ?? .neutral, perDayMax: perDayMax)
            note("rule \(gas): \(rule)")
            book.gasRules[gas] = rule
            return nil
        }
    }

    private func person() -> DID { People.did("p\(random.below(swarm.people))") }
    private func currency() -> String { Workload.currencies[random.below(swarm.currencies)] }
    private func amount() -> Int64 { random.edgeAmount(max: swarm.amountMax) }

    private func manifest() -> ManifestRecord {
        let number = random.below(4)
        let signer = random.chance(perMille: 800) ? "signer\(number)" : "signer\(random.below(4))"
        return ManifestRecord(
            cid: "bafy\(number)\(signer)", manifestID: "m\(number)", signer: signer, json: [0x7B, 0x7D])
    }

    /// What somebody has to spend, cash and credit together.
    private func purse(_ did: DID, _ currency: String) -> Int64 {
        let minor = model.available(.cash(did, currency)) + model.available(.credit(did, currency))
        return Int64(clamping: minor)
    }

    private func settle(_ key: String) -> Command {
        let (payer, currency) = (person(), currency())
        let purse = purse(payer, currency)
        var left = random.chance(perMille: 800) && purse > 0 ? random.edgeAmount(max: purse) : amount()
        var fees: [FeePart] = []
        for kind in [FeeLine.Kind.protocol, .node, .buyerCredit] where random.chance(perMille: 300) && left > 1 {
            let fee = random.within(1...max(1, left / 50))
            fees.append(FeePart(kind: kind, amountMinor: fee))
            left -= fee
        }
        var parts: [(DID, Int64)] = []
        for _ in 0..<random.below(6) where left > 1 {
            let part = random.within(1...(left - 1))
            parts.append((person(), part))
            left -= part
        }
        parts.append((random.chance(perMille: 100) ? payer : person(), left))
        return Commands.settle(
            key, payer: payer, to: parts, fees: fees, currency, consent: consent(),
            service: random.chance(perMille: 500) ? "shop" : "cafe",
            manifests: random.chance(perMille: 150) ? [manifest()] : [])
    }

    private func consent() -> Consent {
        switch random.below(4) {
        case 0: return .allowance(service: People.shop.string)
        case 1:
            let notAfterMs = Self.startMs + random.within(-1000...40 * 86_400_000)
            return .authorization(nonce: "n\(random.below(6))", notAfterMs: notAfterMs)
        default: return random.chance(perMille: 500) ? .payer : .trustedService
        }
    }

    private func refund(_ key: String) -> Command? {
        let known = book.settlements.keys.sorted()
        guard let id = random.pick(known), let row = book.settlements[id] else { return nil }
        let order = row.order
        let isUnknown = random.chance(perMille: 30)
        let left = order.grossMinor - (book.refundedTotals[id] ?? 0)
        let amounts = [nil, random.edgeAmount(max: max(left, 1)), 1, random.edgeAmount(max: order.grossMinor)]
        let refund = RefundOrder(
            refundID: "rfd_\(key)", settlementID: isUnknown ? "stl_unknown" : id, payer: order.payer,
            currency: order.currency, grossMinor: order.grossMinor, creditMinor: row.creditMinor,
            sources: Workload.lines(of: order), amountMinor: amounts[random.below(amounts.count)], reason: "asked")
        return Commands.command(
            key: key, body: "refund \(refund.settlementID) \(refund.amountMinor ?? 0)", .refund(refund))
    }

    private func hold(_ key: String) -> Command {
        let (owner, currency) = (person(), currency())
        let kinds: [AccountKind] = [.cash, .cash, .credit, .escrow]
        let from = AccountKey(owner: owner.string, kind: random.pick(kinds) ?? .cash, currency: currency)
        let targets: [AccountKey] = [
            .escrow(person(), currency), .cash(person(), currency),
            AccountKey(kind: .clearing, detail: "bank", currency: currency),
        ]
        let available = Int64(clamping: model.available(from))
        let minor = random.chance(perMille: 800) && available > 0 ? random.edgeAmount(max: available) : amount()
        let expiresAtMs = random.chance(perMille: 500) ? Self.startMs + queue.now + random.within(-500...20_000) : nil
        let isAgain = random.chance(perMille: 50)
        return Commands.hold(
            key, from: from, to: random.pick(targets) ?? from, minor, expiresAtMs: expiresAtMs,
            id: isAgain ? "hld_again" : nil)
    }

    private func resolve(_ key: String) -> Command? {
        let known = book.holds.keys.sorted()
        guard let id = random.pick(known), let row = book.holds[id] else { return nil }
        let partly = random.chance(perMille: 700) ? random.edgeAmount(max: row.amountMinor) : amount()
        let resolutions: [HoldResolution] = [.post(amountMinor: nil), .post(amountMinor: partly), .void, .expire]
        let order = ResolveHoldOrder(
            holdID: random.chance(perMille: 30) ? "hld_unknown" : id, from: row.from, to: row.to,
            resolution: resolutions[random.below(resolutions.count)])
        return Commands.command(
            key: key, body: "resolve \(order.holdID) \(order.resolution)", .resolveHold(order))
    }

    private func restrict(_ key: String) -> Command {
        let change: RestrictOrder.Change =
            switch random.below(4) {
            case 0: .freeze
            case 1: .holdBack(currency: currency(), amountMinor: random.chance(perMille: 400) ? 0 : amount())
            default: .unfreeze
            }
        return Commands.restrict(key, person(), change)
    }
}
