import Cryptography
import Kernel

extension Model {
    /// What an action must come to, before it is known whether the book can take its movement.
    func carryOut(_ action: Action, _ now: Circumstances) -> Prediction {
        switch action {
        case .settle(let order): settle(order, now)
        case .refund(let order): refund(order)
        case .hold(let order): hold(order, now)
        case .resolveHold(let order): resolve(order, now)
        case .fund(let order): fund(order)
        case .chargeGas(let order): gas(order, now)
        case .allow: .done(200)
        case .restrict: .done(200)
        case .recordManifests(let manifests):
            isSignersOwn(manifests) ? .done(201) : .refused(422, "manifest_owner_changed")
        case .refuse(let order): .refused(order.status, order.code)
        case .transfer, .advance: preconditionFailure("the rails' simulation has these")
        }
    }

    private func settle(_ order: SettleOrder, _ now: Circumstances) -> Prediction {
        let payer = order.payer.string
        if frozen.contains(payer) { return .refused(422, "account_frozen") }
        guard isSignersOwn(order.manifests) else { return .refused(422, "manifest_owner_changed") }
        guard mayTake(order, now) else { return .refused(403, "payer_consent_missing") }
        var movement = Movement(kind: "settlement", id: order.settlementID)
        // What a payer pays to themselves stays where it is, in cash or in credit.
        let others = order.parts.filter { $0.did.string != payer }
        let kept = order.parts.filter { $0.did.string == payer }.reduce(Int128(0)) { $0 + Int128($1.amountMinor) }
        let gross = Int128(order.grossMinor)
        guard spend(gross, moving: gross - kept, payer, order.currency, &movement) != nil else {
            return .refused(402, "insufficient_funds")
        }
        for part in others { pay(part.did.string, order.currency, Int128(part.amountMinor), &movement) }
        for fee in order.fees {
            let isCredit = fee.kind.rawValue == "buyer_credit"
            let key =
                isCredit
                ? AccountKey(owner: payer, kind: .credit, currency: order.currency)
                : AccountKey(kind: .fees, detail: fee.kind.rawValue, currency: order.currency)
            movement.credit(key, Int128(fee.amountMinor))
        }
        return .done(201, movement)
    }

    private func isSignersOwn(_ manifests: [ManifestRecord]) -> Bool {
        manifests.allSatisfy { manifestSigners[$0.manifestID] ?? $0.signer == $0.signer }
    }

    private func mayTake(_ order: SettleOrder, _ now: Circumstances) -> Bool {
        switch order.consent {
        case .payer, .trustedService: return true
        case .authorization(let nonce, let notAfterMs, _):
            let key = AuthorizationKey(payer: order.payer.string, nonce: nonce)
            return notAfterMs >= now.nowMs && !spentAuthorizations.contains(key)
        case .allowance(let service):
            let key = AllowanceKey(payer: order.payer.string, service: service, currency: order.currency)
            guard let allowance = allowances[key], allowance.order.notAfterMs >= now.nowMs else { return false }
            let spent = allowance.day >= now.nowMs.utcDay ? allowance.spent : 0
            return order.grossMinor <= allowance.order.maxAmountMinor
                && Int128(spent) + Int128(order.grossMinor) <= Int128(allowance.order.perDayMinor)
        }
    }

    private func refund(_ order: RefundOrder) -> Prediction {
        guard let before = refunded[order.settlementID] else { return .refused(404, "settlement_unknown") }
        let amount = order.amountMinor ?? (order.grossMinor - before)
        guard amount > 0, Int128(before) + Int128(amount) <= Int128(order.grossMinor) else {
            return .refused(422, "refund_exceeds_remainder")
        }
        func step(_ shares: [Int64]) -> [Int128] {
            zip(Self.shares(shares, of: before + amount), Self.shares(shares, of: before)).map { $0 - $1 }
        }
        var movement = Movement(kind: "refund", id: order.refundID)
        let payer = order.payer.string
        func isKept(_ source: RefundSource) -> Bool { source.fee == nil && source.did.string == payer }
        for (source, part) in zip(order.sources, step(order.sources.map(\.amountMinor))) where !isKept(source) {
            switch source.fee?.rawValue {
            case nil where part < 0: pay(source.did.string, order.currency, -part, &movement)
            case nil:
                takeBack(AccountKey(owner: source.did.string, kind: .cash, currency: order.currency), part, &movement)
            case "buyer_credit":
                let credit = AccountKey(owner: payer, kind: .credit, currency: order.currency)
                if part < 0 { movement.credit(credit, -part) } else { takeBack(credit, part, &movement) }
            case .some(let kind):
                movement.debit(AccountKey(kind: .fees, detail: kind, currency: order.currency), part)
            }
        }
        func moved(_ total: Int64) -> Int64 {
            let shares = Self.shares(order.sources.map(\.amountMinor), of: total)
            return Int64(zip(order.sources, shares).reduce(Int128(0)) { isKept($1.0) ? $0 : $0 + $1.1 })
        }
        let paid = [order.creditMinor, moved(order.grossMinor) - order.creditMinor]
        let back = zip(Self.shares(paid, of: moved(before + amount)), Self.shares(paid, of: moved(before))).map {
            $0 - $1
        }
        let credit = AccountKey(owner: payer, kind: .credit, currency: order.currency)
        if back[0] < 0 { takeBack(credit, -back[0], &movement) } else { movement.credit(credit, back[0]) }
        if back[1] < 0 {
            takeBack(AccountKey(owner: payer, kind: .cash, currency: order.currency), -back[1], &movement)
        } else {
            pay(payer, order.currency, back[1], &movement)
        }
        return .done(201, movement)
    }

