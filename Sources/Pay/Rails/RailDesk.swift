public import Cryptography
public import Kernel
public import Settlement

/// What pay needs for rails: the adapters that are on, and the operator's rules for them.
public struct RailDesk: Sendable {
    /// The node: it pays the rails' fees, and gets back what payees bear of them.
    public var node: DID
    /// The rails that are on.
    public var rails: [any Rail]
    /// Those that are off, with what is missing; for people.
    public var off: [RailName: String] = [:]
    /// Where rails may send payers, and Stripe sellers, afterwards.
    public var returnOrigins: ReturnOrigins
    /// Who bears what a rail takes of a payment.
    public var feeBearer = RailFeeBearer.payees
    /// What payers pay on top where they bear it, by currency; nothing where none is named.
    public var surcharges: [String: RailSurcharge] = [:]
    /// How long a payer has: a day, the longest that every rail keeps a page open.
    public var paymentLifeMs: Int64 = 86_400_000
    /// How long a request waits for a rail: less than what clients wait for an answer. Past it the call goes on, and
    /// the same key finds out what came of it.
    public var waitMs: Int64 = 25_000
    /// How a payer pays where a page does not say it, one JSON object; nil: the payment's `url` says all. It must
    /// follow from what never changes of a payment.
    public var instructions: @Sendable (Payment) -> [UInt8]? = { _ in nil }
    /// Rails whose payers fetch what they sign from the node.
    public var payerTransactions: [RailName: any PayerTransactions] = [:]
    /// Who asks, in payers' wallets.
    public var label = "MJN"
    /// Whether a DID may be paid out, and at its own address.
    public var payoutStanding: @Sendable (DID) async throws(LedgerFailure) -> PayoutStanding = { .unbound($0) }
    /// Sellers' accounts at a rail; nil: there is no such rail.
    public var onboarding: PayeeOnboarding?
    /// Milliseconds since 1970.
    public var clock: @Sendable () -> Int64
    /// What this process is called, for whoever comes after it; nil: it has no name.
    public var process: String?
    /// Told of everything that an operator may want to see; must not block.
    public var report: @Sendable (RailReport) -> Void = { _ in }

    /// The parts without a default.
    public init(
        node: DID, rails: [any Rail], returnOrigins: ReturnOrigins, clock: @escaping @Sendable () -> Int64
    ) {
        self.node = node
        self.rails = rails
        self.returnOrigins = returnOrigins
        self.clock = clock
    }

    /// What a payer pays on top of an amount; nil when the sum is no amount any more.
    func surchargeMinor(on amountMinor: Int64, currency: String) -> Int64? {
        guard feeBearer == .payer, let rule = surcharges[currency] else { return 0 }
        let surcharge = rule.surchargeMinor(on: amountMinor)
        guard let surcharge, surcharge <= Money.amountMaxMinor - amountMinor else { return nil }
        return surcharge
    }
}

/// What a payer pays on top for the rail: a rate and a fixed part. What it does not cover of the rail's actual fee, or
/// covers too much, is the node's.
public struct RailSurcharge: Hashable, Sendable {
    /// The dearest rate: half of the amount.
    static let bpsMax = 5000

    /// Basis points of the amount, the product rounded up.
    public let bps: Int
    /// Minor units.
    public let fixedMinor: Int64

    /// A rule.
    /// - Throws: `PaySetupError` for a rate outside 0 … 5,000, or a fixed part that is no amount.
    public init(bps: Int, fixedMinor: Int64) throws(PaySetupError) {
        guard (0...Self.bpsMax).contains(bps), (0...Money.amountMaxMinor).contains(fixedMinor) else {
            throw PaySetupError("a surcharge is 0 to \(Self.bpsMax) basis points and a fixed part in minor units")
        }
        self.bps = bps
        self.fixedMinor = fixedMinor
    }

    func surchargeMinor(on amountMinor: Int64) -> Int64? {
        let rate = (Int128(amountMinor) * Int128(bps) + 9_999) / 10_000
        return Int64(exactly: rate + Int128(fixedMinor))
    }
}

/// How a rail stands at this node, for readiness and the operator.
public struct RailState: Hashable, Sendable {
    /// Which.
    public let name: RailName
    /// Why it is off; nil: it is on.
    public let offReason: String?

    /// Whether it is on.
    public var isOn: Bool { offReason == nil }
}

extension PayService {
    /// The rails that a node can have.
    static let knownRails: [RailName] = [.stripe, .emt, .solana]

    /// Every rail, on or off, by name.
    public var railStates: [RailState] {
        let names = Set(Self.knownRails).union(worker.map(\.names) ?? []).union(desk?.off.keys.map { $0 } ?? [])
        return names.sorted { $0.rawValue < $1.rawValue }.map { name in
            let isOn = worker?.rail(name) != nil
            return RailState(
                name: name, offReason: isOn ? nil : desk?.off[name] ?? "its settings are missing")
        }
    }
}
