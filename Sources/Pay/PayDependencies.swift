public import Cryptography
public import Kernel
public import Service
public import Settlement

/// What pay needs from outside. The composition root fills it in.
public struct PayDependencies: Sendable {
    /// The book.
    public var store: any LedgerStore & LifecycleStore
    /// Who may call.
    public var callers: any CallerDirectory
    /// What the store keeps besides the book.
    public var rules: PayRules
    /// What the node takes of every settlement.
    public var fees: FeeSchedule
    /// The keys behind DIDs that sign manifests and authorizations.
    public var keys: any KeyDirectory = DIDKeyResolver()
    /// What is asked of platform signatures.
    public var platform = PlatformPolicy.ifPresent
    /// Gas prices of tiers 1, 2 and 3 before the factor, minor MJN.
    public var gasBasesMinor = Gas.basesMinor
    /// Makes an identifier, new on each call, behind a prefix such as `stl_`.
    public var makeID: @Sendable (_ prefix: String) -> String = { $0 + ULID.text(nowMs: SystemClock.milliseconds()) }
    /// Session keys; nil: the service gives out none.
    public var sessions: SessionKeyStore?
    /// Where it counts.
    public var metrics: PayMetrics
    /// Verified manifests; shared, so that whoever retires a key can empty it.
    public var manifests = ManifestCache()
    /// Bounds callers that the operator has not allowed, payers who sign for themselves; nil: no bound.
    public var strangersLimiter: RateLimiter?
    /// The rails; nil: all are off.
    public var rails: RailDesk?
    /// How long a payee's change waits before it is in force, so that its owner can object to one by a thief: a day.
    public var payeeDelayMs: Int64 = 86_400_000

    /// The parts without a default.
    public init(
        store: any LedgerStore & LifecycleStore, callers: any CallerDirectory, rules: PayRules, fees: FeeSchedule,
        metrics: PayMetrics
    ) {
        self.store = store
        self.callers = callers
        self.rules = rules
        self.fees = fees
        self.metrics = metrics
    }
}

/// What is kept beside the book and needs no command: each closure is one call of the store.
public struct PayRules: Sendable {
    /// A payer's allowances for a service, one per currency.
    public var allowances: @Sendable (_ payer: DID, _ service: DID) async throws(LedgerFailure) -> [AllowanceRow]
    /// Replaces what a recipient says about senders; `perDayMax` nil: no limit.
    public var setGasPreferences:
        @Sendable (_ recipient: DID, _ standings: [DID: GasRule.Standing], _ perDayMax: Int32?)
            async throws(LedgerFailure) -> Void
    /// Records a business's founding DID.
    public var setGasCluster: @Sendable (_ sender: DID, _ founder: DID) async throws(LedgerFailure) -> Void

    /// Groups the closures.
    public init(
        allowances: @escaping @Sendable (_ payer: DID, _ service: DID) async throws(LedgerFailure) -> [AllowanceRow],
        setGasPreferences:
            @escaping @Sendable (_ recipient: DID, _ standings: [DID: GasRule.Standing], _ perDayMax: Int32?)
            async throws(LedgerFailure) -> Void,
        setGasCluster: @escaping @Sendable (_ sender: DID, _ founder: DID) async throws(LedgerFailure) -> Void
    ) {
        self.allowances = allowances
        self.setGasPreferences = setGasPreferences
        self.setGasCluster = setGasCluster
    }
}
