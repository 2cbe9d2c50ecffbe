public import Cryptography
public import Kernel

/// Builders of commands: what a test does not name has a plain default. The request hash covers everything that is
/// named, so that the same key with other arguments is another request.
public enum Commands {
    /// The currency where none is named.
    public static let usd = "USD"

    /// A command around an action, hashed by `body`.
    public static func command(
        caller: String = People.shop.string, key: String, body: String, _ action: Action
    ) -> Command {
        Command(caller: caller, key: key, requestHash: SHA256.hash(Array(body.utf8)), action: action)
    }

    /// Cash, or credit, for somebody. Its id is `fnd_` and the key.
    public static func fund(
        _ key: String, _ did: DID, _ amountMinor: Int64, _ currency: String = usd, asCredit: Bool = false,
        caller: String = "operator"
    ) -> Command {
        let order = FundOrder(
            fundID: "fnd_\(key)", did: did, amountMinor: amountMinor, currency: currency, asCredit: asCredit)
        return command(
            caller: caller, key: key, body: "fund \(did) \(amountMinor) \(currency) \(asCredit)", .fund(order))
    }

    /// A settlement `stl_` and the key. Its gross is the sum of its parts and fees; parts of one DID are merged.
    public static func settle(
        _ key: String, payer: DID, to parts: [(DID, Int64)], fees: [FeePart] = [], _ currency: String = usd,
        consent: Consent = .payer, service: String = "shop", manifests: [ManifestRecord] = [],
        caller: String = People.shop.string, id: String? = nil, funding: Funding = .balance
    ) -> Command {
        var merged: [DID] = []
        var sums: [DID: Int64] = [:]
        for (did, amountMinor) in parts where amountMinor > 0 {
            if sums[did] == nil { merged.append(did) }
            sums[did, default: 0] += amountMinor
        }
        let payees = merged.map { PayeePart(did: $0, amountMinor: sums[$0] ?? 0) }
        let gross = payees.reduce(0) { $0 + $1.amountMinor } + fees.reduce(0) { $0 + $1.amountMinor }
        var order = SettleOrder(
            settlementID: id ?? "stl_\(key)", payer: payer, grossMinor: gross, currency: currency, service: service,
            type: "order", manifestCID: "bafytest", manifests: manifests, consent: consent, fees: fees, parts: payees,
            breakdownJSON: breakdown(payees, fees), metadataJSON: [])
        order.funding = funding
        let cids = manifests.map(\.cid)
        let text = "settle \(payer) \(parts) \(fees) \(currency) \(consent) \(service) \(cids) \(funding)"
        return command(caller: caller, key: key, body: text, .settle(order))
    }