    private func hold(_ order: HoldOrder, _ now: Circumstances) -> Prediction {
        if holds[order.holdID] != nil { return .refused(409, "hold_resolved") }
        let owner = order.from.owner
        if frozen.contains(owner) { return .refused(422, "account_frozen") }
        let limit = Int128(heldBack[owner]?[order.from.currency] ?? 0)
        var reasons: [Answer] = []
        if limit > 0, available(order.from) - limit < Int128(order.amountMinor) {
            reasons.append(Answer(status: 402, code: "insufficient_funds"))
        }
        if let end = order.expiresAtMs, end <= now.nowMs { reasons.append(Answer(status: 422, code: "hold_expired")) }
        guard reasons.isEmpty else { return Prediction(allowed: reasons, isStored: true) }
        var movement = Movement(kind: "hold", id: order.holdID)
        movement.heldDebit[order.from, default: 0] += Int128(order.amountMinor)
        movement.heldCredit[order.to, default: 0] += Int128(order.amountMinor)
        return .done(201, movement)
    }

    private func resolve(_ order: ResolveHoldOrder, _ now: Circumstances) -> Prediction {
        guard let hold = holds[order.holdID] else { return .refused(404, "hold_unknown") }
        switch hold.status {
        case .pending: break
        case .expired: return .refused(422, "hold_expired")
        case .posted, .voided: return .refused(409, "hold_resolved")
        }
        let isOver = hold.order.expiresAtMs.map { $0 <= now.nowMs } ?? false
        let kinds = ["hold_post", "hold_void", "hold_expire"]
        var movement = Movement(kind: kinds[order.resolution.index], id: order.holdID)
        movement.heldDebit[hold.order.from, default: 0] -= Int128(hold.order.amountMinor)
        movement.heldCredit[hold.order.to, default: 0] -= Int128(hold.order.amountMinor)
        switch order.resolution {
        case .void: break
        case .expire: if !isOver { return .refused(409, "hold_not_due") }
        case .post(let amount):
            if isOver { return .refused(422, "hold_expired") }
            let moved = amount ?? hold.order.amountMinor
            guard moved > 0, moved <= hold.order.amountMinor else { return .refused(422, "hold_exceeded") }
            movement.debit(hold.order.from, Int128(moved))
            if hold.order.to.kind == .cash {
                pay(hold.order.to.owner, hold.order.to.currency, Int128(moved), &movement)
            } else {
                movement.credit(hold.order.to, Int128(moved))
            }
        }
        return .done(200, movement)
    }

    private func fund(_ order: FundOrder) -> Prediction {
        var movement = Movement(kind: order.asCredit ? "credit" : "fund", id: order.fundID)
        let amount = Int128(order.amountMinor)
        if order.asCredit {
            movement.debit(AccountKey(kind: .promotions, currency: order.currency), amount)
            movement.credit(AccountKey(owner: order.did.string, kind: .credit, currency: order.currency), amount)
        } else {
            movement.debit(AccountKey(kind: .devFunding, currency: order.currency), amount)
            pay(order.did.string, order.currency, amount, &movement)
        }
        return .done(201, movement)
    }

    /// Messages of the pair that count now.
    func counted(_ order: GasOrder, _ now: Circumstances) -> [Int64] {
        let key = GasKey(cluster: order.cluster.string, recipient: order.recipient.string)
        let since = max(now.nowMs, now.loadedAtMs) - 30 * 86_400_000
        return (messages[key] ?? []).filter { $0 > since && $0 > now.nowMs - 30 * 86_400_000 }
    }

    private func gas(_ order: GasOrder, _ now: Circumstances) -> Prediction {
        let rules = [order.sender, order.cluster].map {
            now.gasRules[GasKey(cluster: $0.string, recipient: order.recipient.string)] ?? GasRule()
        }
        if rules.contains(where: { $0.standing == .blacklisted }) { return .refused(403, "recipient_blocked") }
        if frozen.contains(order.sender.string) { return .refused(422, "account_frozen") }
        let times = counted(order, now)
        let isWelcome = rules[0].standing == .whitelisted
        if let most = rules[1].perDayMax ?? rules[0].perDayMax, !isWelcome,
            times.count(where: { $0 > now.nowMs - 86_400_000 }) >= most
        {
            return .refused(429, "recipient_rate_limited", stored: false)
        }
        let halves: [Int128] = [2, 3, 6, 14, 30, 80]
        let price = isWelcome ? 0 : (Int128(order.baseMinor) * halves[min(times.count, 5)] + 1) / 2
        guard price <= 9_000_000_000_000_000 else { return .refused(422, "amount_overflow") }
        guard price > 0 else { return .done(201) }
        var movement = Movement(kind: "gas", id: order.chargeID)
        guard spend(price, order.sender.string, order.currency, &movement) != nil else {
            return .refused(402, "insufficient_funds")
        }
        movement.credit(AccountKey(kind: .gas, currency: order.currency), price)
        return .done(201, movement)
    }
}

extension HoldResolution {
    var index: Int {
        switch self {
        case .post: 0
        case .void: 1
        case .expire: 2
        }
    }
}

extension Int64 {
    /// Days since 1970 of milliseconds since 1970.
    var utcDay: Int64 { Int64((Double(self) / 86_400_000).rounded(.down)) }
}