    /// What a reply says of the parts, as far as the verifier reads it.
    public static func breakdown(_ parts: [PayeePart], _ fees: [FeePart]) -> [UInt8] {
        let splits = parts.map { #"{"did":"\#($0.did.string)","amount":\#($0.amountMinor)}"# }
        let taken = fees.map { #"{"kind":"\#($0.kind.rawValue)","amount":\#($0.amountMinor)}"# }
        return Array(#""splits":[\#(splits.joined(separator: ","))],"fees":[\#(taken.joined(separator: ","))]"#.utf8)
    }

    /// A refund `rfd_` and the key of a settlement made by `settle`; `nil` gives back what is left.
    public static func refund(
        _ key: String, of settlement: Command, _ amountMinor: Int64?, creditMinor: Int64 = 0,
        lines: [RefundSource]? = nil, caller: String = People.shop.string,
        destination: RefundDestination = .balance
    ) -> Command {
        guard case .settle(let order) = settlement.action else { preconditionFailure("only settlements are refunded") }
        var refund = RefundOrder(
            refundID: "rfd_\(key)", settlementID: order.settlementID, payer: order.payer, currency: order.currency,
            grossMinor: order.grossMinor, creditMinor: creditMinor, sources: lines ?? sources(of: order),
            amountMinor: amountMinor, reason: "asked for")
        refund.destination = destination
        let text = "refund \(order.settlementID) \(amountMinor.map(String.init) ?? "rest")"
        return command(caller: caller, key: key, body: text, .refund(refund))
    }

    /// The lines of a settlement, as a refund takes them back: fees first.
    public static func sources(of order: SettleOrder) -> [RefundSource] {
        order.fees.map { fee in
            let owner = fee.kind == .buyerCredit ? order.payer : People.node
            return RefundSource(fee: fee.kind, did: owner, role: fee.kind.rawValue, amountMinor: fee.amountMinor)
        }
            + order.parts.map { RefundSource(fee: nil, did: $0.did, role: "payee", amountMinor: $0.amountMinor) }
    }

    /// A hold `hld_` and the key, from cash to escrow where nothing else is named.
    public static func hold(
        _ key: String, from: AccountKey, to: AccountKey, _ amountMinor: Int64, expiresAtMs: Int64? = nil,
        id: String? = nil, caller: String = People.shop.string
    ) -> Command {
        let order = HoldOrder(
            holdID: id ?? "hld_\(key)", from: from, to: to, amountMinor: amountMinor, expiresAtMs: expiresAtMs)
        let text = "hold \(from.name) \(to.name) \(amountMinor) \(expiresAtMs.map(String.init) ?? "-") \(order.holdID)"
        return command(caller: caller, key: key, body: text, .hold(order))
    }

    /// The end of a hold made by `hold`.
    public static func resolve(
        _ key: String, _ hold: Command, _ resolution: HoldResolution, caller: String = People.shop.string
    ) -> Command {
        guard case .hold(let order) = hold.action else { preconditionFailure("only holds are resolved") }
        let resolve = ResolveHoldOrder(
            holdID: order.holdID, from: order.from, to: order.to, resolution: resolution)
        return command(
            caller: caller, key: key, body: "resolve \(order.holdID) \(resolution)", .resolveHold(resolve))
    }

    /// A charge `gas_` and the key for one message.
    public static func gas(
        _ key: String, from sender: DID, to recipient: DID, tier: Int = 2, baseMinor: Int64 = 100, cluster: DID? = nil,
        currency: String = "MJN", caller: String = People.shop.string
    ) -> Command {
        let order = GasOrder(
            chargeID: "gas_\(key)", sender: sender, cluster: cluster ?? sender, recipient: recipient, tier: tier,
            baseMinor: baseMinor, currency: currency)
        let text = "gas \(sender) \(order.cluster) \(recipient) \(tier) \(baseMinor) \(currency)"
        return command(caller: caller, key: key, body: text, .chargeGas(order))
    }

    /// A payer's standing allowance for a service.
    public static func allow(
        _ key: String, payer: DID, service: DID = People.shop, max: Int64, perDay: Int64, _ currency: String = usd,
        notAfterMs: Int64 = 4_102_444_800_000
    ) -> Command {
        let order = AllowanceOrder(
            payer: payer, service: service, maxAmountMinor: max, perDayMinor: perDay, currency: currency,
            notAfterMs: notAfterMs)
        let text = "allow \(payer) \(service) \(max) \(perDay) \(currency) \(notAfterMs)"
        return command(caller: payer.string, key: key, body: text, .allow(order))
    }

    /// A change to a DID's restrictions, by the operator.
    public static func restrict(
        _ key: String, _ did: DID, _ change: RestrictOrder.Change, caller: String = "operator"
    ) -> Command {
        let order = RestrictOrder(did: did, change: change, reason: "test", actor: "operator")
        return command(caller: caller, key: key, body: "restrict \(did) \(change)", .restrict(order))
    }

    /// A refusal that was decided before the book was asked.
    public static func refuse(
        _ key: String, status: Int = 422, code: String = "manifest_unsigned", caller: String = People.shop.string
    ) -> Command {
        let order = RefuseOrder(status: status, code: code, detail: "The manifest is unsigned. Sign it.")
        return command(caller: caller, key: key, body: "refuse \(status) \(code)", .refuse(order))
    }
}

extension AccountKey {
    /// Somebody's cash.
    public static func cash(_ did: DID, _ currency: String = Commands.usd) -> AccountKey {
        AccountKey(owner: did.string, kind: .cash, currency: currency)
    }

    /// Somebody's credit.
    public static func credit(_ did: DID, _ currency: String = Commands.usd) -> AccountKey {
        AccountKey(owner: did.string, kind: .credit, currency: currency)
    }

    /// Money held for somebody.
    public static func escrow(_ did: DID, _ currency: String = Commands.usd) -> AccountKey {
        AccountKey(owner: did.string, kind: .escrow, currency: currency)
    }

    /// What somebody owes.
    public static func receivable(_ did: DID, _ currency: String = Commands.usd) -> AccountKey {
        AccountKey(owner: did.string, kind: .receivable, currency: currency)
    }
}
